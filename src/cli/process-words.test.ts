import { expect, test } from "vitest";
import { aProcessJobView, aProcessResult } from "../../test/support/a-process-job.ts";
import { JOB_STATE_NAMES } from "../core/job-state.ts";
import { processLine } from "./process-words.ts";

const AT = new Date("2026-11-23T17:40:00.000Z");
const NOW = AT.getTime() + 2_000;
const PROGRESS = { read: 1200, written: 1188, rejected: 12, bytesRead: 5000, checkpointAt: AT };
const FILE = { outputHeader: ["id"] };
const BY_DANA = { code: "paused", by: "dana", at: AT };
const OUTPUT = {
  file: "file_01m84qvm34fc7rq4ee6xdwhyxx",
  name: "people-notes.csv",
  bytes: 89_500,
  sha256: "0",
  rows: 1188,
};

test.each(JOB_STATE_NAMES)("there is a line for %s, and it names no table", (state) => {
  const line = processLine(aProcessJobView({ state, progress: PROGRESS }), NOW);

  expect(line).toMatch(/\.$|\d s$/);
  expect(line).not.toContain("public");
});

test.each([
  [{ state: "queued" }, "Waits its turn."],
  [
    { state: "queued", progress: PROGRESS },
    "Continues in a moment after 1,200 rows; nothing is lost.",
  ],
  [
    { state: "running", progress: PROGRESS },
    "Saved 2 s ago. What a batch does counts as soon as it is saved.",
  ],
  [
    { state: "running", progress: PROGRESS, plan: FILE },
    "Saved 2 s ago. The file appears at the end.",
  ],
  [
    { state: "running", phase: "publishing", progress: PROGRESS, plan: FILE },
    "Putting 1,200 rows together into one file.",
  ],
  [{ state: "pausing", stateReason: BY_DANA }, "Finishing the current batch."],
  [
    { state: "paused", progress: PROGRESS, stateReason: BY_DANA },
    "Paused by dana 2 s ago, after 1,200 rows. Nothing runs and no lock is held.",
  ],
  [
    {
      state: "paused",
      progress: PROGRESS,
      stateReason: { ...BY_DANA, by: null },
      request: { kind: "process", process: "notes", file: "f", pauseAfter: 1200 },
    },
    "Paused after 1,200 rows, as asked. What a batch does counts as soon as it is saved.",
  ],
  [
    { state: "stopping", phase: "undoing", progress: PROGRESS },
    "Undoing 1,188 rows, the newest batch first.",
  ],
  [
    {
      state: "stopped",
      progress: PROGRESS,
      stateReason: BY_DANA,
      result: aProcessResult({ recordsDone: 1188 }),
    },
    "Stopped by dana after 1,200 rows. What was done for 1,188 rows is kept.",
  ],
  [
    {
      state: "undone",
      progress: PROGRESS,
      result: aProcessResult({ rows: "undone", recordsUndone: 1187, recordsKept: 1 }),
    },
    "1,187 rows undone. Of 1 row the process kept what was done.",
  ],
  [
    { state: "stopped", result: aProcessResult({ rows: "undone" }) },
    "Stopped after 0 rows. Nothing of it is left.",
  ],
  [
    {
      state: "succeeded",
      progress: PROGRESS,
      runningSeconds: 46,
      plan: FILE,
      result: aProcessResult({ output: OUTPUT }),
    },
    "Ran notes over 1,200 rows in 46 s, 89.5 kB",
  ],
  [
    { state: "succeeded", progress: { read: 3, written: 0, rejected: 3 } },
    "Ran notes over 3 rows: every one was rejected.",
  ],
] as const)("%j is told as: %s", (parts, line) => {
  expect(processLine(aProcessJobView(parts), NOW)).toBe(line);
});

test("a batch that takes long is told, with what does not wait for it", () => {
  const job = aProcessJobView({ state: "pausing", stateReason: BY_DANA });

  expect(processLine(job, AT.getTime() + 12_400)).toBe(
    "Still waiting for the current batch, 12 s so far. sluice pause job_01m84qvwcgff --force does not wait.",
  );
});

test.each([
  ["storage_full", "reading", "It broke. All 1,200 rows before are saved."],
  ["process_failed", "reading", "It broke."],
  ["undo_failed", "undoing", "It broke."],
] as const)("of %s in phase %s a person reads: %s", (code, phase, line) => {
  const failure = { code, message: "It broke.", advice: "" };
  const job = aProcessJobView({ state: "failed", phase, progress: PROGRESS, failure });

  expect(processLine(job, NOW)).toBe(line);
});
