/** What supervisors and their runners ask of the database: runners, claims, and the work on a part. */
import type { ExportStore } from "./export-ports.ts";
import type { ImportPlan } from "./import-plan.ts";
import type { Part, JobKind } from "./job.ts";
import type { DispatchMessage, EncodedChunk, PartBoundary, PartWork } from "./ports.ts";
import type { ProcessStore } from "./process-store-ports.ts";
import type { MaxRejected } from "./rejection-limit.ts";
import type { Arrived } from "./upload-ports.ts";

/** A job at an epoch: what was true of its work then is over when the epoch is. */
export interface EpochOfJob {
  readonly jobId: string;
  readonly epoch: number;
}

/** What became of an attempt to claim a part. */
export type ClaimOutcome = "claimed" | "not_now" | "gone";

/** Runners, claims and what a supervisor looks for. */
export interface SupervisorStore {
  /**
   * Adds a runner, alive from now. Errors: `files_folder_differs` when a runner of another folder of files was seen
   * within the lease.
   */
  insertRunner(worker: string, lane: number): Promise<string>;
  /** Removes runners; their claims go with them. Returns the jobs that had claimed parts. */
  removeRunners(
    which: { readonly runner: string } | { readonly worker: string },
  ): Promise<readonly EpochOfJob[]>;
  /** Renews the lease of runners that answered lately. */
  heartbeat(runnerIds: readonly string[]): Promise<void>;
  /**
   * Claims a part for a runner. `not_now`: its job waits its turn (at most `concurrency` jobs run, and never two that
   * write one table); `gone`: the message is of an older epoch, or the part is taken.
   */
  claim(runnerId: string, message: DispatchMessage, concurrency: number): Promise<ClaimOutcome>;
  /** Gives a part back, if this runner still has it. */
  release(runnerId: string, message: DispatchMessage): Promise<void>;
  /** Gives back what runners hold that work on nothing: claims and returns whose answer was lost. */
  releaseIdle(runnerIds: readonly string[]): Promise<void>;
  /** Parts that nobody has, of jobs that may run, in the order of starting. */
  findWaitingParts(limit: number, concurrency: number): Promise<readonly DispatchMessage[]>;
  /**
   * Jobs with a part whose runner was not seen for `leaseMs`, by the clock of the database, and jobs that are being
   * published by nobody.
   */
  findLostJobs(leaseMs: number): Promise<readonly EpochOfJob[]>;
}

/** A part with all that its runner needs. */
export interface PartAssignment {
  readonly part: Part;
  readonly epoch: number;
  readonly plan: ImportPlan;
  /** Whether the job is stopped and its rows are kept: nothing more is read, and what is committed is published. */
  readonly isStopping: boolean;
  /** Whether what would be published is counted instead. */
  readonly isDryRun: boolean;
  readonly maxRejected: MaxRejected | null;
  /** Records that may still be read before the job pauses itself; null without such a limit. */
  readonly recordsUntilPause: number | null;
}

/** What is asked of a job while a runner has one of its parts. */
export interface PartLook {
  /**
   * False after another wish or in another epoch; also when the job has a limit of speed and an earlier part is not
   * done: the parts of such a job are read one after the other.
   */
  readonly mayGoOn: boolean;
  /** Null: full speed. */
  readonly maxRecordsPerSecond: number | null;
}

/** What became of a chunk. `left`: somebody else has a say; nothing was written and the part is dropped. */
export type ChunkOutcome =
  | { readonly kind: "committed"; readonly rejectedByDatabase: number }
  | { readonly kind: "left"; readonly why: "signal" | "epoch" | "position" };

/** What became of the parts that a search found. */
export type SearchOutcome =
  | { readonly kind: "added"; readonly messages: readonly DispatchMessage[] }
  | { readonly kind: "left"; readonly why: "signal" | "epoch" | "position" };

/** The statements of a runner, on its own connection. One call at a time. */
export interface RunnerStore {
  /** The part of an import at its checkpoint, or null when the epoch is over. */
  openPart(message: DispatchMessage): Promise<PartAssignment | null>;
  /** The chunk transaction: rows, rejections, ledger and checkpoint, or nothing. */
  commitChunk(
    assignment: PartAssignment,
    format: "text" | "binary",
    copyColumns: readonly string[],
    chunk: EncodedChunk,
  ): Promise<ChunkOutcome>;
  /**
   * Adds parts that the search has found and moves its checkpoint, in one transaction. Returns the messages to send;
   * when the process dies before they are sent, supervisors find the parts by their rows.
   */
  addParts(assignment: PartAssignment, found: readonly PartBoundary[]): Promise<SearchOutcome>;
  /** Lets the search for parts rest until so many bytes of the file are there, or it is whole. */
  waitForByte(assignment: PartAssignment, byte: number): Promise<void>;
  /** How much of a job's file is there. Errors: `upload_incomplete` when no more will come. */
  findArrived(jobId: string): Promise<Arrived>;
  /**
   * Lets be seen by which connection a part is worked on, before anything else is done of it. Returns of what kind its job
   * is, null for a job that is not there.
   */
  beginPart(message: DispatchMessage): Promise<JobKind | null>;
  /** What is asked of the job now. Reads only, and locks nothing. */
  lookAtPart(message: DispatchMessage): Promise<PartLook>;
  /** The whole job so far. `bytes` counts from the first record. */
  countRecords(
    jobId: string,
  ): Promise<{ readonly read: number; readonly rejected: number; readonly bytes: number }>;
  /**
   * Publishes when every part is done, or the job is stopped with its rows kept, and nobody else is at it: checks wish, epoch and books, makes the rows visible
   * and ends the job in one transaction. Of a dry run it counts what would become of them, and drops them. Rows that the target refuses become rejections; for these `readPart` reads
   * their parts again. `not_yet`: parts are still open. Errors: `publish_refused`, `table_exists`, `too_many_rejected`,
   * `balance_mismatch`; nothing is visible then.
   */
  publish(
    assignment: PartAssignment,
    readPart: PartWork["openPart"],
  ): Promise<"published" | "not_yet" | "left">;
  /** What only exports need. */
  readonly exports: ExportStore;
  /** What only processes need. */
  readonly processes: ProcessStore;
  /** Whether the connection is there still, as far as is known without asking. */
  isOpen(): boolean;
  /** Closes the connection. May be called twice. */
  close(): Promise<void>;
}
