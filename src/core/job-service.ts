/**
 * What the doors (flat API, REST API, and through it the command line) can ask of the engine. Every method reads and
 * writes the database; no answer comes from memory.
 */
import type { ImportCorrections, ProcessCorrections } from "./correct-request.ts";
import type { CorrectionCounts, RecordCorrection } from "./correction.ts";
import type { RowCount, WorkerLoss } from "./sample-ports.ts";
import type { JobActivity } from "./job-activity.ts";
import type { JobState, StateAction } from "./job-state.ts";
import type { ImportRequest, Job, JobEvent, JobSettings, StoredFile, RowsOnStop } from "./job.ts";
import type { FileService } from "./file-service.ts";
import type { ExportFormat, ExportPlan, ExportPreview } from "./export-plan.ts";
import type { ExportRequest } from "./export-request.ts";
import type { ImportPlan } from "./import-plan.ts";
import type { InspectOptions, Inspection } from "./inspection.ts";
import type { ByteSource } from "./ports.ts";
import type { SourceRecord } from "./record-ports.ts";
import type { RecordOutcome, RecordPlace } from "./record-ranges.ts";
import type { ProcessRequest } from "./process-plan.ts";
import type { ProcessService } from "./process-service.ts";
import type { MaxRejected } from "./rejection-limit.ts";
import type { ServiceFigures } from "./service-figures.ts";
import type { TableCatalog, TableDescription } from "./table-catalog.ts";
import type { UndoPreview } from "./undo.ts";

/** Who asks, for the timeline. */
export interface Actor {
  /** Name to show: a token's name, `local` on loopback. */
  readonly by: string;
}

/** The answer to an action. */
export interface ActionOutcome {
  /**
   * `reached`: the job is in the state that the action names, now or already. `underway`: the wish is durable and is
   * carried out by itself.
   */
  readonly outcome: "reached" | "underway";
  /** Whether it was so before, and nothing was asked. */
  readonly wasSo: boolean;
  readonly job: Job;
}

/** A filter for lists of jobs. */
export interface JobFilter {
  readonly states?: readonly JobState[];
  readonly kind?: string;
  /** Only jobs that were made from this one. */
  readonly parent?: string;
  /** Words to find in the name. */
  readonly q?: string;
  /** From 1 to 200. */
  readonly limit: number;
  /** Opaque: `next` of the page before. */
  readonly cursor?: string;
}

/** One page of a list; `next` is null on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/**
 * The records of one outcome, all of the moment when they were opened. Both forms read as they are taken, hold a small
 * part of the source at a time, and free it when the loop over them is left. Errors while reading: `source_changed`,
 * `storage_failed`; `not_found` when the job is deleted meanwhile.
 */
export interface OutcomeRecords {
  /** Name that the sender gave the file. */
  readonly fileName: string;
  /** The header's texts; empty when the file is gone. */
  readonly header: readonly string[];
  /** Name of the encoding of the bytes. */
  readonly encoding: string;
  /** The records in order, from the one that starts at `from` when given. Batches are not empty. */
  read(from?: RecordPlace): AsyncIterable<readonly SourceRecord[]>;
  /**
   * The bytes before the first record, then the records as they are in the file. With `withReasons` rejected ones begin
   * with `_line`, `_column`, `_code` and `_reason`. Errors: `source_changed` when the file is gone.
   */
  copy(options?: { readonly withReasons?: boolean }): AsyncIterable<Uint8Array>;
}

/** The file that an export or a process has made. */
export interface ExportedFile {
  readonly file: StoredFile;
  readonly format: ExportFormat;
  /** Bytes `start` (included) to `end` (not included). */
  open(range: { readonly start: number; readonly end: number }): Promise<ByteSource>;
}

/** A body that is to be imported. */
export interface UploadedImport {
  /** Name of its file. */
  readonly name: string;
  readonly source: AsyncIterable<Uint8Array>;
  /** What the sender says of its length; null when it does not. */
  readonly bytesAnnounced: number | null;
  readonly request: Omit<ImportRequest, "file">;
}

export interface JobService extends FileService, ProcessService {
  /**
   * Looks at a file as an import would: all of it when it is small or `readsAll`, otherwise its beginning. What is found
   * so far comes again and again, and the last is all; who takes no more ends the reading, and so does
   * `signal`. A few files are read at a time. Errors: the refusals of the reading rules, the reason of the signal.
   */
  inspectFile(
    fileId: string,
    request: Omit<ImportRequest, "kind" | "file">,
    options?: Pick<Partial<InspectOptions>, "readsAll" | "signal">,
  ): AsyncIterable<Inspection>;

