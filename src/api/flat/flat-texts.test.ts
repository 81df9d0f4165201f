import { expect, test } from "vitest";
import { aJob } from "../../../test/support/a-job.ts";
import { FLAT_PROGRESS_TEXTS, flatStateOf } from "./flat-texts.ts";

function at(bytesRead: number, bytesTotal: number, read: number) {
  return aJob({ progress: { read, written: read, bytesRead, bytesTotal } });
}

test.each([
  [46, 10_000, 365, "0.46", 365],
  [0, 0, 0, "0.00", 0],
  [0, 10, 0, "0.00", 0],
  [1, 3, 1, "33.33", 1],
  [2, 3, 2, "66.66", 2],
  [999_999, 1_000_000, 9, "99.99", 9],
  [10, 10, 2, "99.99", 2],
])("%i of %i bytes read as %s%%", (bytesRead, bytesTotal, read, percent, row) => {
  const job = at(bytesRead, bytesTotal, read);

  expect(FLAT_PROGRESS_TEXTS.running(job)).toBe(
    `An active process, currently running. Completed ${percent}%, currently on row number ${row}.`,
  );
});

test("the sentences of progress are exact", () => {
  const job = at(113, 10_000, 903);

  expect(FLAT_PROGRESS_TEXTS.paused(job)).toBe(
    "An active process, currently paused. Completed 1.13%, currently on row number 903.",
  );
  expect(FLAT_PROGRESS_TEXTS.justPaused(job)).toBe(
    "Process paused. Completed 1.13%, currently on row number 903.",
  );
  expect(FLAT_PROGRESS_TEXTS.justResumed(job)).toBe(
    "Process resumed. Completed 1.13%, currently on row number 903.",
  );
  expect(FLAT_PROGRESS_TEXTS.stopped(at(173, 10_000, 1380))).toBe(
    "Process stopped at row number 1380. Completed 1.73% processing.",
  );
});

test.each([
  ["queued", "running"],
  ["running", "running"],
  ["pausing", "paused"],
  ["paused", "paused"],
] as const)("%s reads as %s", (state, flatState) => {
  expect(flatStateOf(aJob({ state }))).toBe(flatState);
});
