/** Ports of processes: what the engine needs of the folder of processes, of user code and of the reader. */
import type { ReadingPlan } from "./import-plan.ts";
import type { StoredFile } from "./job.ts";
import type { ProcessPlan } from "./process-plan.ts";
import type { ReadingOptions } from "./reading-options.ts";
import type { Rejection } from "./rejection.ts";
import type { RecordPlace } from "./record-ranges.ts";

/** A process that can be run, as its file describes it. */
export interface ProcessDescription {
  readonly name: string;
  /** Default: the name. */
  readonly title: string;
  readonly description: string | null;
  /** Name of the file in the folder of processes. */
  readonly fileName: string;
  /** JSON Schema of its params; null when it takes none, or when the schema cannot tell. */
  readonly params: Readonly<Record<string, unknown>> | null;
  readonly batchSize: number;
  readonly hasUndo: boolean;
  /** Whether it writes a result by `ctx.emit`. */
  readonly hasOutput: boolean;
  /** The text of its file. */
  readonly source: string;
}

/** A file of the folder that does not load, or holds no process. */
export interface BrokenProcess {
  readonly fileName: string;
  /** The name it would have: that of its file. */
  readonly name: string;
  /** What is wrong, for people: `create-teams.ts line 14: …`. */
  readonly message: string;
  readonly line: number | null;
}

/** The processes of the folder. Files are looked at anew when they have changed. */
export interface ProcessCatalog {
  /** All of them, by name; the broken ones apart. An absent folder has none. */
  list(): Promise<{
    readonly processes: readonly ProcessDescription[];
    readonly broken: readonly BrokenProcess[];
  }>;
  /** Errors: `process_not_found`, which names what there is; `process_broken`. */
  get(name: string): Promise<ProcessDescription>;
  /**
   * Asks the process what it makes of a request: checks params, and names the columns of its result for a file with
   * `fields`. Errors: as `get`; `invalid_request` with a pointer below `/params` for each fault.
   */
  prepare(
    name: string,
    request: {
      readonly params: Readonly<Record<string, unknown>>;
      readonly fields: readonly string[];
    },
  ): Promise<{ readonly outputColumns: readonly string[] | null }>;
}

/** One record as user code gets it, before its own schema has read it. */
export interface BatchRecord {
  /** Number among the data records of the file, from 1. */
  readonly record: number;
  readonly line: number;
  /** The texts of its fields, in the order of `ProcessPlan.fields`. */
  readonly values: readonly string[];
}

/** A batch on its way to user code. */
export interface HostBatch {
  readonly jobId: string;
  /** See `batchKeyOf`. */
  readonly key: string;
  /** From 1; how often it was tried, this time included, since the runner took the part. */
  readonly attempt: number;
  /** Of an undo: whether `run` was committed. False: it was begun, and nobody knows how far it came. */
  readonly isCommitted: boolean;
  /** Of an undo: what `run` returned for the batch, as JSON; null when it returned nothing, or was interrupted. */
  readonly result: string | null;
  readonly records: readonly BatchRecord[];
}

