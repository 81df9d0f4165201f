/**
 * Keeps a worker for each sample job of this service: a process that takes the parts of that job and no others, so that a
 * person can kill it and see what becomes of the job.
 *
 * Which jobs have a worker is decided by their rows, at every step anew: a service that starts again goes on with those it
 * kept. A worker that ended by itself is noted in the history of its job before the next one is started, and the next one
 * has the same identity and so gives back at once what the dead one held.
 */
import { SluiceError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import { actionsOf } from "../core/job-actions.ts";
import type { LineLog } from "../core/line-log.ts";
import type { SampleStore, SampleWorker } from "../core/sample-ports.ts";
import { startLoop, type Loop } from "./loop.ts";
import type { TroubleLog } from "./trouble-log.ts";

const LOOK_MS = 1_000;
/** So often a worker may end before it has come to work; then its job is left to everybody, so that it holds up nobody. */
const MOST_FAILED_STARTS = 3;

/** What a keeper works with. */
export interface SampleKeeperOptions {
  /** The worker that this service is. */
  readonly keeper: string;
  readonly store: SampleStore;
  /** Starts the worker of a job, with the same identity each time. */
  readonly startWorker: (jobId: string) => SampleWorker;
  /** Removes what the workers of a job have left, when the job is over. */
  readonly forget: (jobId: string) => Promise<void>;
  readonly log: LineLog;
  readonly troubles: TroubleLog;
  /** How often it looks for jobs when nothing wakes it. Default 1 s. */
  readonly lookMs?: number;
}

interface Kept {
  worker: SampleWorker | null;
  /** Workers in a row that ended before they came to work. */
  failedStarts: number;
  /** The process that ended and is not noted yet. */
  lost: number | null;
  /** The noting that is underway. */
  noting: Promise<void> | null;
}

/** The workers of this service's sample jobs. It begins at once. */
export class SampleKeeper {
  readonly #options: SampleKeeperOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #loop: Loop;
  #isStopping = false;

  constructor(options: SampleKeeperOptions) {
    this.#options = options;
    this.#loop = startLoop(
      "samples",
      options.lookMs ?? LOOK_MS,
      () => this.#step(),
      options.troubles,
    );
  }

  /** The worker that this service is. */
  get keeper(): string {
    return this.#options.keeper;
  }

  /** Looks for sample jobs now. */
  wake(): void {
    this.#loop.wake();
  }

  /**
   * Kills the worker of a job by SIGKILL. Returns when it is dead and the job's history says so.
   * Errors: `transition_not_allowed` when no worker of this service has it in hand; `database_unavailable`.
   */
  async kill(job: Job): Promise<void> {
    const isInHand = await this.#options.store.isInHand(job.id);
    const entry = this.#kept.get(job.id);
    const worker = entry?.worker ?? null;
    if (entry === undefined || worker === null || !isInHand) throw notAtWork(job);
    worker.kill();
    await worker.ended;
    await this.#note(job.id, entry);
  }

  /** Ends every worker. May be called twice. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#loop.stop();
    const workers = [...this.#kept.values()].flatMap(({ worker }) => worker ?? []);
    await Promise.all(workers.map((worker) => worker.stop()));
  }

  async #step(): Promise<void> {
    const { store, forget } = this.#options;
    const ids = new Set(await store.listKept(this.keeper));
    for (const [jobId, entry] of this.#kept) {
      if (ids.has(jobId)) continue;
      this.#kept.delete(jobId);
      await entry.worker?.stop();
      await forget(jobId);
    }
    for (const jobId of ids) await this.#keep(jobId);
  }

  async #keep(jobId: string): Promise<void> {
    const entry = this.#kept.get(jobId) ?? newEntry();
    this.#kept.set(jobId, entry);
    // First in the history, so that what follows it is the taking over.
    await this.#note(jobId, entry);
    if (entry.worker !== null || this.#isStopping) return;
    if (entry.failedStarts >= MOST_FAILED_STARTS) {
      this.#options.log(`job ${jobId}: no worker of its own can be started; any takes it`, "warn");
      return this.#options.store.giveUp(jobId);
    }
    const worker = this.#options.startWorker(jobId);
    entry.worker = worker;
    void worker.ended.then(() => this.#onEnd(jobId, entry, worker));
  }

  #onEnd(jobId: string, entry: Kept, worker: SampleWorker): void {
    entry.worker = null;
    if (this.#isStopping || this.#kept.get(jobId) !== entry) return;
    this.#options.log(`job ${jobId}: the worker of the sample (pid ${worker.pid}) has ended`);
    if (!worker.hasStarted()) {
      entry.failedStarts += 1;
      return;
    }
    entry.failedStarts = 0;
    entry.lost = worker.pid;
    this.#loop.wake();
  }

  /** Once for each worker, whoever comes first: who killed it, or the loop. What fails is tried again by the loop. */
  async #note(jobId: string, entry: Kept): Promise<void> {
    const { lost } = entry;
    if (lost === null) return;
    entry.noting ??= this.#writeLoss(jobId, entry, lost);
    await entry.noting;
  }

  async #writeLoss(jobId: string, entry: Kept, pid: number): Promise<void> {
    try {
      await this.#options.store.noteLoss(jobId, pid);
      entry.lost = null;
    } finally {
      entry.noting = null;
    }
  }
}

function newEntry(): Kept {
  return { worker: null, failedStarts: 0, lost: null, noting: null };
}

function notAtWork(job: Job): SluiceError {
  return new SluiceError(
    "transition_not_allowed",
    `The job is ${job.state}, and no worker of this service has it in hand.`,
    { details: { state: job.state, actions: actionsOf(job) } },
  );
}
