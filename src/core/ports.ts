/**
 * Ports: what the engine needs from the outside, as interfaces. Adapters implement them, `server.ts` builds the adapters.
 */
import type { ImportPlan, Packing, TargetTable } from "./import-plan.ts";
import type { InspectOptions, Inspection } from "./inspection.ts";
import type { ImportRequest, Part, RecordCounts, StoredFile, TableName } from "./job.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import type { ReadingOptions } from "./reading-options.ts";
import type { Rejection } from "./rejection.ts";
import type { ArrivalOptions, FollowedUpload } from "./upload-ports.ts";

/** Bytes of a range of a file, in order. */
export interface ByteSource {
  /**
   * Fills `into` with the next bytes and returns how many; 0 at the end of the range. May return fewer than fit.
   * One call at a time.
   */
  read(into: Uint8Array): Promise<number>;
  /** Frees the handle. May be called twice. */
  close(): Promise<void>;
}

/** What is stored of a file once its last byte is durable. */
export interface StoredBytes {
  readonly bytes: number;
  readonly sha256: string;
}

/** A whole and durable file in the folder of files that no store knows of yet. */
export interface LocalFile extends StoredBytes {
  readonly path: string;
}

/** Where uploaded files live. Ids are made by the caller; no name of a sender ever becomes a path. */
export interface FileStore {
  /**
   * Writes a stream as the file `fileId`. The file exists only when this returns: bytes synced, name synced.
   * On any error nothing is left. Errors: `file_too_large` as soon as `maxBytes` is passed, `storage_full`,
   * `storage_failed`. What `source` throws is thrown again.
   *
   * With `arrival` it can be opened from the first note on, and holds at least the bytes that were noted; `stat` knows it
   * only when it is whole.
   */
  put(
    fileId: string,
    source: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly arrival?: ArrivalOptions },
  ): Promise<StoredBytes>;
  /**
   * Takes a whole and durable file of this machine, which lies in the store's own folder, as the file `fileId`. It loses the
   * name that it had, also when this fails. Errors: `storage_full`, `storage_failed`.
   */
  adopt(fileId: string, path: string): Promise<void>;
  /** Opens bytes `start` (included) to `end` (not included). Errors: `source_changed` when the file is gone. */
  open(
    fileId: string,
    range: { readonly start: number; readonly end: number },
  ): Promise<ByteSource>;
  /** Size and version of the file, or null when it does not exist. Whoever writes to a file gives it another version. */
  stat(fileId: string): Promise<{ readonly bytes: number; readonly version: string } | null>;
  /** Removes the file, also one that arrives. No error when it does not exist. */
  remove(fileId: string): Promise<void>;
}

/** "Look at part P of job J at epoch E." Part 0 asks to find the parts. */
export interface DispatchMessage {
  readonly jobId: string;
  readonly partNo: number;
  readonly epoch: number;
}

/** A message that was taken, with what the dispatcher needs to settle it. */
export interface TakenMessage extends DispatchMessage {
  readonly receipt: string;
}

