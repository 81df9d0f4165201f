/**
 * What `GET /v1/events` sends: the state of jobs as it changes, from the database alone.
 *
 * A stream begins with each job whole (`job`). Then, for every change of the job row, the stored events that came
 * with it are sent under their own type, and after them the job whole (`job.updated`); when only the counters moved,
 * `job.progress` with the latest figures, at most four a second. The id of a message is that of the newest stored
 * event that the client has when it has read the message. A client that comes back with it as `Last-Event-ID` gets the
 * job whole and then what it missed; it may see a stored event twice, because events are read before the job they
 * belong to. With every active job on one stream a returning client first gets what it missed of all jobs, ended ones
 * too, in the order of the ids: the newest thousand stored events, after the jobs that they belong to. While the stream
 * runs, jobs are looked at one after the other, so the ids of their events mix: a connection that breaks in between can
 * cost a stored event, but never the state of an active job.
 *
 * Nothing is queued for a slow client: the next look at the database comes after the last message was taken.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ACTIVE_STATES, isActive } from "../../core/job-state.ts";
import type { Job, JobEvent } from "../../core/job.ts";
import type { JobService } from "../../core/job-service.ts";
import { etagOf, jobView, progressMessage } from "../job-view.ts";
import { MAX_PAGE_SIZE } from "../schemas/list.ts";
import { timelineEventView } from "../views.ts";

/** One message of the stream; null is a comment that keeps the connection alive. */
export type StreamMessage = {
  readonly id: string;
  readonly event: string;
  readonly data: string;
} | null;

/** Figures of a job are told this often at most; a new state is told at once. */
export const PROGRESS_INTERVAL_MS = 250;
const LIST_INTERVAL_MS = 500;
const KEEP_ALIVE_MS = 15_000;

/** What a stream follows, and from where. */
export interface StreamStart {
  /** `Last-Event-ID` of the client; null when it is new. */
  readonly lastEventId: number | null;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

/** Messages about one job until the signal is aborted. Errors: `not_found`, also when the job is deleted later. */
export async function* followJob(
  service: JobService,
  jobId: string,
  start: StreamStart,
): AsyncGenerator<StreamMessage> {
  const { signal } = start;
  const tracker = new JobTracker(service, start.lastEventId);
  let job = yield* tracker.introduce(jobId);
  while (!signal.aborted) {
    const now = await service.waitForChange(jobId, job, KEEP_ALIVE_MS, { signal });
    if (signal.aborted) return;
    if (etagOf(now) === etagOf(job)) {
      yield null;
      continue;
    }
    yield* tracker.changes(job, now);
    job = now;
    // Figures wait for their turn, a new state does not.
    await service.waitForChange(jobId, job, PROGRESS_INTERVAL_MS, {
      signal,
      ignoresProgress: true,
    });
  }
}

/**
 * Messages about every active job until the signal is aborted. A job that ends is told once more and then left; one
 * that becomes active is introduced.
 */
export async function* followActiveJobs(
  service: JobService,
  start: StreamStart,
): AsyncGenerator<StreamMessage> {
  const { signal } = start;
  const tracker = new JobTracker(service, start.lastEventId);
  const known = new Map<string, Job>();
  for (const job of yield* tracker.replay()) if (isActive(job.state)) known.set(job.id, job);
  let saidAt = performance.now();
  while (!signal.aborted) {
    for (const job of await changedJobs(service, known)) {
      const before = known.get(job.id);
      if (before) yield* tracker.changes(before, job);
      const now = before ? job : yield* tracker.introduce(job.id);
      if (isActive(now.state)) known.set(now.id, now);
      else known.delete(now.id);
      saidAt = performance.now();
    }
    if (performance.now() - saidAt >= KEEP_ALIVE_MS) {
      saidAt = performance.now();
      yield null;
    }
    await pause(LIST_INTERVAL_MS, signal);
  }
}

/** Active jobs that are not as they are known, and known jobs that are not active any more. */
async function changedJobs(
  service: JobService,
  known: ReadonlyMap<string, Job>,
): Promise<readonly Job[]> {
  const { items } = await service.listJobs({ states: ACTIVE_STATES, limit: MAX_PAGE_SIZE });
  const active = new Set(items.map((job) => job.id));
  const left = [...known.keys()].filter((id) => !active.has(id));
  const ended = await Promise.all(left.map((id) => service.getJob(id)));
  const isNews = (job: Job): boolean => {
    const before = known.get(job.id);
    return before === undefined || etagOf(before) !== etagOf(job);
  };
  return [...ended, ...items.filter(isNews)];
}

/** Waits, at most until the signal is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // The only error is that of the signal, which the caller looks at.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Knows which stored events the client has, and puts jobs and events into messages. */
class JobTracker {
  readonly #service: JobService;
  readonly #startId: number | null;
  readonly #seen = new Map<string, number>();
  #newestId: number;

  constructor(service: JobService, lastEventId: number | null) {
    this.#service = service;
    this.#startId = lastEventId;
    this.#newestId = lastEventId ?? 0;
  }

  /** The job whole, then the stored events that a returning client has missed. Returns the job that was told. */
  async *introduce(jobId: string): AsyncGenerator<StreamMessage, Job> {
    const events = await this.#service.listEvents(jobId, this.#startId ?? 0);
    const job = await this.#service.getJob(jobId);
    if (this.#startId === null) {
      this.#note(jobId, events.at(-1)?.id ?? 0);
      yield this.#message("job", jobView(job));
    } else {
      this.#note(jobId, this.#startId);
      yield this.#message("job", jobView(job));
      yield* this.#stored(events);
    }
    return job;
  }

  /**
   * For a returning client: each job that has changed, whole, then the stored events of all of them in order. Returns the
   * jobs that were told.
   */
  async *replay(): AsyncGenerator<StreamMessage, readonly Job[]> {
    if (this.#startId === null) return [];
    const events = await this.#service.listEventsOfAll(this.#startId);
    const jobs: Job[] = [];
    for (const jobId of new Set(events.map((event) => event.jobId))) {
      const job = await this.#service.getJob(jobId);
      jobs.push(job);
      yield this.#message("job", jobView(job));
    }
    yield* this.#stored(events);
    return jobs;
  }

  /** What happened between two looks at a job. */
  async *changes(before: Job, now: Job): AsyncGenerator<StreamMessage> {
    if (before.version === now.version) {
      yield this.#message("job.progress", progressMessage(now));
      return;
    }
    yield* this.#stored(await this.#service.listEvents(now.id, this.#seen.get(now.id) ?? 0));
    yield this.#message("job.updated", jobView(now));
  }

  *#stored(events: readonly JobEvent[]): Generator<StreamMessage> {
    for (const event of events) {
      this.#note(event.jobId, event.id);
      yield this.#message(event.type, timelineEventView(event));
    }
  }

  #note(jobId: string, eventId: number): void {
    this.#seen.set(jobId, eventId);
    this.#newestId = Math.max(this.#newestId, eventId);
  }

  #message(event: string, data: unknown): StreamMessage {
    return { id: String(this.#newestId), event, data: JSON.stringify(data) };
  }
}
