/** What a job is at beyond its figures: when it is worth asking, and what a lock is called. */
import type { Activity, Job } from "../api/types.ts";
import { formatDuration } from "../format.ts";

/** Nothing saved for as long makes one ask why. */
const SILENT_MS = 3000;

/** Whether what a job is at says more than its figures. */
export function wantsActivity(
  {
    state,
    phase,
    checkpoint,
    stateReason,
  }: Pick<Job, "state" | "phase" | "checkpoint" | "stateReason">,
  isSlow: boolean,
  now: number,
): boolean {
  if (state === "running" && phase !== "publishing")
    return isSlow || now - Date.parse(checkpoint.at ?? stateReason.at) > SILENT_MS;
  return ["queued", "running", "pausing", "stopping", "undoing"].includes(state);
}

/** The lock that a job waits for, by who holds it, what that one did last, and for how long; null when there is none. */
export function lockText(activity: Pick<Activity, "lock"> | null, now: number): string | null {
  const lock = activity?.lock ?? null;
  if (lock === null) return null;
  const { pid, query, since } = lock;
  const seconds = since === null ? 0 : Math.max(1, Math.round((now - Date.parse(since)) / 1000));
  return [
    `a lock held by pid ${pid}`,
    ...(query === null ? [] : [`“${query}”`]),
    ...(since === null ? [] : [`for ${formatDuration(seconds)}`]),
  ].join(", ");
}
