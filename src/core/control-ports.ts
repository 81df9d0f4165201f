/** What control asks of the database: the signal of a request, and the barrier under which it is carried out. */
import type { Failure } from "./errors.ts";
import type { ImportPlan } from "./import-plan.ts";
import type { JobState, Phase, Signal, Wish } from "./job-state.ts";
import type { Job, RowsOnStop } from "./job.ts";
import type { FailedReason, JobResult } from "./job-result.ts";
import type { ProcessResult } from "./process-plan.ts";
import type { MaxRejected } from "./rejection-limit.ts";

/** Whether the undoing of a job's rows is over, and what it came to. */
export type UndoProgress =
  | { readonly isDone: false }
  | {
      readonly isDone: true;
      readonly removed: number;
      /** Rows that have what they had before the job again. */
      readonly restored: number;
      /** Rows that the table refused to delete or to restore. */
      readonly failed: number;
      readonly reasons: readonly FailedReason[];
      /** Whether the table is dropped, which the job had made. */
      readonly isTableDropped: boolean;
    };

/** What a transaction under the barrier may change. Unnamed fields stay. */
export interface JobChange {
  readonly wish?: Wish;
  readonly phase?: Phase | null;
  /** Raises the epoch by one: everything in flight commits nothing more. */
  readonly raiseEpoch?: true;
  readonly failure?: Failure | null;
  readonly result?: JobResult | ProcessResult | null;
  readonly maxRejected?: MaxRejected | null;
  readonly pauseAfter?: number | null;
  /** Counts a rescue: back to one when records were committed since the last. */
  readonly countRescue?: true;
}

/** A job row locked against every chunk: none is in flight, and none commits before this transaction ends. */
export interface BarrierTransaction {
  /** The job as it is under the lock. */
  readonly job: Job;
  /** How often it was rescued at its present place. */
  readonly rescues: number;
  /** Records committed since the last rescue. */
  readonly readSinceRescue: number;
  /** What the request to stop it said of its rows. */
  readonly rowsOnStop: RowsOnStop;
  /** Of a process: whether user code was started with a batch that is not undone. */
  hasBatches(): Promise<boolean>;
  /** Of a process: lets batches that could not be undone be tried again. */
  retryUndo(): Promise<void>;
  /** Forgets the file that a job has made, unless a job that is not over reads it. */
  forgetFile(fileId: string): Promise<void>;
  /** Whether a runner holds one of its parts. */
  hasClaimedParts(): Promise<boolean>;
  /** Walks the job through `states` in order, then applies the change. */
  change(states: readonly JobState[], change: JobChange): Promise<void>;
  /** With `insteadOf`: only in the place of that signal. */
  setSignal(signal: Signal, options?: { readonly insteadOf?: Signal }): Promise<void>;
  /** Says who causes what follows, for the history. Without it: whoever set the signal. */
  attribute(actor: string | null, reason: string | null): Promise<void>;
  /** Takes all parts from their runners. */
  releaseParts(): Promise<void>;
  /** Drops the staging table, if it is there. */
  dropStaging(): Promise<void>;
  /** Marks the end of the target as the place from which its rows are undone, unless that has begun. */
  beginUndo(): Promise<void>;
  /** Takes rows of the job out of the next stretch of its target. Errors: `undo_failed`. */
  undoStretch(): Promise<UndoProgress>;
  /** Sends one message for each part that is not finished, or for the last when all are: also to undo a process. */
  dispatchUnfinished(): Promise<void>;
  /** Sends a message for the first part, by which a runner ends what was stopped. */
  dispatchFirst(): Promise<void>;
  /** Notes where the rows are that the job leaves in its target. */
  noteKeptRows(): Promise<void>;
  /** Drops all that was read and staged, and puts the job at the start of another plan for its file, which arrives. */
  beginAgain(plan: ImportPlan, waitsForByte: number): Promise<void>;
}

/** Control requests: first the signal, then the barrier. */
export interface ControlStore {
  /**
   * Makes a request durable: runners leave before their next chunk. `hold` never replaces a person's request.
   */
  signal(
    jobId: string,
    signal: Signal,
    by: {
      readonly actor: string | null;
      readonly reason: string | null;
      /** Of a stop; absent: undo. */
      readonly rows?: RowsOnStop;
    },
  ): Promise<void>;
  /**
   * Runs `work` while no chunk of the job is in flight, and commits. Waits for chunks that are; runners that hold
   * the lock for too long are terminated, their transaction rolls back. Errors: `not_found`; `lock_timeout` when
   * somebody else holds the lock.
   */
  underBarrier<T>(jobId: string, work: (tx: BarrierTransaction) => Promise<T>): Promise<T>;
  /** Jobs whose signal was raised over `olderThanMs` ago and is not carried out. */
  findUnsettled(olderThanMs: number): Promise<readonly { jobId: string; signal: Signal }[]>;
  /** Jobs whose rows are being undone and with which nobody went on for `idleMs`. */
  findIdleUndos(idleMs: number): Promise<readonly string[]>;
  /** Gives up the rows that jobs have written over and that can be undone no longer. */
  dropFormer(): Promise<void>;
}