  /**
   * Creates a job and lets it start. Refusals (4xx) leave no job behind. With `idempotencyKey` a repeated request
   * answers the first job; another request under that key is `idempotency_key_reused`.
   */
  createJob(
    request: ImportRequest,
    actor: Actor,
    options?: { readonly idempotencyKey?: string },
  ): Promise<{ readonly job: Job; readonly isNew: boolean }>;
  /**
   * Stores an upload and imports it while it arrives: the job exists as soon as the beginning tells how the file is read,
   * and reads what is durable. Returns it when the last byte is. Its rows are those of an import that begins then. The
   * end of the upload by any error fails the job with it, `upload_incomplete` when the source broke off, and nothing of
   * the file is kept. Errors: those of `putFile` and `createJob`; `upload_stopped` when the job is stopped or undone
   * before the end; `upload_incomplete` when this process was taken for dead.
   */
  importUpload(upload: UploadedImport, actor: Actor): Promise<Job>;
  /**
   * Creates a job over the file of one that is over, asked for as that one was but for `corrections`: of a process only
   * those of `PROCESS_CORRECTIONS`. The new job names it as its parent; it stays as it is. Errors: those of `createJob`
   * and `createProcess`, `not_found` also when the file is gone, and `transition_not_allowed` while the job is active.
   */
  rerunJob(
    jobId: string,
    corrections: ImportCorrections | ProcessCorrections,
    actor: Actor,
    options?: { readonly idempotencyKey?: string },
  ): Promise<{ readonly job: Job; readonly isNew: boolean }>;
  /**
   * Creates a job over the rejected records of one that has ended and whose rows are kept: over those whose stored
   * correction fits, or over the records of a corrected file. It adds to the same table by the same columns and types, or
   * runs the same process. No record is in two retries that are not undone. A repeated request under an `idempotencyKey`
   * answers the first job. Errors: `not_found`, `transition_not_allowed`, `nothing_to_retry`, `already_retried`,
   * `target_gone`, `header_mismatch`, `invalid_request`, and those of `createJob` and `createProcess`.
   */
  retryJob(
    jobId: string,
    /** A stored file: the header of the job with rejected records below, after the columns of the reasons or without. */
    source: { readonly file?: string },
    actor: Actor,
    options?: { readonly idempotencyKey?: string },
  ): Promise<{ readonly job: Job; readonly isNew: boolean }>;
  /**
   * Corrects rejected records, at most `CORRECTIONS_AT_ONCE`, and says of each whether it fits now. What does not fit is
   * stored too. Errors: `not_found` also for a record that was not rejected, `already_retried`, `source_changed`,
   * `invalid_request`.
   */
  correctRecords(
    jobId: string,
    corrections: readonly RecordCorrection[],
    actor: Actor,
  ): Promise<readonly SourceRecord[]>;
  /** Forgets the correction of a record, or all of a job. Errors: `not_found`. */
  deleteCorrections(jobId: string, record?: number): Promise<void>;
  /** Errors: `not_found`. */
  countCorrections(jobId: string): Promise<CorrectionCounts>;
  /** Decides everything that `rerunJob` of an import would decide, and writes nothing. */
  validateRerun(jobId: string, corrections: ImportCorrections): Promise<ImportPlan>;
  /** As `createJob`, for an export. */
  createExport(
    request: ExportRequest,
    actor: Actor,
    options?: { readonly idempotencyKey?: string },
  ): Promise<{ readonly job: Job; readonly isNew: boolean }>;
  /** Decides everything that `createExport` would decide, and writes nothing. */
  validateExport(
    request: ExportRequest,
  ): Promise<{ readonly plan: ExportPlan; readonly preview: ExportPreview | null }>;
  /**
   * The file that a job has made. Errors: `not_found` for the job, and when the file was deleted; `no_result` for a job
   * that has none, not yet or not any more.
   */
  openResult(jobId: string): Promise<ExportedFile>;
  /** The tables and views that can be read, in the order of their names. */
  listTables: TableCatalog["listTables"];
  /** A table by `table` or `schema.table`. Errors: `not_found`; `invalid_request` for what is no such name. */
  getTable(name: string): Promise<TableDescription>;
  /** Decides everything that `createJob` would decide, and writes nothing. */
  validateJob(request: ImportRequest): Promise<ImportPlan>;
  /**
   * Creates the flat API's job over a stored file. Returns null when one is active already: decided by a unique
   * index, so of two simultaneous calls exactly one gets a job. A job that is stopping is waited for.
   */
  createFlatJob(request: ImportRequest | ProcessRequest, actor: Actor): Promise<Job | null>;
  /** The flat API's active job, or null. A job that is `stopping` is not active. */
  findFlatJob(): Promise<Job | null>;

