/** Ports of exports: what planning and runners need of the database and of the folder of files. */
import type {
  Compression,
  ExportPlan,
  ExportPosition,
  ExportPreview,
  ExportRange,
} from "./export-plan.ts";
import type { ExportRequest, SourceRelation } from "./export-request.ts";
import type { TableName } from "./job.ts";
import type { DispatchMessage, StoredBytes } from "./ports.ts";

/** What a query will come to, as the database estimates it. */
export interface QueryEstimate {
  readonly rows: number;
  /** Mean bytes of a row: of real rows where some were found quickly, else as the statistics say. */
  readonly bytesPerRow: number;
  /** The cost by the database's own measure: pages read one after the other cost 1 each. */
  readonly cost: number;
}

/** A plan as far as a query can be made of it. */
export type QueryPlan = Pick<
  ExportPlan,
  "source" | "columns" | "where" | "from" | "to" | "orderBy" | "key" | "format" | "staging"
>;

/** What planning asks of the database. Reads only; nothing is locked for longer than a statement. */
export interface ExportCatalog {
  /** A relation of any kind that has rows, or null. */
  describeSource(name: TableName): Promise<SourceRelation | null>;
  /**
   * The columns of a query. Errors: `invalid_request` for what is no single query that only reads, with the server's
   * words.
   */
  describeQuery(sql: string): Promise<SourceRelation["columns"]>;
  /** Errors: `invalid_request` when the server refuses the filter, or reads one of Sluice's own tables. */
  estimate(plan: QueryPlan): Promise<QueryEstimate>;
  /** The first rows that the plan gives; null when they are not found in a second. Errors: those of `estimate`. */
  preview(plan: QueryPlan): Promise<ExportPreview | null>;
  /** Cuts the table, of about `tableBytes`, into about `parts` ranges of its key that hold like numbers of rows, up to the largest key. */
  findRanges(
    plan: QueryPlan,
    table: { readonly parts: number; readonly tableBytes: number },
  ): Promise<readonly ExportRange[]>;
  /** Rows of the last export of this table that succeeded; null when there is none. */
  findLastRows(table: TableName): Promise<number | null>;
}

/** Decides how rows are exported, before a job exists. */
export interface ExportPlanner {
  /**
   * Errors: `table_not_found`, `invalid_request` for what the request or the database does not allow.
   */
  plan(
    request: ExportRequest,
    names: { readonly resultFile: string; readonly staging: string },
  ): Promise<ExportPlan>;
  /** See `ExportCatalog.preview`. */
  preview(plan: ExportPlan): Promise<ExportPreview | null>;
}

/** A part of an export with all that its runner needs. */
export interface ExportAssignment {
  readonly part: {
    readonly jobId: string;
    readonly partNo: number;
    /** Bytes of the part that are committed. */
    readonly bytes: number;
    /** Checkpoint between rows; null before the first commit. */
    readonly position: ExportPosition;
    /** Where the part begins and ends. */
    readonly after: ExportPosition;
    readonly upTo: ExportPosition;
    readonly isDone: boolean;
  };
  readonly epoch: number;
  readonly plan: ExportPlan;
}

/** A stretch of rows that is in a segment, durably. */
export interface ExportedChunk {
  readonly fromByte: number;
  readonly toByte: number;
  readonly before: ExportPosition;
  readonly after: ExportPosition;
  readonly rows: number;
  readonly segment: string;
  /** Whether the part ends here. */
  readonly isLast: boolean;
}

/** What became of a step. `left`: somebody else has a say; nothing was written and the part is dropped. */
export type StepOutcome = "done" | "left";

/** A stretch of a segment, in the order of the result. */
export interface SegmentPiece {
  readonly segment: string;
  /** Where it starts in the segment. Default: at its beginning. */
  readonly from?: number;
  readonly bytes: number;
}

/** Takes the bytes of rows as they come. Returns a promise where the sender has to wait. */
export type RowSink = (block: Uint8Array) => Promise<void> | undefined;

/** The statements of a runner about exports. One call at a time. */
export interface ExportStore {
  /** A part of an export at its checkpoint; null when the job is of another kind or the epoch is over. */
  openPart(message: DispatchMessage): Promise<ExportAssignment | null>;
  /**
   * Copies the rows into the private table and adds the parts, in one transaction. Errors: `query_failed`.
   */
  takeSnapshot(
    assignment: ExportAssignment,
    partBytes: number,
  ): Promise<
    | { readonly kind: "left" }
    | { readonly kind: "added"; readonly messages: readonly DispatchMessage[] }
  >;
  /**
   * Where a stretch of about `rows` rows that begins at `range.after` ends; `range.upTo` at the latest. Errors:
   * `query_failed`.
   */
  findEnd(plan: ExportPlan, range: ExportRange, rows: number): Promise<ExportPosition>;
  /** Hands the rows of a range to `sink`, in the format of the result and its order. Returns how many. Errors: `query_failed`. */
  readRows(plan: ExportPlan, range: ExportRange, sink: RowSink): Promise<number>;
  /** The checkpoint and the ledger, or nothing: by the same gate as a chunk of an import. */
  commit(assignment: ExportAssignment, chunk: ExportedChunk): Promise<StepOutcome>;
  /**
   * When every part is done and nobody else is at it: has the result assembled, and gives it its name and ends the job
   * in one transaction. Errors: `balance_mismatch`.
   */
  publish(
    assignment: ExportAssignment,
    files: ExportFiles,
  ): Promise<"published" | "not_yet" | "left">;
}

/** A file that one runner appends to, for as long as it has a part. */
export interface SegmentWriter {
  /** Bytes that reached the file so far, packed. */
  readonly bytes: number;
  /** Takes bytes in order; the owner may not change them after. Returns what to wait for when it has too many in hand. */
  write(block: Uint8Array): Promise<void> | undefined;
  /** Ends what was written since the last call so that it can be unpacked by itself. Resolves with the length when it is durable. */
  sync(): Promise<number>;
  /** Frees the handle. May be called twice. */
  close(): Promise<void>;
}

/** A result that is complete and has no name yet. */
export interface AssembledResult extends StoredBytes {
  /** Gives it the name of a file, durably. */
  accept(fileId: string): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/**
 * Where unfinished exports live. A segment belongs to the runner that made it, so that two that believe to have one part
 * never write to one file; which bytes of it count is decided by the ledger. Errors: `storage_full`, `storage_failed`.
 */
export interface ExportFiles {
  openSegment(jobId: string, segment: string, compression: Compression): Promise<SegmentWriter>;
  /** Removes a segment of which nothing was committed. */
  removeSegment(jobId: string, segment: string): Promise<void>;
  /** Puts `head` and the pieces together, durably. Errors also: `source_changed` when a piece is gone or too short. */
  assemble(
    jobId: string,
    pieces: readonly SegmentPiece[],
    head?: Uint8Array,
  ): Promise<AssembledResult>;
  /** Removes all that a job has left. With `resultFile` that file as well, first. */
  removeJob(jobId: string, resultFile: string | null): Promise<void>;
  /** Ids of the jobs that have left something. */
  listJobs(): Promise<readonly string[]>;
}
