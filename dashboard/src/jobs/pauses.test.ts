import { expect, test } from "vitest";
import type { TimelineEvent } from "../api/types.ts";
import { pausesOf } from "./pauses.ts";

function event(type: string, second: number): TimelineEvent {
  const at = new Date(second * 1000).toISOString();
  return { id: second, job: "job_1", type, at, by: null, details: {} };
}

test("a pause goes from job.paused to what follows it", () => {
  const events = [
    event("job.running", 1),
    event("job.pausing", 2),
    event("job.paused", 3),
    event("job.queued", 5),
    event("job.running", 6),
    event("job.paused", 8),
  ];

  expect(pausesOf(events, 10_000)).toEqual([
    { from: 3000, to: 5000 },
    { from: 8000, to: 10_000 },
  ]);
});

test("a job that was never paused has no pause", () => {
  expect(pausesOf([event("job.running", 1), event("job.succeeded", 2)], 9000)).toEqual([]);
});
