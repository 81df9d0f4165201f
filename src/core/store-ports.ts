/**
 * What the engine asks of the database, as ports. `store/` implements them with one statement or one transaction a
 * method. All of them may throw `database_unavailable`; a caller that loops tries again.
 */
import type { Failure } from "./errors.ts";
import type { ExportPlan } from "./export-plan.ts";
import type { ExportCatalog, ExportStore } from "./export-ports.ts";
import type { ExportRequest } from "./export-request.ts";
import type { ImportPlan, TargetTable } from "./import-plan.ts";
import type { JobState, Phase, Signal, Wish } from "./job-state.ts";
import type {
  ImportRequest,
  Job,
  JobEvent,
  JobResult,
  JobSettings,
  Part,
  RowsOnStop,
  StoredFile,
  TableName,
} from "./job.ts";
import type { DispatchMessage, EncodedChunk, PartBoundary, PartWork } from "./ports.ts";
import type { JobFilter, Page } from "./job-service.ts";
import type { NewProcess, ProcessLogLine, ProcessStore } from "./process-store-ports.ts";
import type { ProcessPlan, ProcessResult } from "./process-plan.ts";
import type { BookedRecords } from "./record-ranges.ts";
import type { Rejection } from "./rejection.ts";
import type { MaxRejected } from "./rejection-limit.ts";
import type { TableCatalog } from "./table-catalog.ts";
import type { Arrived } from "./upload-ports.ts";

/** An import as it is created, with its staging table and its first parts. */
export interface NewJob {
  readonly id: string;
  readonly door: "api" | "flat";
  readonly name: string;
  readonly request: ImportRequest;
  readonly plan: ImportPlan;
  readonly state: "queued" | "paused";
  readonly createdBy: string;
  readonly idempotencyKey: string | null;
  /** The job that it is made from. */
  readonly parent: string | null;
  /** Files over this size are split by a search for parts; smaller ones are one part. */
  readonly partBytes: number;
  /** Of a file that still arrives: how much has to be there before its search begins. Otherwise null. */
  readonly waitsForByte: number | null;
  /** Of a sample job: the worker that the service is which keeps another for it. Absent or null: no sample. */
  readonly sampleKeeper?: string | null;
}

/** An export as it is created, with the parts that its plan names. */
export interface NewExport extends Pick<
  NewJob,
  "id" | "name" | "state" | "createdBy" | "idempotencyKey"
> {
  readonly request: ExportRequest;
  readonly plan: ExportPlan;
}

/** What the books say of a job's records at one moment, with what is needed to read them. */
export interface BooksOfRecords extends BookedRecords {
  /** Whether publishing is still to come, or under way: what it rejects is not in these books. */
  readonly isBeforePublishing: boolean;
  readonly plan: ImportPlan | ProcessPlan;
  readonly fileName: string;
}

/** Which rejections of a job are listed, in the order of their records. */
export interface RejectionPage {
  readonly limit: number;
  readonly afterRecord: number;
  /** Leaves out what publishing rejected. */
  readonly isBeforePublishing?: boolean;
}