/** A connection that can run a statement: lets a message join the transaction that changes the state. */
export interface SqlRunner {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * Tells some supervisor that a part waits. At least once, in no order; losing, repeating or delaying a message costs
 * time and nothing else, because claiming is decided by the part's row.
 */
export interface Dispatcher {
  /** Sends messages, inside the transaction of `tx` when given. */
  dispatch(messages: readonly DispatchMessage[], tx?: SqlRunner): Promise<void>;
  /** Takes up to `limit` waiting messages; empty when there are none. Never waits. */
  take(limit: number): Promise<readonly TakenMessage[]>;
  /** Settles messages that were taken, whatever became of them. */
  done(messages: readonly TakenMessage[]): Promise<void>;
  /** Frees what the dispatcher holds. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Consecutive records, encoded and complete in memory: bytes in, typed chunk out. The buffers belong to the reader
 * and stay valid until the second `next` call after the one that returned them, or `close` (two chunks a lane, no more).
 */
export interface EncodedChunk {
  /** Offset in the source at which the chunk starts and ends. */
  readonly fromByte: number;
  readonly toByte: number;
  /** Number and line of the record that follows the chunk. */
  readonly nextRecord: number;
  readonly nextLine: number;
  readonly counts: RecordCounts;
  readonly notes: ReadingNotes;
  /** The rows in COPY's format, without a trailer. Empty when no record was written. */
  readonly rows: Uint8Array;
  /**
   * Where each written row starts in `rows`, and the record it came from; lets a row that the database refuses be
   * isolated. Index i is the i-th written row; `rowOffsets` has one entry more, the end.
   */
  readonly rowOffsets: Uint32Array | readonly number[];
  readonly rowOrigins: (row: number) => {
    readonly record: number;
    readonly line: number;
    readonly byte: number;
    readonly byteLength: number;
    /** Its first `RAW_TEXT_LIMIT_BYTES` bytes. */
    readonly raw: Uint8Array;
  };
  readonly rejections: readonly Rejection[];
}

/** How much one chunk may hold; whichever limit is met first ends it. */
export interface ChunkLimits {
  readonly sourceBytes: number;
  readonly records: number;
}

/** Reads one part from its checkpoint on. */
export interface PartReader {
  /** The format of `EncodedChunk.rows`. */
  readonly format: "text" | "binary";
  /** Names of the columns in the order of the encoded rows, unquoted. */
  readonly copyColumns: readonly string[];
  /**
   * The next chunk, or null at the end of the part. Errors: `unclosed_quote`, `record_too_large`, `source_changed`;
   * what was returned before stays valid.
   */
  next(limits: ChunkLimits): Promise<EncodedChunk | null>;
  close(): Promise<void>;
}

/** Where a part ends, found by an exact scan. */
export interface PartBoundary {
  readonly endByte: number;
  /** Number and line of the record that starts at `endByte`. */
  readonly nextRecord: number;
  readonly nextLine: number;
  readonly isLast: boolean;
}

/** What a kind of job does with bytes. Runs in a runner thread. */
export interface PartWork {
  /** Opens a reader at the part's checkpoint. Errors: `source_changed`. */
  openPart(plan: ImportPlan, part: Part): Promise<PartReader>;
  /**
   * Yields the ends of successive parts (the last may be shorter), starting at a known record start; `partBytes`
   * says how long the one that begins at an offset is at least. Each boundary is where the sequential reader ends a record, whatever the quoting.
   */
  findParts(
    plan: ImportPlan,
    from: { readonly byte: number; readonly record: number; readonly line: number },
    partBytes: (from: number) => number,
  ): AsyncIterable<PartBoundary>;
  /**
   * As `findParts` for a file that still arrives: yields the ends of the parts that are there, each followed by at least
   * one byte, and ends. It ended with the file when the last one says so; otherwise it has to be asked again when there
   * is more.
   */
  followParts(
    plan: ImportPlan,
    from: { readonly byte: number; readonly record: number; readonly line: number },
    upload: FollowedUpload,
  ): AsyncIterable<PartBoundary>;
}

/** The first bytes of a source, and how much it holds. */
export interface SourceSample {
  /** Of a packed file, the first bytes of what it inflates to. */
  readonly sample: Uint8Array;
  /** Whether the sample is the whole source. */
  readonly isWhole: boolean;
  /** Stretches from all over the rest of the source, for types alone. None when the sample is the whole. */
  readonly blocks?: readonly { readonly bytes: Uint8Array; readonly isEnd: boolean }[];
  /** Size of the source. Defaults to that of the file. Of a packed file that was not measured, no less than this. */
  readonly sourceBytes?: number;
  /** Absent for a file that is not packed. */
  readonly packing?: Packing;
}

/** What the planner decides from. */
export interface PlanInput extends SourceSample {
  readonly request: ImportRequest;
  readonly file: StoredFile;
  /** Version of the stored file; absent where nothing is imported from it. */
  readonly sourceVersion?: string;
  readonly target: TableName;
  /** The existing target; null when it is to be created. */
  readonly targetTable: TargetTable | null;
  readonly staging: string;
}

/** Decides how a file is read and where its fields go, before a job exists. */
export interface ImportPlanner {
  /** The table that a request means: declared, or made from the file's name. Errors: `invalid_request`. */
  targetOf(request: Pick<ImportRequest, "table">, fileName: string): TableName;
  /**
   * Reads the beginning of a stored file and blocks of the rest. A packed one is inflated to its end for that, which
   * also tells its size and takes seconds for a gigabyte: only when `isMeasured`. Errors: `inflate_failed`,
   * `inflate_limit`, `unsupported_format`.
   */
  readSample(
    files: Pick<FileStore, "open">,
    file: StoredFile,
    options: { readonly reading: ReadingOptions; readonly isMeasured: boolean },
  ): Promise<SourceSample>;
  /** How many bytes of a file have to be there before `readArrivingSample` can tell anything. */
  readonly arrivingSampleBytes: number;
  /**
   * Reads the same beginning of a file of which `bytes` are there and more will come. `later`: so little is there that
   * more may be needed; `whole`: it is packed, and tells nothing before its end.
   */
  readArrivingSample(
    files: Pick<FileStore, "open">,
    file: { readonly id: string; readonly bytes: number },
  ): Promise<SourceSample | "later" | "whole">;
  /** Errors: the refusals of the reading rules, `invalid_request`. */
  plan(input: PlanInput): ImportPlan;
  /**
   * Makes the plan and reads the file by it, all of it when it is small or `readsAll`, otherwise its beginning. What is
   * found so far comes as soon as the first records are read, again every 16 MiB, and a last time at the end. Who takes
   * no more ends the reading. Errors: those of `plan` and `readSample`.
   */
  inspect(
    files: Pick<FileStore, "open">,
    input: PlanInput,
    options: InspectOptions,
  ): AsyncIterable<Inspection>;
  /** Up to `limit` records of the sample as texts, after the header. */
  sampleRecords(plan: ImportPlan, input: PlanInput, limit: number): readonly (readonly string[])[];
}
