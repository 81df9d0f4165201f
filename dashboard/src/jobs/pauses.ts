import type { TimelineEvent } from "../api/types.ts";

/** A stretch in which a job was paused, in milliseconds. */
export interface Pause {
  readonly from: number;
  readonly to: number;
}

/** The pauses of a job, told from its history. One that lasts goes on until `now`. */
export function pausesOf(events: readonly TimelineEvent[], now: number): readonly Pause[] {
  const pauses: Pause[] = [];
  let from: number | null = null;
  for (const { type, at } of events) {
    const time = Date.parse(at);
    if (type === "job.paused") from ??= time;
    else if (from !== null && type !== "job.pausing") {
      pauses.push({ from, to: time });
      from = null;
    }
  }
  return from === null ? pauses : [...pauses, { from, to: now }];
}