/** Files and jobs, read and created. Used by every door. */
export interface JobStore {
  newFileId(): string;
  newJobId(): string;
  /** Name of the staging table of a job that is to be created. */
  stagingName(jobId: string): string;
  insertFile(file: Omit<StoredFile, "createdAt">): Promise<StoredFile>;
  findFile(fileId: string): Promise<StoredFile | null>;
  listFiles(filter: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<StoredFile>>;
  /** Deletes the row of a file unless a job that can still run needs it. */
  deleteFile(fileId: string): Promise<"deleted" | "not_found" | "in_use">;
  /**
   * Creates job, signal, parts, staging table and messages in one transaction. Returns `flat_active` when the flat
   * API has an active job, `table_claimed` when another active job creates the same table, `key_used` when the
   * idempotency key exists; in each case nothing was written. Errors: `not_found` for the file and the parent.
   */
  insertJob(job: NewJob): Promise<"created" | "flat_active" | "table_claimed" | "key_used">;
  /** Creates job, signal, parts and messages of an export in one transaction. `key_used` as in `insertJob`. */
  insertExport(job: NewExport): Promise<"created" | "key_used">;
  /**
   * Creates job, signal, part and message of a process in one transaction. Returns and errors as of `insertJob`.
   */
  insertProcess(job: NewProcess): Promise<"created" | "flat_active" | "key_used">;
  /** Lines that a process has logged behind `after`, in order. */
  listLog(
    jobId: string,
    page: { readonly limit: number; readonly after: number },
  ): Promise<readonly ProcessLogLine[]>;
  /** Results of processes that were undone in the last days: whether their bytes are gone is for the caller to see. */
  listForgottenResults(): Promise<readonly { readonly jobId: string; readonly file: string }[]>;
  /** What planning an export asks. */
  readonly exports: ExportCatalog;
  /** What there is to choose from. */
  readonly tables: TableCatalog;
  findJob(jobId: string): Promise<Job | null>;
  findJobsByPrefix(prefix: string): Promise<readonly Job[]>;
  findJobByIdempotencyKey(key: string): Promise<Job | null>;
  findFlatJob(): Promise<Job | null>;
  listJobs(filter: JobFilter): Promise<Page<Job>>;
  countJobsAhead(jobId: string): Promise<number>;
  deleteEndedJob(jobId: string): Promise<boolean>;
  /**
   * Changes settings of a job, and writes to its history what is other than before. With `ifVersion` only while the job
   * has that version.
   */
  changeJob(
    jobId: string,
    change: JobSettings,
    how: { readonly by: string; readonly ifVersion: number | null },
  ): Promise<"changed" | "not_found" | "version_conflict">;
  listEvents(jobId: string, after: number): Promise<readonly JobEvent[]>;
  /** The newest events of all jobs after an event, at most 1,000, in order. */
  listEventsOfAll(after: number): Promise<readonly JobEvent[]>;
  listRejections(jobId: string, page: RejectionPage): Promise<readonly Rejection[]>;
  /** All of one snapshot. */
  findBookedRecords(jobId: string): Promise<BooksOfRecords | null>;
  /** Where the rejected records are, as `listRejections` without what they hold. */
  listRejectedOffsets(
    jobId: string,
    page: RejectionPage,
  ): Promise<readonly { readonly record: number; readonly byte: number }[]>;
  /** The table as the catalog knows it, or null. */
  describeTable(name: TableName): Promise<TargetTable | null>;
  /** What has this name, in words: `table`, `view`, `materialized view`, `index`, …; null when nothing has. */
  findRelationKind(name: TableName): Promise<string | null>;
  schemaExists(schema: string): Promise<boolean>;
  /** Errors: `database_unavailable`. */
  ping(): Promise<void>;
}

/** How far the undoing of a job's rows has come. */
export interface UndoProgress {
  readonly removed: number;
  readonly isDone: boolean;
}

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
  /** Takes rows of the job out of the next stretch of its target. */
  undoStretch(): Promise<UndoProgress>;
  /** Sends one message for each part that is not finished, or for the last when all are: also to undo a process. */
  dispatchUnfinished(): Promise<void>;
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
}

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
  /** What is asked of the job now. Reads only, and locks nothing. */
  lookAtPart(message: DispatchMessage): Promise<PartLook>;
  /** The whole job so far. `bytes` counts from the first record. */
  countRecords(
    jobId: string,
  ): Promise<{ readonly read: number; readonly rejected: number; readonly bytes: number }>;
  /**
   * Publishes when every part is done and nobody else is at it: checks wish, epoch and books, makes the rows visible
   * and ends the job in one transaction. Rows that the target refuses become rejections; for these `readPart` reads
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
  /** Closes the connection. May be called twice. */
  close(): Promise<void>;
}
