/** What a runner asks of the database about a process. `store/` implements it over the runner's own connection. */
import type { KeptReason } from "./kept-reasons.ts";
import type { ExportFiles, StepOutcome } from "./export-ports.ts";
import type { DispatchMessage } from "./ports.ts";
import type { HostLogLine, StatementAnswer } from "./process-ports.ts";
import type { BatchRecords, ProcessPlan, ProcessRequest } from "./process-plan.ts";
import type { RecordPlace } from "./record-ranges.ts";
import type { Rejection } from "./rejection.ts";
import type { MaxRejected } from "./rejection-limit.ts";
import type { NewJob } from "./store-ports.ts";

/** A process as it is created. It has one part, whatever the size of its file. */
export interface NewProcess extends Pick<
  NewJob,
  "id" | "door" | "name" | "state" | "createdBy" | "idempotencyKey" | "parent" | "retry"
> {
  readonly request: ProcessRequest;
  readonly plan: ProcessPlan;
}

/** A line that user code has logged, as it is kept. */
export interface ProcessLogLine {
  /** Grows with each line of a job. */
  readonly id: number;
  readonly at: Date;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | null;
}

/** The part of a process with all that its runner needs. */
export interface ProcessAssignment {
  readonly jobId: string;
  readonly partNo: number;
  readonly epoch: number;
  /** The runner that has claimed the part. */
  readonly runnerId: string;
  readonly plan: ProcessPlan;
  /** Whether batches are to be run, or what was done is to be undone. */
  readonly task: "run" | "undo";
  readonly checkpoint: RecordPlace;
  readonly endByte: number;
  readonly maxRejected: MaxRejected | null;
  /** Records that may still be read before the job pauses itself; null without such a limit. */
  readonly recordsUntilPause: number | null;
}

/** Where a batch is: from its first attempt on always the same. */
export interface BatchExtent {
  readonly from: RecordPlace;
  readonly to: RecordPlace;
}

/** A batch of which the books know that user code was started with it. */
export interface BegunBatch extends BatchRecords {
  /** Whether it kept failing and was halved. */
  readonly isSplit: boolean;
}

/** A batch that is to be undone. */
export interface UndoableBatch extends BatchExtent {
  readonly id: number;
  readonly isCommitted: boolean;
  /** What `run` returned, as JSON. */
  readonly result: string | null;
  /** Numbers of the records that were rejected, in order. */
  readonly rejected: readonly number[];
}

/** A batch that was run, with what it leaves in the books. */
export interface RunBatch extends BatchExtent {
  readonly read: number;
  readonly rejections: readonly Rejection[];
  /** What `run` returned, as JSON, for `undo`. */
  readonly result: string | null;
  /** Where the lines that it emitted are, durably; null when it emitted none. */
  readonly output: {
    readonly segment: string;
    readonly fromByte: number;
    readonly toByte: number;
    readonly rows: number;
  } | null;
}

/** What came of undoing a batch. */
export type UndoneBatch =
  | {
      readonly kind: "undone";
      readonly records: number;
      readonly kept: number;
      readonly keptReasons: readonly KeptReason[];
    }
  | { readonly kind: "failed"; readonly message: string };

/** What an attempt to commit came to. `refused`: the database said no to what user code left in the transaction. */
export type BatchCommit = StepOutcome | { readonly refused: string };

/**
 * The statements of a runner about processes. One call at a time, but for `watch`. Between `openTransaction` and
 * `commitRun`, `commitUndo` or `rollBack` the transaction of a batch is open.
 */
export interface ProcessStore {
  /** The part of a process at its checkpoint; null when the job is of another kind, the epoch is over, or nobody has it. */
  openPart(message: DispatchMessage): Promise<ProcessAssignment | null>;
  /** The batches that were begun and not committed and hold the record, the largest first. */
  findBegun(assignment: ProcessAssignment, record: number): Promise<readonly BegunBatch[]>;
  /**
   * Notes that user code is about to be started with a batch, in a transaction of its own: from here on the batch keeps its
   * extent, and is undone when the job is. Nothing is begun once a person has asked for something else.
   */
  beginRun(assignment: ProcessAssignment, batch: BatchExtent): Promise<StepOutcome>;
  /** Notes that a batch that was begun is done by its halves from now on. */
  splitRun(assignment: ProcessAssignment, batch: BatchExtent): Promise<StepOutcome>;
  /** Opens the transaction that user code works in. The server ends it when nothing was said in it for `idleMs`. */
  openTransaction(idleMs: number): Promise<void>;
  /** One statement of user code. Errors: those of the server as they are; `invalid_request` for one about transactions. */
  query(text: string, values: readonly unknown[]): Promise<StatementAnswer>;
  /** Commits what user code did, with checkpoint, ledger and rejections, or nothing of it. */
  commitRun(assignment: ProcessAssignment, batch: RunBatch): Promise<BatchCommit>;
  /** Ends the transaction without a trace, also when a statement is in flight. */
  rollBack(): Promise<void>;
  /** Notes that this runner works on no batch of the job any more. */
  letGo(assignment: ProcessAssignment): Promise<void>;
  /** The newest batch that is to be undone; null when there is none. */
  findUndoable(assignment: ProcessAssignment): Promise<UndoableBatch | null>;
  /** As `beginRun`, for undoing a batch. */
  beginUndo(assignment: ProcessAssignment, batch: UndoableBatch): Promise<StepOutcome>;
  /** Commits what `undo` did with what came of it; a failure after a rollback. */
  commitUndo(
    assignment: ProcessAssignment,
    batch: UndoableBatch,
    outcome: UndoneBatch,
  ): Promise<BatchCommit>;
  /** Ends the job when every batch was undone or could not be. */
  endUndo(assignment: ProcessAssignment): Promise<StepOutcome>;
  /** Keeps what user code has logged; of the job's lines the newest thousand. */
  addLog(jobId: string, lines: readonly HostLogLine[]): Promise<void>;
  /**
   * What is asked of the job now, on a connection of its own. `pause`: nothing is begun any more; `over`: what this runner
   * does commits nothing any more.
   */
  watch(assignment: ProcessAssignment): Promise<"run" | "pause" | "over">;
  /** The whole job so far. `bytes` counts from the first record. */
  countRecords(
    jobId: string,
  ): Promise<{ readonly read: number; readonly rejected: number; readonly bytes: number }>;
  /**
   * When the part is done: has the result assembled when there is one, and ends the job in one transaction. Errors:
   * `too_many_rejected`, `balance_mismatch`.
   */
  publish(
    assignment: ProcessAssignment,
    files: ExportFiles,
  ): Promise<"published" | "not_yet" | "left">;
}
