import { expect, test } from "vitest";
import type { Job } from "../api/types.ts";
import { gentleLimit, hasSpeed, limitOf, slowLine } from "./speed.ts";

function running(recordsPerSecond: number | null, change: Partial<Job> = {}): Job {
  return {
    id: "job_1",
    kind: "import",
    state: "running",
    phase: "reading",
    actions: ["pause", "stop"],
    maxRecordsPerSecond: null,
    progress: { recordsPerSecond },
    ...change,
  } as Job; // the fields that a speed looks at
}

test("a job has a speed while it can be paused or resumed", () => {
  expect(hasSpeed(running(1))).toBe(true);
  expect(hasSpeed(running(1, { state: "paused", actions: ["resume", "stop"] }))).toBe(true);
  expect(hasSpeed(running(1, { phase: "publishing", actions: ["stop"] }))).toBe(false);
  expect(hasSpeed(running(1, { state: "succeeded", actions: ["rerun"] }))).toBe(false);
});

test("gentle is a quarter of the rate so far", () => {
  expect(gentleLimit(running(21_480))).toBe(5_370);
  expect(gentleLimit(running(0.5))).toBe(1);
  expect(gentleLimit(running(null))).toBeNull();
});

test.each([
  ["5000", 5_000],
  [" 1 ", 1],
  ["0", null],
  ["", null],
  ["10000001", null],
  ["1.5", null],
])("%j as a limit is %s", (text, limit) => {
  expect(limitOf(text)).toBe(limit);
});

test("a limit is named as the reason only where the job comes near to it", () => {
  const limit = { maxRecordsPerSecond: 5_000 };

  expect(slowLine(running(4_900, limit))).toBe("Slow: limited to 5,000 rows/s");
  expect(slowLine(running(900, limit))).toBeNull();
  expect(slowLine(running(4_900, { ...limit, state: "paused" }))).toBeNull();
  expect(slowLine(running(4_900))).toBeNull();
});
