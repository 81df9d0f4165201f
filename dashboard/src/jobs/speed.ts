/** The speed of a job: what it may be set to, and whether its limit is what holds it back. */
import { signal } from "@preact/signals";
import { announce } from "../announce.ts";
import { changeJob } from "../api/calls.ts";
import { toApiError, type ApiError } from "../api/request.ts";
import type { Activity, Job } from "../api/types.ts";
import { formatCount } from "../format.ts";
import { lockText } from "./activity.ts";
import { peakRate, ratePoints, rateUntil, recentRate, samplesOf } from "./rate-samples.ts";
import { takeJob } from "./store.ts";

const GENTLE_SHARE = 0.25;
/** A job that comes this near to its limit is held back by it. */
const HELD_SHARE = 0.8;
const SLOW_SHARE = 0.5;
export const MOST_ROWS_PER_SECOND = 10_000_000;

/** A limit in rows a second; null: full speed. */
export type Limit = number | null;

/** Limits that are on their way to the service, by the id of the job. */
export const askedLimits = signal<ReadonlyMap<string, Limit>>(new Map());
/** Why the last change of a speed was refused, by the id of the job. */
export const speedRefusals = signal<ReadonlyMap<string, ApiError>>(new Map());

/** Whether rows of a job may still be read, and so a speed means something. */
export function hasSpeed({ actions }: Pick<Job, "actions">): boolean {
  return actions.includes("pause") || actions.includes("resume");
}

/** A quarter of the rate so far; null while none is known. */
export function gentleLimit({ progress }: Pick<Job, "progress">): number | null {
  const { recordsPerSecond } = progress;
  if (recordsPerSecond === null || recordsPerSecond <= 0) return null;
  const limit = Math.round(recordsPerSecond * GENTLE_SHARE);
  return Math.min(Math.max(limit, 1), MOST_ROWS_PER_SECOND);
}

/** A limit as typed: null for what is none. */
export function limitOf(text: string): number | null {
  const limit = /^\d{1,8}$/.test(text.trim()) ? Number(text) : 0;
  return limit >= 1 && limit <= MOST_ROWS_PER_SECOND ? limit : null;
}

/** A limit in words. */
export function speedText(limit: Limit): string {
  return limit === null ? "full speed" : `${formatCount(limit)} rows/s`;
}

/** Whether a job has gone at less than half of its peak for ten seconds. */
export function isSlow({ id }: Pick<Job, "id">, now: number): boolean {
  const samples = samplesOf(id);
  const rate = rateUntil(samples, now);
  const peak = peakRate(ratePoints(samples));
  return rate !== null && peak !== null && rate < peak * SLOW_SHARE;
}

/** Why a running job is slow, where a lock or its limit is the reason; else null. */
export function slowLine(
  job: Pick<Job, "id" | "kind" | "state" | "phase" | "progress" | "maxRecordsPerSecond">,
  activity: Pick<Activity, "lock"> | null,
  now: number,
): string | null {
  const { maxRecordsPerSecond: limit, state, phase, progress } = job;
  if (state !== "running" || phase === "publishing") return null;
  const lock = lockText(activity, now);
  if (lock !== null) return `Slow: waiting for ${lock}`;
  if (limit === null) return null;
  // A process may wait for longer than samples reach back.
  const recent = job.kind === "process" ? null : recentRate(samplesOf(job.id));
  const rate = recent ?? progress.recordsPerSecond;
  return rate !== null && rate >= limit * HELD_SHARE
    ? `Slow: limited to ${speedText(limit)}`
    : null;
}

function changed<Value>(
  map: ReadonlyMap<string, Value>,
  id: string,
  value: Value | undefined,
): ReadonlyMap<string, Value> {
  const next = new Map(map);
  if (value === undefined) next.delete(id);
  else next.set(id, value);
  return next;
}

/** Asks the service for a speed. What holds is shown when it has answered. */
export async function setSpeed(job: Job, limit: Limit): Promise<void> {
  askedLimits.value = changed(askedLimits.value, job.id, limit);
  speedRefusals.value = changed(speedRefusals.value, job.id, undefined);
  try {
    takeJob(await changeJob(job.id, { maxRecordsPerSecond: limit }));
    announce(`Speed: ${speedText(limit)}`);
  } catch (thrown) {
    speedRefusals.value = changed(speedRefusals.value, job.id, toApiError(thrown));
  } finally {
    askedLimits.value = changed(askedLimits.value, job.id, undefined);
  }
}
