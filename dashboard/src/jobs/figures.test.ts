import { expect, test } from "vitest";
import type { Job } from "../api/types.ts";
import { barText, rowsOf, timeLeftOf } from "./figures.ts";

function running(progress: Partial<Job["progress"]>): Job {
  return {
    kind: "import",
    state: "running",
    phase: "reading",
    result: null,
    timing: { runningSeconds: 0 },
    progress: {
      recordsRead: 482_310,
      recordsWritten: 482_298,
      recordsRejected: 12,
      recordsPerSecond: 21_480,
      fraction: 0.482,
      etaSeconds: 24,
      ...progress,
    },
  } as Job; // the fields that the figures look at
}

test("time left is a rounded figure with a range", () => {
  expect(timeLeftOf(running({}))).toEqual({ text: "about 25 s left", range: "20–30 s" });
});

test("time left is not told from less than five seconds", () => {
  expect(timeLeftOf(running({ recordsRead: 60_000 }))).toEqual({
    text: "working out the time left",
    range: null,
  });
});

test.each([
  ["publishing", { phase: "publishing" }],
  ["paused", { state: "paused" }],
] as const)("nothing is left to tell of a job that is %s", (_, change) => {
  expect(timeLeftOf({ ...running({}), ...change })).toBeNull();
});

test("the bar has words", () => {
  expect(barText(running({}))).toBe(
    "48 percent, 482,298 rows ready, 12 rejected, about 25 seconds left",
  );
});

test("the bar of a job that was undone says what is left, and not what it had done", () => {
  const job = {
    ...running({ fraction: 1 }),
    state: "undone",
    table: "public.people",
    result: { rows: "undone", rowsRemoved: 482_295, rowsRestored: 0, rowsLeft: 3, rowsFailed: 0 },
  } as unknown as Job; // the fields that the words are made of

  expect(barText(job)).toBe(
    "Undone. Removed 482,295 rows from public.people. 3 rows were changed by others since and left.",
  );
});

test("a total that is estimated is said roughly, one that is known exactly", () => {
  const job = running({ recordsTotal: 1_012_561, totalIsEstimate: true });

  expect(rowsOf(job)).toBe("482,310 of about 1,010,000 rows");
  expect(rowsOf(running({ recordsTotal: 1_012_561, totalIsEstimate: false }))).toBe(
    "482,310 of 1,012,561 rows",
  );
});
