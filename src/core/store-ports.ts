/**
 * What the engine asks of the database, as ports: here of files and jobs. `store/` implements them, and those of control
 * and runners, with one statement or one transaction a method. All of them may throw `database_unavailable`; a caller
 * that loops tries again.
 */
import type { CorrectionStore, RetryClaim } from "./correction.ts";
import type { ExportPlan } from "./export-plan.ts";
import type { ExportCatalog } from "./export-ports.ts";
import type { ExportRequest } from "./export-request.ts";
import type { ImportPlan, TargetTable } from "./import-plan.ts";
import type { JobActivity } from "./job-activity.ts";
import type { ImportRequest, Job, JobEvent, JobSettings, StoredFile, TableName } from "./job.ts";
import type { JobFilter, Page } from "./job-service.ts";
import type { NewProcess, ProcessLogLine } from "./process-store-ports.ts";
import type { ProcessPlan } from "./process-plan.ts";
import type { BookedRecords } from "./record-ranges.ts";
import type { Rejection } from "./rejection.ts";
import type { DatabaseFigures } from "./service-figures.ts";
import type { TableCatalog } from "./table-catalog.ts";

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
  /** Of a retry of `parent`: what it takes. Absent: no retry. */
  readonly retry?: RetryClaim;
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
  /** Leaves out what a retry has. */
  readonly isOpen?: boolean;
}

/** What is in the target of an import that can be undone. */
export interface KeptCount {
  /** Rows that are as the job left them; null when there are too many to be counted in a few seconds. */
  readonly own: number | null;
  /** Rows that were there before the job, and are restored. */
  readonly restorable: number;
  /** How many of `own` are restored and not removed. */
  readonly changed: number;
  /** False when the table was emptied or written anew since, and has no row that would be known as the job's. */
  readonly isKnown: boolean;
  /** Whether undoing drops the table: the job has made it, nothing else is in it, and nobody depends on it. */
  readonly dropsTable: boolean;
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
  /** Files whose rows were deleted within the time, results of undone processes too. Their bytes may be gone or not. */
  listDeletedFiles(withinMs: number): Promise<readonly string[]>;
  /**
   * Creates job, signal, parts, staging table and messages in one transaction. Returns `flat_active` when the flat
   * API has an active job, `table_claimed` when another active job creates the same table, `key_used` when the
   * idempotency key exists; in each case nothing was written. Errors: `not_found` for the file and the parent; of a retry
   * `nothing_to_retry`, `already_retried`, `transition_not_allowed`, `invalid_request`.
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
  /** What planning an export asks. */
  readonly exports: ExportCatalog;
  /** What there is to choose from. */
  readonly tables: TableCatalog;
  findJob(jobId: string): Promise<Job | null>;
  findJobsByPrefix(prefix: string): Promise<readonly Job[]>;
  findJobByIdempotencyKey(key: string): Promise<Job | null>;
  findFlatJob(): Promise<Job | null>;
  listJobs(filter: JobFilter): Promise<Page<Job>>;
  /** What a job is at now, none of it for a job that is not there. */
  getActivity(jobId: string): Promise<JobActivity>;
  /** Counts the rows that an import has in its target. Null: there is no such table. */
  countKept(jobId: string): Promise<KeptCount | null>;
  /** Whether rows that were kept are told from others. Counts only where the table is in another file than it was. */
  areKeptRowsKnown(jobId: string): Promise<boolean>;
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
  /** Corrected records, and which retry has them. */
  readonly corrections: CorrectionStore;
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
  /** What is counted over all jobs. A lane is alive when its runner was seen within `leaseMs`. */
  readFigures(leaseMs: number): Promise<DatabaseFigures>;
  /** Errors: `database_unavailable`. */
  ping(): Promise<void>;
}
