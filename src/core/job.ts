/** The domain types of jobs, parts and files, as the engine and its doors see them. */
import type { RetryFacts } from "./correction.ts";
import type { Failure } from "./errors.ts";
import type { ExportPlan } from "./export-plan.ts";
import type { ExportRequest } from "./export-request.ts";
import type { JobState, Phase, Signal, Wish } from "./job-state.ts";
import type { ExportResult, JobResult, KeptRows } from "./job-result.ts";
import type { ProcessPlan, ProcessRequest, ProcessResult } from "./process-plan.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import type { ReadingOptions } from "./reading-options.ts";
import type { MaxRejected } from "./rejection-limit.ts";

/** What a job does. */
export const JOB_KINDS = ["import", "export", "process"] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/**
 * How rows reach the target. `create`: a new table; `append`: new rows of an existing one; `upsert`: rows of an existing
 * one that have the key of a record are updated, the other records are new rows; `replace`: an existing one has the rows
 * of the file instead of its own.
 */
export const IMPORT_MODES = ["create", "append", "upsert", "replace"] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];

/** What becomes of a record whose key the target has, in mode `append`: it is rejected, or `skip`: left out as unchanged. */
export const ON_CONFLICT = ["reject", "skip"] as const;
export type OnConflict = (typeof ON_CONFLICT)[number];

/**
 * Where rows wait until they are visible. `staged`: in a private table, published in one transaction. `direct`: nowhere,
 * each chunk is visible as it commits; only for `append`.
 */
export const DELIVERIES = ["staged", "direct"] as const;
export type Delivery = (typeof DELIVERIES)[number];

/** A table by schema and name, unquoted. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** What a person asked of an import. Absent fields take their defaults. */
export interface ImportRequest {
  readonly kind: "import";
  readonly file: string;
  /** `table` or `schema.table`. Default: made from the file's name. */
  readonly table?: string;
  /** Default `create`. */
  readonly mode?: ImportMode;
  /** Header text, or `#3` for the third column, to a column's name; null leaves the column out. */
  readonly columns?: Readonly<Record<string, string | null>>;
  /** Column name to a PostgreSQL type, for new tables. */
  readonly types?: Readonly<Record<string, string>>;
  /**
   * Columns as names, headers or `#3`. For new tables those of the primary key, by default none; with `upsert`, which
   * needs it, those by which a record is one with a row.
   */
  readonly key?: readonly string[];
  readonly reading?: ReadingOptions;
  readonly delivery?: Delivery;
  /** Default `reject`. `skip` is for staged `append`. */
  readonly onConflict?: OnConflict;
  /** More rejections than this fail the job; null or absent: never. */
  readonly maxRejected?: MaxRejected | null;
  /** Pauses the job after exactly this many records; null or absent: never. */
  readonly pauseAfter?: number | null;
  /** A name for people. Default: `file → table`. */
  readonly name?: string;
  /** Creates the job in state `paused`. Default false. */
  readonly startPaused?: boolean;
  /** How many records a second are read at the most; null or absent: as many as can be. */
  readonly maxRecordsPerSecond?: number | null;
  /** Of "Try with sample data": the job runs in a worker of its own that a person may kill. Default false. */
  readonly sample?: boolean;
  /** Reads and checks the whole file, and counts what publishing would do instead of publishing. Default false. */
  readonly dryRun?: boolean;
}

/** The most that `maxRecordsPerSecond` may be. */
export const MOST_RECORDS_PER_SECOND = 10_000_000;

/** What may be changed of a job while it runs. What is absent stays. */
export interface JobSettings {
  readonly name?: string;
  readonly maxRecordsPerSecond?: number | null;
}

/** A stored file. */
export interface StoredFile {
  readonly id: string;
  /** Name that the sender gave it. Only ever shown, never a path. */
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly createdAt: Date;
}

/** The file of a job: that of an upload which has not ended, or broke off, has no digest. */
export interface JobFile extends Omit<StoredFile, "sha256"> {
  readonly sha256: string | null;
}

/** The upload of a job that began before its file was whole. */
export interface Upload {
  /** Bytes of the file that are durable. */
  readonly bytesArrived: number;
  /** How many the sender has announced; null when it did not say. */
  readonly bytesAnnounced: number | null;
}

/** Where a part ends while its end is not known. No file is as long. */
export const OPEN_END = Number.MAX_SAFE_INTEGER;

/** A byte range of a job with its own checkpoint. Part numbers count from 1 in file order. */
export interface Part {
  readonly jobId: string;
  readonly partNo: number;
  readonly firstByte: number;
  readonly endByte: number;
  /** Checkpoint: offset of the first byte that is not committed. */
  readonly nextByte: number;
  /** Number of the record that starts at `nextByte`, from 1. */
  readonly nextRecord: number;
  /** Physical line of the record that starts at `nextByte`, from 1. */
  readonly nextLine: number;
}

