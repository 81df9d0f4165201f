import { expect, test } from "vitest";
import type { Job } from "../api/types.ts";
import { noteSample, peakRate, ratePoints, recentRate, samplesOf } from "./rate-samples.ts";

function job(state: string, recordsRead: number): Job {
  return { id: "job_pause", state, progress: { recordsRead } } as Job; // the fields that a sample is made of
}

const SAMPLES = [0, 1000, 3000, 4000, 5000].map((recordsRead, second) => ({
  at: second * 1000,
  recordsRead,
}));

test("a rate is that between two samples", () => {
  expect(ratePoints(SAMPLES).map((point) => point.perSecond)).toEqual([1000, 2000, 1000, 1000]);
  expect(peakRate(ratePoints(SAMPLES))).toBe(2000);
});

test("the recent rate is that of the last ten seconds alone", () => {
  const old = { at: -60_000, recordsRead: 0 };

  expect(recentRate([old, ...SAMPLES])).toBe(1250);
});

test("one sample gives no rate", () => {
  expect(recentRate(SAMPLES.slice(0, 1))).toBeNull();
  expect(peakRate(ratePoints(SAMPLES.slice(0, 1)))).toBeNull();
});

test("a change of state is kept at once, so that a pause is a stretch of its own", () => {
  noteSample(job("running", 0), false, 0);
  noteSample(job("running", 900), false, 900);
  noteSample(job("running", 1000), false, 1000);
  noteSample(job("paused", 1200), true, 1200);
  noteSample(job("paused", 1200), false, 3000);
  noteSample(job("queued", 1200), true, 5200);

  const rates = ratePoints(samplesOf("job_pause")).map(({ at, perSecond }) => [at, perSecond]);

  expect(rates).toEqual([
    [1000, 1000],
    [1200, 1000],
    [5200, 0],
  ]);
});

test("a job that was over before the page knew it has no samples", () => {
  noteSample({ id: "job_over", state: "succeeded", progress: { recordsRead: 9 } } as Job, false, 0);

  expect(samplesOf("job_over")).toEqual([]);
});
