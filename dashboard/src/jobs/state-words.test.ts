import { expect, test } from "vitest";
import type { Activity, Job } from "../api/types.ts";
import { wordsOf } from "./state-words.ts";

const AT = "2026-11-28T07:00:00.000Z";
const NOTHING: Activity = {
  job: "job_1",
  jobsAhead: null,
  workerLostAt: null,
  lock: null,
  recordsUndone: null,
};
const LOCK = { pid: 4242, since: null, query: null };

function linesOf(
  change: Partial<Job>,
  { activity = {}, seconds = 1 }: { activity?: Partial<Activity>; seconds?: number } = {},
): readonly string[] {
  const job = {
    kind: "import",
    table: "public.people",
    mode: "append",
    delivery: "staged",
    phase: null,
    pauseAfter: null,
    result: null,
    failure: null,
    stateReason: { code: "", by: null, at: AT },
    progress: { recordsRead: 482_310, recordsWritten: 482_298, recordsRejected: 12 },
    ...change,
  } as Job; // the fields that the words look at
  return wordsOf(job).lines(job, Date.parse(AT) + seconds * 1000, { ...NOTHING, ...activity });
}

const NONE_READ = { recordsRead: 0, recordsWritten: 0, recordsRejected: 0 } as Job["progress"]; // those that are looked at
const BY_DANA = { code: "paused", by: "dana", at: AT };

test.each([
  [{ jobsAhead: 0 }, "Waits its turn."],
  [{ jobsAhead: 1 }, "Waits its turn: 1 job ahead."],
  [{ jobsAhead: 2 }, "Waits its turn: 2 jobs ahead."],
])("a job that waits says how many are before it: %j", (activity, line) => {
  expect(linesOf({ state: "queued", progress: NONE_READ }, { activity })).toEqual([line]);
});

test("a dry run never says that rows are in the table, or will be", () => {
  const isDryRun = { isDryRun: true } as Partial<Job>; // of an import
  expect(linesOf({ ...isDryRun, state: "running", phase: "publishing" })).toEqual([
    "A dry run: public.people is as it was.",
  ]);
  expect(linesOf({ ...isDryRun, state: "succeeded", progress: NONE_READ })).toEqual([
    "A dry run: public.people is as it was.",
  ]);
});

test("a job that waits again says from where it continues", () => {
  expect(linesOf({ state: "queued" })).toEqual([
    "Continues in a moment after 482,310 rows; nothing is lost.",
  ]);
  expect(linesOf({ state: "queued" }, { activity: { jobsAhead: 1 } })).toEqual([
    "Waits its turn: 1 job ahead.",
    "Continues after 482,310 rows; nothing is lost.",
  ]);
  expect(linesOf({ state: "queued" }, { activity: { workerLostAt: AT } })).toEqual([
    expect.stringMatching(/^The worker was lost at .*\. Continues in a moment; nothing is lost\.$/),
  ]);
});

test.each([
  ["import", 9, {}, "Saving the rows in hand."],
  ["process", 9, {}, "Finishing the current batch."],
  ["import", 12, {}, "Still waiting: the rows in hand have been written for 12 s."],
  ["process", 12, {}, "Still waiting: the batch has run for 12 s."],
  ["import", 12, { lock: LOCK }, "Still waiting for a lock held by pid 4242."],
] as const)(
  "an %s that pauses says after %i s what it waits for",
  (kind, seconds, activity, line) => {
    expect(linesOf({ kind, state: "pausing" }, { activity, seconds })).toEqual([line]);
  },
);

test("a pause and a stop name who asked for them", () => {
  expect(linesOf({ state: "paused", stateReason: BY_DANA }, { seconds: 180 })).toEqual([
    "Paused by dana 3 min ago, after 482,310 rows. Nothing runs and no lock is held.",
    "Nothing is visible in public.people until the end.",
  ]);
  expect(linesOf({ state: "stopped", stateReason: BY_DANA })).toEqual([
    "Stopped by dana after 482,310 rows. public.people is as it was.",
  ]);
});

test("publishing says what it waits for", () => {
  const state = { state: "running", phase: "publishing" } as const;

  expect(linesOf(state, { activity: { lock: LOCK } })).toEqual([
    "Making 482,298 rows visible in public.people in one step: all of them or none.",
    "Waiting for a lock held by pid 4242.",
  ]);
});

test("an undo counts where it goes row by row", () => {
  expect(linesOf({ state: "stopping" })).toEqual(["Discarding 482,298 rows."]);
  expect(linesOf({ state: "undoing" }, { activity: { recordsUndone: 120_400 } })).toEqual([
    "Undoing: 120,400 of 482,298 rows.",
  ]);
});