/** What became of the records of a chunk, a part or a job. Always: read = written + rejected + filtered. */
export interface RecordCounts {
  readonly read: number;
  readonly written: number;
  readonly rejected: number;
  readonly filtered: number;
}

/** Committed progress: a sum over the parts. */
export interface Progress extends RecordCounts {
  /** Committed bytes of the file, the header included. */
  readonly bytesRead: number;
  /** Null while the file arrives and its sender has not said how long it is. */
  readonly bytesTotal: number | null;
  /** When the last chunk was committed; null before the first. */
  readonly checkpointAt: Date | null;
}

/** What becomes of the rows that are in the target when a job is stopped. */
export const ROWS_ON_STOP = ["undo", "keep"] as const;
export type RowsOnStop = (typeof ROWS_ON_STOP)[number];

/** What every job has, as one consistent read of the database shows it. */
interface JobFields {
  readonly id: string;
  readonly name: string;
  /** `flat` when `POST /create` made it, otherwise `api`. */
  readonly door: "api" | "flat";
  readonly state: JobState;
  readonly phase: Phase | null;
  /** Why it is in this state. */
  readonly stateReason: { readonly code: string; readonly by: string | null; readonly at: Date };
  readonly wish: Wish;
  readonly signal: Signal;
  readonly epoch: number;
  /** Table of schema `sluice` that holds rows which are not published, or a snapshot; null once it is gone. */
  readonly staging: string | null;
  /** The job that this one was made from; null for others. It may have been deleted since. */
  readonly parent: string | null;
  /** Null for a job that is no retry of its parent. */
  readonly retry: RetryFacts | null;
  /** Its own retries: how many of its rejected records they have, and how many they and theirs have written. */
  readonly retries: { readonly recordsRetried: number; readonly recordsFixed: number };
  readonly failure: Failure | null;
  readonly progress: Progress;
  /** Who created it. */
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** Time in `running` and `pausing` so far, the present stretch included. */
  readonly runningSeconds: number;
  /** Time in `paused` so far, the present stretch included. */
  readonly pausedSeconds: number;
  /** As it is now, whatever the request said; null: full speed. */
  readonly maxRecordsPerSecond: number | null;
  /** Grows with every change of the job row; with `progress.read` it identifies what a reader has seen. */
  readonly version: number;
}

/** A job that reads a file into a table. */
export interface ImportJob extends JobFields {
  readonly kind: "import";
  readonly file: JobFile;
  /** Null when the file is whole, as it is from the start unless the import began while it arrived. */
  readonly upload: Upload | null;
  readonly target: TableName;
  readonly request: ImportRequest;
  readonly result: JobResult | null;
  /** Null before the end, and when nothing is kept. */
  readonly kept: KeptRows | null;
  /** Committed, as the progress is. */
  readonly notes: ReadingNotes;
}

/** A job that writes rows to a file. Its progress counts bytes of that file, and their total is an estimate. */
export interface ExportJob extends JobFields {
  readonly kind: "export";
  readonly request: ExportRequest;
  readonly plan: ExportPlan;
  readonly result: ExportResult | null;
}

/** A job that runs a process over a file. Its rows are the records of the file. */
export interface ProcessJob extends JobFields {
  readonly kind: "process";
  readonly file: JobFile;
  readonly request: ProcessRequest;
  readonly plan: ProcessPlan;
  readonly result: ProcessResult | null;
}

export type Job = ImportJob | ExportJob | ProcessJob;

/** One line of a job's history. */
export interface JobEvent {
  /** Grows with each event of a job. */
  readonly id: number;
  readonly jobId: string;
  /** `job.created`, `job.paused`, …: `job.` and a state or a happening. */
  readonly type: string;
  readonly at: Date;
  /** Who caused it; null for Sluice itself. */
  readonly by: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** How many rows an import has added to its target, or is to have added. Records that found their row there are no rows of it. */
export function rowsAdded({ result, progress }: ImportJob): number {
  return result?.rows === "kept" ? result.rowsInserted : progress.written;
}

/**
 * The share of the work that is committed, from 0 to 1. Of an import and a process by bytes, which are exact where record
 * totals are not; of an export by rows, whose total is an estimate. Below 1 until the job has succeeded; of one
 * that was undone, what it had read. Null while nobody knows how long the file of an import is.
 */
export function fractionOf(job: Job): number | null {
  if (job.state === "succeeded") return 1;
  if (job.kind === "export") {
    const { rows } = job.plan.estimate;
    return rows <= 0 ? 0 : Math.min(job.progress.written / rows, 0.9999);
  }
  const { bytesRead, bytesTotal } = job.progress;
  if (bytesTotal === null) return null;
  if (bytesTotal === 0) return 0;
  // An undone job publishes nothing any more: what it has read is all there is to say.
  return Math.min(bytesRead / bytesTotal, job.state === "undone" ? 1 : 0.9999);
}

/** The name as people write it: `public.people`. Not quoted: never part of a statement. */
export function tableLabel(name: TableName): string {
  return `${name.schema}.${name.table}`;
}
