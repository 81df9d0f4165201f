import { expect, test } from "vitest";
import { aJobView, NOW, type JobViewParts } from "../../test/support/a-job-view.ts";
import { JOB_STATE_NAMES } from "../core/job-state.ts";
import { isPausedAsAsked } from "./job-facts.ts";
import { STATE_WORDS } from "./state-words.ts";

const UNDONE = {
  rows: "undone",
  rowsInserted: 0,
  rowsUpdated: 0,
  rowsUnchanged: 0,
  rowsReplaced: 0,
  dryRun: null,
  rowsRemoved: 482_294,
  rowsRestored: 0,
  rowsLeft: 0,
  rowsFailed: 0,
  isTableDropped: false,
} as const;

function lineOf(parts: JobViewParts): string {
  const job = aJobView(parts);
  return STATE_WORDS[job.state].line(job, NOW);
}

test("every state has an icon, a word and a line", () => {
  const words = JOB_STATE_NAMES.map((state) => STATE_WORDS[state]);

  expect(
    words.every(
      ({ icon, word, line }) => icon !== "" && word !== "" && line(aJobView(), NOW) !== "",
    ),
  ).toBe(true);
});

test.each<[JobViewParts, string]>([
  [{}, "Saved 1 s ago. Nothing is visible in public.people until the end."],
  [
    { phase: "publishing" },
    "Making 482,298 rows visible in public.people in one step: all of them or none.",
  ],
  [{ state: "queued", progress: { recordsRead: 0 } }, "Waits its turn."],
  [{ state: "queued" }, "Continues in a moment after 482,310 rows; nothing is lost."],
  [
    {
      state: "paused",
      stateReason: { code: "paused", by: "dana", at: "2026-11-23T17:37:00.000Z" },
    },
    "Paused by dana 3 min ago, after 482,310 rows. Nothing runs and no lock is held.",
  ],
  [
    { state: "paused", pauseAfter: 1000, progress: { recordsRead: 1000 } },
    "Paused after 1,000 rows, as asked. Nothing is visible in public.people until the end.",
  ],
  [{ state: "stopping" }, "Discarding 482,298 rows."],
  [{ state: "stopped", mode: "append" }, "Stopped after 482,310 rows. public.people is as it was."],
  [{ state: "stopped" }, "Stopped after 482,310 rows. public.people was not made."],
  [
    { state: "stopped", progress: { recordsRead: 1 } },
    "Stopped after 1 row. public.people was not made.",
  ],
  [
    { state: "succeeded", progress: { recordsRead: 3, recordsWritten: 0, recordsRejected: 3 } },
    "Imported nothing into public.people: no row fit, 3 rows read.",
  ],
  [
    {
      state: "failed",
      failure: { code: "storage_full", message: "The disk is full.", advice: "" },
      progress: { recordsRead: 1 },
    },
    "The disk is full. The 1 row read so far is saved.",
  ],
  [
    {
      state: "stopping",
      phase: "publishing",
    },
    "Publishing the 482,298 rows that are ready.",
  ],
  [{ state: "undoing", phase: "undoing" }, "Taking 482,298 rows out of public.people again."],
  [
    { state: "stopped", result: { ...UNDONE, rows: "kept", rowsInserted: 482_298 } },
    "Stopped after 482,310 rows. 482,298 rows kept in public.people.",
  ],
  [
    { state: "undone", result: { ...UNDONE, isTableDropped: true } },
    "Removed 482,294 rows; public.people is dropped.",
  ],
  [
    { state: "undone", result: { ...UNDONE, rowsLeft: 3, rowsFailed: 1 } },
    "Removed 482,294 rows from public.people. 3 rows were changed or deleted by others since and left. " +
      "1 row was left, because the table refused.",
  ],
  [{ state: "succeeded" }, "Imported 482,298 rows into public.people in 22 s"],
  [
    {
      state: "failed",
      failure: { code: "storage_full", message: "The disk is full.", advice: "Free space." },
    },
    "The disk is full. All 482,310 rows read so far are saved.",
  ],
])("%j is told as: %s", (parts, line) => {
  expect(lineOf(parts)).toBe(line);
});

test("a job that a person paused at the same row was not paused as asked", () => {
  const parts = { state: "paused", pauseAfter: 1000, progress: { recordsRead: 1000 } } as const;
  const byDana = { code: "paused", by: "dana", at: "2026-11-23T17:37:00.000Z" };

  expect(isPausedAsAsked(aJobView(parts))).toBe(true);
  expect(isPausedAsAsked(aJobView({ ...parts, stateReason: byDana }))).toBe(false);
});
