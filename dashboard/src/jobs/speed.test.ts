import { expect, test } from "vitest";
import type { Job } from "../api/types.ts";
import { noteSample } from "./rate-samples.ts";
import { gentleLimit, hasSpeed, isSlow, limitOf, slowLine } from "./speed.ts";

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

  expect(slowLine(running(4_900, limit), null, 0)).toBe("Slow: limited to 5,000 rows/s");
  expect(slowLine(running(900, limit), null, 0)).toBeNull();
  expect(slowLine(running(4_900, { ...limit, state: "paused" }), null, 0)).toBeNull();
  expect(slowLine(running(4_900), null, 0)).toBeNull();
});

test("a lock is named as the reason with who holds it, what that one did last, and for how long", () => {
  const lock = { pid: 4242, since: "2026-11-28T07:00:00Z", query: "ALTER TABLE people" };
  const now = Date.parse("2026-11-28T07:03:00Z");

  expect(slowLine(running(900), { lock }, now)).toBe(
    "Slow: waiting for a lock held by pid 4242, “ALTER TABLE people”, for 3 min",
  );
  expect(slowLine(running(900), { lock: { pid: 4242, since: null, query: null } }, now)).toBe(
    "Slow: waiting for a lock held by pid 4242",
  );
  expect(slowLine(running(900), { lock: null }, now)).toBeNull();
});

function sampled(recordsRead: number): Job {
  return { id: "job_slow", state: "running", progress: { recordsRead } } as Job; // the fields that a sample is made of
}

test("a job is slow that has gone at less than half of its peak for ten seconds", () => {
  noteSample(sampled(0), false, 0);
  noteSample(sampled(1000), false, 1000);

  expect(isSlow({ id: "job_slow" }, 5000)).toBe(false);
  expect(isSlow({ id: "job_slow" }, 12_000)).toBe(true);
  noteSample(sampled(12_000), false, 12_000);
  expect(isSlow({ id: "job_slow" }, 12_000)).toBe(false);
});
