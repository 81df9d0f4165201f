/**
 * How fast jobs go, from the committed figures that this tab has heard of. One sample a second and job for the last ten minutes;
 * the service keeps none, so nothing is known from before the page was opened.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Job } from "../api/types.ts";

const SECOND_MS = 1000;
/** Timers and messages come a little late, and one second is meant. */
const LATE_MS = 50;
const KEPT_MS = 600 * SECOND_MS;
const RATE_OVER_MS = 10 * SECOND_MS;

/** Committed records at a moment, in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly recordsRead: number;
}

/** Rows a second over the stretch from `from` to `at`. */
export interface RatePoint {
  readonly from: number;
  readonly at: number;
  readonly perSecond: number;
}

const samples = new Map<string, Sample[]>();
const counter = signal(0);

/** Grows with every sample. */
export const sampleCount: ReadonlySignal<number> = counter;

/**
 * Keeps the figures of a job that runs, at most one a second, and those at every change of its state: where a pause
 * begins and ends the rate breaks.
 */
export function noteSample(job: Job, hasChanged: boolean, now = Date.now()): void {
  const kept = samples.get(job.id) ?? [];
  const last = kept.at(-1);
  const isRunning = job.state === "running" || job.state === "pausing";
  if (!isRunning && !(hasChanged && last !== undefined)) return;
  const isSoon = last !== undefined && now - last.at < SECOND_MS - LATE_MS;
  if (isSoon && !hasChanged) return;
  kept.push({ at: now, recordsRead: job.progress.recordsRead });
  while (kept[0] !== undefined && now - kept[0].at > KEPT_MS) kept.shift();
  samples.set(job.id, kept);
  counter.value += 1;
}

/** The samples of a job, oldest first. */
export function samplesOf(jobId: string): readonly Sample[] {
  return samples.get(jobId) ?? [];
}

/** The rate between each two samples. A pause between them makes one slow point, not none. */
export function ratePoints(kept: readonly Sample[]): readonly RatePoint[] {
  return kept.slice(1).map((sample, index) => {
    const before = kept[index] ?? sample;
    const seconds = Math.max(0.001, (sample.at - before.at) / SECOND_MS);
    return {
      from: before.at,
      at: sample.at,
      perSecond: Math.max(0, (sample.recordsRead - before.recordsRead) / seconds),
    };
  });
}

/** The rate of the last ten seconds before the newest sample, or null while there are not two samples. */
export function recentRate(kept: readonly Sample[]): number | null {
  const last = kept.at(-1);
  if (last === undefined) return null;
  const first = kept.find((sample) => last.at - sample.at <= RATE_OVER_MS);
  if (first === undefined || first === last) return null;
  return ((last.recordsRead - first.recordsRead) * SECOND_MS) / (last.at - first.at);
}

/** The rate of the ten seconds up to `now`, in which nothing may have been heard; null while less is known. */
export function rateUntil(kept: readonly Sample[], now: number): number | null {
  const last = kept.at(-1);
  const first = kept.findLast((sample) => now - sample.at >= RATE_OVER_MS);
  if (last === undefined || first === undefined) return null;
  return ((last.recordsRead - first.recordsRead) * SECOND_MS) / (now - first.at);
}

/** The highest rate, or null while there is none. */
export function peakRate(points: readonly RatePoint[]): number | null {
  return points.length === 0 ? null : Math.max(...points.map((point) => point.perSecond));
}
