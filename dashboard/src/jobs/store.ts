/**
 * The jobs that this tab knows, each in a signal of its own, so that a change of one draws only what shows it.
 *
 * Jobs come from answers and from the stream, and may come late: what is older than what is known is dropped. While the
 * tab is hidden changes wait and are taken once a second, which is enough for its title.
 */
import { batch, signal, type Signal } from "@preact/signals";
import { getJob } from "../api/calls.ts";
import type { Job, ProgressMessage, TimelineEvent } from "../api/types.ts";
import { noteSample } from "./rate-samples.ts";

const HIDDEN_PAUSE_MS = 1000;
const SILENCE_MS = 2000;

const known = new Map<string, Signal<Job>>();
const heardAt = new Map<string, number>();
const waiting = new Map<string, Job>();
const arrivalEars = new Set<(job: Job) => void>();
const timelineEars = new Set<(event: TimelineEvent) => void>();
let timer: ReturnType<typeof setTimeout> | null = null;

/** Grows whenever a job changes its state or a new one comes, for what counts jobs. */
export const stateChanges = signal(0);

/** The signal of a job, or null while this tab has not met it; who reads null is told when a job comes. */
export function findJob(id: string): Signal<Job> | null {
  const job = known.get(id);
  if (job !== undefined) return job;
  void stateChanges.value;
  return null;
}

/** Takes a job from an answer, at once. Returns its signal. */
export function takeJob(job: Job): Signal<Job> {
  heardAt.set(job.id, performance.now());
  const before = known.get(job.id);
  if (before === undefined) {
    const made = signal(job);
    known.set(job.id, made);
    noteSample(job, false);
    stateChanges.value += 1;
    return made;
  }
  const old = before.peek();
  if (isOlder(job, old)) return before;
  noteSample(job, job.state !== old.state);
  before.value = job;
  if (old.state !== job.state) stateChanges.value += 1;
  return before;
}

/** Takes a job from the stream. */
export function hearJob(job: Job): void {
  const isNew = !known.has(job.id) && !waiting.has(job.id);
  if (document.hidden) wait(job);
  else takeJob(job);
  if (isNew) for (const ear of arrivalEars) ear(job);
}

/** Takes the figures of a job from the stream. */
export function hearProgress({ id, progress, checkpoint }: ProgressMessage): void {
  const job = waiting.get(id) ?? known.get(id)?.peek();
  if (job !== undefined) hearJob({ ...job, progress, checkpoint });
}

/** Takes the active jobs as a poll found them, and asks for those that were active and are not any more. */
export function hearActiveJobs(jobs: readonly Job[]): void {
  const active = new Set(jobs.map((job) => job.id));
  for (const job of jobs) hearJob(job);
  for (const [id, job] of known)
    if (job.peek().timing.endedAt === null && !active.has(id))
      // A job that was forgotten stays as it was; whoever shows it asks for it and says so.
      getJob(id).then(hearJob, () => undefined);
}

/** Passes a stored event on to who listens. */
export function hearTimeline(event: TimelineEvent): void {
  for (const ear of timelineEars) ear(event);
}

/** Calls `ear` for each job that this tab meets for the first time on the stream. Returns what ends it. */
export function onArrival(ear: (job: Job) => void): () => void {
  arrivalEars.add(ear);
  return () => arrivalEars.delete(ear);
}

/** Calls `ear` for each stored event. Returns what ends it. */
export function onTimeline(ear: (event: TimelineEvent) => void): () => void {
  timelineEars.add(ear);
  return () => timelineEars.delete(ear);
}

/**
 * Asks for jobs that should move and of which nothing was heard: the stream looks at active jobs twice a second, and does
 * not tell of one that ends before it was looked at. What rests is silent by right.
 */
export function watchSilence(): void {
  setInterval(() => {
    if (document.hidden) return;
    for (const [id, { value: job }] of known) {
      const isResting = job.state === "paused" || job.timing.endedAt !== null;
      if (isResting || performance.now() - (heardAt.get(id) ?? 0) < SILENCE_MS) continue;
      // A connection that is lost is said by the stream; a job that was forgotten, by the screen that shows it.
      getJob(id).then(takeJob, () => undefined);
    }
  }, SILENCE_MS);
}

/** Forgets a job that was deleted. */
export function dropJob(id: string): void {
  known.delete(id);
  heardAt.delete(id);
  waiting.delete(id);
}

function isOlder(job: Job, than: Job): boolean {
  return (
    job.stateReason.at < than.stateReason.at ||
    (job.stateReason.at === than.stateReason.at &&
      job.state === than.state &&
      job.progress.bytesRead < than.progress.bytesRead)
  );
}

function wait(job: Job): void {
  waiting.set(job.id, job);
  timer ??= setTimeout(takeWaiting, HIDDEN_PAUSE_MS);
}

function takeWaiting(): void {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  const jobs = [...waiting.values()];
  waiting.clear();
  batch(() => {
    for (const job of jobs) takeJob(job);
  });
}

/** Takes what waited as soon as the tab is seen again. */
export function watchVisibility(): void {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) takeWaiting();
  });
}
