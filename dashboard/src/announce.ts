/**
 * What those hear who do not see the bar: changes of state, every quarter, the first rejection; at most one message in
 * ten seconds, the latest.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Job } from "./api/types.ts";
import { formatCounted } from "./format.ts";
import { wordsOf } from "./jobs/state-words.ts";

const PAUSE_MS = 10_000;
const QUARTERS = 4;

const said = signal("");
let waiting: string | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;

/** The text of the live region. */
export const announcement: ReadonlySignal<string> = said;

/** Says something politely: now, or when ten seconds have passed since the last. */
export function announce(text: string): void {
  if (timer !== null) {
    waiting = text;
    return;
  }
  said.value = text;
  timer = setTimeout(() => {
    timer = null;
    const next = waiting;
    waiting = null;
    if (next !== null) announce(next);
  }, PAUSE_MS);
}

/** Says what is worth hearing of a change of the job that is shown. */
export function announceChange(before: Job, now: Job): void {
  if (before.id !== now.id) return;
  if (before.state !== now.state) announce(`${wordsOf(now).word.replace("…", "")}: ${now.name}.`);
  else if (before.progress.recordsRejected === 0 && now.progress.recordsRejected > 0)
    announce(`${formatCounted(now.progress.recordsRejected, "row")} rejected.`);
  else if (quarterOf(now) > quarterOf(before) && quarterOf(now) < QUARTERS)
    announce(`${quarterOf(now) * 25} percent.`);
}

function quarterOf(job: Job): number {
  return Math.floor((job.progress.fraction ?? 0) * QUARTERS);
}