  /** Errors: `not_found`. */
  getJob(jobId: string): Promise<Job>;
  /** The jobs whose id starts with `prefix` (with or without `job_`), newest first, at most two. */
  findJobs(prefix: string): Promise<readonly Job[]>;
  listJobs(filter: JobFilter): Promise<Page<Job>>;
  /** What a job is at beyond its figures. Errors: `not_found`. */
  getActivity(jobId: string): Promise<JobActivity>;
  /**
   * Waits until the job's version or progress differs from what `seen` shows, at most `waitMs`; then returns the job.
   * With `ignoresProgress` only the version counts. Errors: `not_found`.
   */
  waitForChange(
    jobId: string,
    seen: Job,
    waitMs: number,
    how?: { readonly signal?: AbortSignal; readonly ignoresProgress?: boolean },
  ): Promise<Job>;
  /** Deletes an ended job and its books. Errors: `not_found`, `transition_not_allowed` while it is active. */
  deleteJob(jobId: string): Promise<void>;

  /**
   * Kills the worker of a sample job by SIGKILL, and returns when it is dead. Errors: `not_found`, `transition_not_allowed` for
   * another job, and when no worker that this service keeps has it in hand.
   */
  killWorker(jobId: string): Promise<Job>;
  /** The workers that a sample job has lost, and its rows against its ledger; none and null for other jobs. Errors: `not_found`. */
  getWorkerLosses(
    jobId: string,
  ): Promise<{ readonly losses: readonly WorkerLoss[]; readonly rows: RowCount | null }>;
  /**
   * Asks for an action and waits until the state is reached, at most 10 s. The wish is durable before anything else
   * happens. Errors: `not_found`; `transition_not_allowed` with `state` and `actions` in its details;
   * `undo_not_possible` and `keep_not_possible` with `reason`; `undo_failed` when the undo ended with something that could
   * not be undone.
   */
  act(
    jobId: string,
    action: StateAction,
    actor: Actor,
    options?: {
      readonly reason?: string | null;
      /**
       * Only for `stop`: what becomes of rows that are visible, and of what a process did. Default: they are undone, where
       * that is possible. Errors: `invalid_request`.
       */
      readonly rows?: RowsOnStop;
      /** Only for `pause` of a process: does not wait for the batch in hand, which is done again on resume. */
      readonly force?: boolean;
      /** Only for `resume`. */
      readonly maxRejected?: MaxRejected | null;
      /** Only for `resume`. */
      readonly pauseAfter?: number | null;
    },
  ): Promise<ActionOutcome>;

  /**
   * What undoing a job would come to. Writes nothing. Errors: those of `act` with `undo` that refuse it.
   */
  previewUndo(jobId: string): Promise<UndoPreview>;

  /**
   * Changes the name of a job, or its speed, which holds from the next chunk on; what is absent stays. With `ifVersion`
   * only while the job has that version. Errors: `not_found`, `version_conflict`; `transition_not_allowed` for the speed
   * of a job that reads no more records.
   */
  changeJob(
    jobId: string,
    change: JobSettings,
    actor: Actor,
    options?: { readonly ifVersion?: number },
  ): Promise<Job>;

  /** History in order. `after` is the id of the last event already seen. */
  listEvents(jobId: string, after?: number): Promise<readonly JobEvent[]>;
  /** The newest events of all jobs after an event, at most 1,000, in order. */
  listEventsOfAll(after: number): Promise<readonly JobEvent[]>;
  /**
   * The records of an outcome. Errors: `not_found`; `source_changed` when the file is gone, unless for rejected records,
   * which then have no fields; `invalid_request` for an export, which has no records but those of its file. With `onlyOpen`
   * rejected records that a retry has are left out.
   */
  openRecords(
    jobId: string,
    outcome: RecordOutcome,
    how?: { readonly onlyOpen?: boolean },
  ): Promise<OutcomeRecords>;

  /** Errors: `database_unavailable`. */
  checkReady(): Promise<void>;
  /** Figures for those who watch over the service. Answers without the database too. */
  readFigures(): Promise<ServiceFigures>;
}