/** A line that user code logged. Cut to size by the host. */
export interface HostLogLine {
  readonly message: string;
  /** JSON. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly at: Date;
}

/** What a statement of user code has answered. */
export interface StatementAnswer {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Rows that it returned or changed. */
  readonly rowCount: number;
}

/** What user code may ask for while it works on a batch. */
export interface HostCalls {
  /** Runs one statement in the batch's transaction. Errors are given to user code as errors of the database. */
  query(text: string, values: readonly unknown[]): Promise<StatementAnswer>;
  log(line: HostLogLine): void;
}

/** A record that user code, or its schema, refused. */
export interface HostRejection {
  /** Index in `HostBatch.records`. */
  readonly index: number;
  readonly column: string | null;
  readonly code: "refused_by_process" | "against_schema";
  readonly message: string;
}

/** A record that `undo` left as it is, with the reason. */
export interface HostKept {
  readonly index: number;
  readonly reason: string;
}

/** What became of a batch in user code. */
export type HostAnswer =
  | {
      readonly kind: "done";
      /** At most one a record, in the order of the records. */
      readonly rejections: readonly HostRejection[];
      /** Of an undo. */
      readonly kept: readonly HostKept[];
      /** What `run` returned, as JSON; null when that was nothing. */
      readonly result: string | null;
      /** What was emitted, as lines of CSV; empty when nothing was. */
      readonly output: Uint8Array;
      readonly outputRows: number;
    }
  /** It threw, or did not keep to what is agreed. */
  | {
      readonly kind: "threw";
      readonly message: string;
      /** `create-teams.ts line 14`. */ readonly place: string | null;
    }
  /** The operating system process of the host is gone: it left, was out of memory or time, or was stopped. */
  | {
      readonly kind: "died";
      readonly why: "exited" | "out_of_memory" | "out_of_time" | "stopped";
      readonly message: string;
    };

/**
 * Runs the user code of one process in an operating system process of its own, which has no connection and no secret of
 * Sluice. One batch at a time.
 */
export interface ProcessHost {
  readonly rules: HostRules;
  run(batch: HostBatch, calls: HostCalls): Promise<HostAnswer>;
  undo(batch: HostBatch, calls: HostCalls): Promise<HostAnswer>;
  /**
   * Aborts `ctx.signal` of the batch in hand, and ends the host when it has not answered `graceMs` later. No effect
   * without a batch.
   */
  abort(graceMs: number): void;
  /** Ends the host at once. May be called twice. */
  stop(): Promise<void>;
}

/** How the file of a process says, as it was when its host started, that its batches are to be run. */
export interface HostRules {
  /** How often a batch that threw is tried again. */
  readonly retries: number;
  /** Whether a batch that keeps failing is halved. */
  readonly isolate: boolean;
  /** How long a batch may take, in milliseconds: no longer than `HostLimits.batchMs`. */
  readonly batchMs: number;
  readonly hasUndo: boolean;
}

/** Starts hosts. */
export interface ProcessHosts {
  /** Errors: `process_not_found`, `process_broken`, `invalid_request` for params that the process now refuses. */
  start(plan: ProcessPlan, options: HostLimits): Promise<ProcessHost>;
}

/** What a host may use. */
export interface HostLimits {
  /** The longest that one batch may take, in milliseconds, whatever the process says. */
  readonly batchMs: number;
  /** Resident memory, in bytes. */
  readonly memoryBytes: number;
}

/** Consecutive records of a source. */
export interface ReadBatch {
  readonly from: RecordPlace;
  /** The place behind the batch. */
  readonly to: RecordPlace;
  /** The records that could be read, in order. */
  readonly records: readonly (BatchRecord & {
    readonly byte: number;
    readonly byteLength: number;
    /** Its first `RAW_TEXT_LIMIT_BYTES` bytes. */
    readonly raw: Uint8Array;
  })[];
  /** The others, in order. */
  readonly rejections: readonly Rejection[];
}

/** Reads the records of a process's source in batches. */
export interface BatchReader {
  /** The next batch, of at most `records` records; null at the end. Errors: `unclosed_quote`, `record_too_large`, `source_changed`. */
  next(records: number): Promise<ReadBatch | null>;
  /** Frees what it holds. May be called twice. */
  close(): Promise<void>;
}

/** Decides how a process reads a file, before a job exists. */
export interface ProcessReading {
  /**
   * `header` and `fields` as in `ProcessPlan`. Errors: the refusals of the reading rules, `inflate_failed`,
   * `inflate_limit`.
   */
  plan(
    file: StoredFile,
    options: ReadingOptions,
  ): Promise<{
    readonly plan: ReadingPlan;
    readonly header: readonly string[];
    readonly fields: readonly string[];
  }>;
}

/** Opens a reader at a record. `end` is where to stop; default: the end of the source. Errors: `source_changed`. */
export type OpenBatches = (
  plan: ReadingPlan,
  from: RecordPlace,
  end?: number,
) => Promise<BatchReader>;
