/** The client of the REST API, over `fetch` alone: for Node and for browsers. */
import type { FileList, FileView } from "../api/schemas/file.ts";
import type { Receipt, Timeline } from "../api/schemas/history.ts";
import type { CreateExportBody, ExportPlanView } from "../api/schemas/export.ts";
import type { PauseBody, ResumeBody, StopBody, UndoBody } from "../api/schemas/action.ts";
import type { CreateImportBody, PlanView } from "../api/schemas/import-request.ts";
import type { InspectBody, InspectionView } from "../api/schemas/inspection.ts";
import type { ChangeJobBody, JobList } from "../api/schemas/job-request.ts";
import type { ExportJobView, ImportJobView, JobView, ProcessJobView } from "../api/schemas/job.ts";
import type {
  CreateProcessBody,
  LogPage,
  ProcessList,
  ProcessPlanView,
  ProcessView,
} from "../api/schemas/process.ts";
import type { RecordFormat, RecordList, RejectedRecordList } from "../api/schemas/record.ts";
import type { WorkerLossesView } from "../api/schemas/sample.ts";
import type { TableList, TableView } from "../api/schemas/table.ts";
import type { RerunBody } from "../api/schemas/rerun.ts";
import type { RecordOutcome } from "../core/record-ranges.ts";
import { followJobs, type FollowOptions, type JobMessage } from "./job-events.ts";
import { send, sendForJson, type Connection } from "./transport.ts";
import { streamUpload, type UploadOptions, type UploadSource } from "./upload.ts";

/** How a client is made. */
export interface ClientOptions {
  /** Address of the service, such as `http://127.0.0.1:5007`. */
  readonly url: string;
  /** What to sign in with; a service on a loopback address asks for none. */
  readonly token?: string | null;
  /** Replaces the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** What each action takes beside the job. */
export interface ActionBodies {
  readonly pause: PauseBody;
  readonly resume: ResumeBody;
  readonly stop: StopBody;
  readonly undo: UndoBody;
}

/** A filter and a page of a list of jobs. */
export interface JobQuery {
  /** States with commas between: `queued,running`. */
  readonly state?: string;
  readonly kind?: string;
  /** Only jobs that were made from this one. */
  readonly parent?: string;
  /** Words to find in the name. */
  readonly q?: string;
  /** From 1 to 200, 50 when absent. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/** A page of a list of records. */
export interface RecordPage {
  /** From 1 to 200, 50 when absent. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/** How records are streamed. */
export interface RecordStreamOptions {
  /** Default `csv`: the bytes of the file. */
  readonly format?: Exclude<RecordFormat, "json">;
  /** Whether CSV of rejected records begins with columns that say why. Default false. */
  readonly withReasons?: boolean;
  readonly signal?: AbortSignal;
}

/** The answer to an action. */
export interface ActionAnswer {
  readonly job: JobView;
  /** Whether the state that the action names is reached; otherwise it is on the way by itself. */
  readonly isReached: boolean;
}

/**
 * A client of one service. Every method throws `SluiceApiError`: with the code of the service's problem, or
 * `service_unreachable` when nothing answers. Nothing is tried again but the event stream. Calls may overlap.
 */
export class SluiceClient {
  readonly #connection: Connection;

  constructor(options: ClientOptions) {
    this.#connection = {
      url: options.url.replace(/\/+$/, ""),
      token: options.token ?? null,
      fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    };
  }

  /** Address of the service, without a final slash. */
  get url(): string {
    return this.#connection.url;
  }

  /** Whether a Sluice service answers at all, within `timeoutMs`. Never throws. */
  async isAlive(timeoutMs: number): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      await send(this.#connection, { path: "/healthz", signal });
      return true;
    } catch {
      return false; // that nothing answers is the finding itself
    }
  }

  /**
   * Uploads a file under a name, as a stream: memory does not grow with it. The file exists only once this returns.
   * Errors also: `file_too_large`, `storage_full`; what `source` throws is thrown again.
   */
  uploadFile(name: string, source: UploadSource, options: UploadOptions = {}): Promise<FileView> {
    return streamUpload(this.#connection, name, source, options);
  }

  /** A stored file. Errors also: `not_found`. */
  getFile(fileId: string): Promise<FileView> {
    return sendForJson(this.#connection, { path: `/v1/files/${encodeURIComponent(fileId)}` });
  }

  /** One page of the stored files, newest first. */
  listFiles(query: { readonly limit?: number; readonly cursor?: string } = {}): Promise<FileList> {
    return sendForJson(this.#connection, { path: "/v1/files", query: { ...query } });
  }

  /** Removes a file. Errors also: `not_found`, `file_in_use`. */
  async deleteFile(fileId: string): Promise<void> {
    await send(this.#connection, {
      method: "DELETE",
      path: `/v1/files/${encodeURIComponent(fileId)}`,
    });
  }

  /** Looks at a file as an import would. Errors also: the refusals of the reader. */
  inspectFile(fileId: string, body: InspectBody = {}): Promise<InspectionView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: `/v1/files/${encodeURIComponent(fileId)}/inspect`,
      json: body,
    });
  }

  /** One page of the tables and views that can be read, in the order of their names. */
  listTables(
    query: { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<TableList> {
    return sendForJson(this.#connection, { path: "/v1/tables", query: { ...query } });
  }

  /** A table with its columns, by `table` or `schema.table`. Errors also: `not_found`. */
  getTable(table: string): Promise<TableView> {
    return sendForJson(this.#connection, { path: `/v1/tables/${encodeURIComponent(table)}` });
  }

  /** Creates an export and lets it start. Under a repeated `idempotencyKey` the first job is answered. */
  createExport(
    body: Omit<CreateExportBody, "kind" | "validateOnly">,
    options: { readonly idempotencyKey?: string } = {},
  ): Promise<ExportJobView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: "/v1/jobs",
      json: { ...body, kind: "export" },
      headers: keyHeader(options.idempotencyKey),
    });
  }

  /** Decides everything that `createExport` would decide, and writes nothing. */
  validateExport(body: Omit<CreateExportBody, "kind" | "validateOnly">): Promise<ExportPlanView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: "/v1/jobs",
      json: { ...body, kind: "export", validateOnly: true },
    });
  }

  /** Runs a process over a file. Under a repeated `idempotencyKey` the first job is answered. */
  createProcess(
    body: Omit<CreateProcessBody, "kind" | "validateOnly">,
    options: { readonly idempotencyKey?: string } = {},
  ): Promise<ProcessJobView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: "/v1/jobs",
      json: { ...body, kind: "process" },
      headers: keyHeader(options.idempotencyKey),
    });
  }

  /** Decides everything that `createProcess` would decide, and writes nothing. */
  validateProcess(
    body: Omit<CreateProcessBody, "kind" | "validateOnly">,
  ): Promise<ProcessPlanView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: "/v1/jobs",
      json: { ...body, kind: "process", validateOnly: true },
    });
  }

  /** The processes of the service's folder, and the files of it that do not load. */
  listProcesses(): Promise<ProcessList> {
    return sendForJson(this.#connection, { path: "/v1/processes" });
  }

  /** A process of the service's folder. Errors also: `not_found`, `process_broken`. */
  getProcess(name: string): Promise<ProcessView> {
    return sendForJson(this.#connection, { path: `/v1/processes/${encodeURIComponent(name)}` });
  }

  /** One page of what the process of a job has logged, in order. */
  listLog(
    jobId: string,
    page: { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<LogPage> {
    return sendForJson(this.#connection, { path: `${pathOf(jobId)}/log`, query: { ...page } });
  }

  /**
   * The file that a job has made as a stream of bytes, from byte `from` on. Errors also: `no_result` while there is none.
   */
  async openResult(
    jobId: string,
    { from = 0, signal }: { readonly from?: number; readonly signal?: AbortSignal } = {},
  ): Promise<ReadableStream<Uint8Array>> {
    const response = await send(this.#connection, {
      path: `${pathOf(jobId)}/result`,
      ...(from === 0 ? {} : { headers: { range: `bytes=${from}-` } }),
      signal,
    });
    return response.body ?? new ReadableStream({ start: (controller) => controller.close() });
  }

  /** Creates an import and lets it start. Under a repeated `idempotencyKey` the first job is answered. */
  createJob(
    body: Omit<CreateImportBody, "validateOnly">,
    options: { readonly idempotencyKey?: string } = {},
  ): Promise<ImportJobView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: "/v1/jobs",
      json: body,
      headers: keyHeader(options.idempotencyKey),
    });
  }

  /** Decides everything that `createJob` would decide, and writes nothing. */
  validateJob(body: Omit<CreateImportBody, "validateOnly">): Promise<PlanView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: "/v1/jobs",
      json: { ...body, validateOnly: true },
    });
  }

  /**
   * Creates a job over the file of one that is over, with corrections; null takes a field away. Errors also:
   * `transition_not_allowed` while it is active.
   */
  rerunJob(
    jobId: string,
    corrections: Omit<RerunBody, "validateOnly"> = {},
    options: { readonly idempotencyKey?: string } = {},
  ): Promise<JobView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: `${pathOf(jobId)}/rerun`,
      json: corrections,
      headers: keyHeader(options.idempotencyKey),
    });
  }

  /** Decides everything that `rerunJob` would decide, and writes nothing. */
  validateRerun(
    jobId: string,
    corrections: Omit<RerunBody, "validateOnly"> = {},
  ): Promise<PlanView | ProcessPlanView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: `${pathOf(jobId)}/rerun`,
      json: { ...corrections, validateOnly: true },
    });
  }

  /** A job. Errors also: `not_found`. */
  getJob(jobId: string): Promise<JobView> {
    return sendForJson(this.#connection, { path: pathOf(jobId) });
  }

  /** One page of the jobs, newest first. */
  listJobs(query: JobQuery = {}): Promise<JobList> {
    return sendForJson(this.#connection, { path: "/v1/jobs", query: { ...query } });
  }

  /** Asks for an action; answers when its state is reached, after 10 s at the latest. Errors also: `transition_not_allowed`. */
  async act<Name extends keyof ActionBodies>(
    jobId: string,
    action: Name,
    body: ActionBodies[Name] = {},
  ): Promise<ActionAnswer> {
    const response = await send(this.#connection, {
      method: "POST",
      path: `${pathOf(jobId)}/${action}`,
      json: body,
    });
    // The route's schema: every action answers the job.
    return { job: (await response.json()) as JobView, isReached: response.status === 200 };
  }

  /** Changes the name or the speed of a job; what is absent stays. Errors also: `transition_not_allowed`. */
  changeJob(jobId: string, change: ChangeJobBody): Promise<JobView> {
    return sendForJson(this.#connection, { method: "PATCH", path: pathOf(jobId), json: change });
  }

  /** One page of the records of an outcome, in the order of the file. Errors also: `source_changed`. */
  listRecords(jobId: string, outcome: RecordOutcome, page: RecordPage = {}): Promise<RecordList> {
    return sendForJson(this.#connection, {
      path: `${pathOf(jobId)}/records`,
      query: { outcome, format: "json", ...page },
    });
  }

  /** One page of the rejected records in the order of the file. */
  async listRejected(jobId: string, page: RecordPage = {}): Promise<RejectedRecordList> {
    // The route's schema: every item of this outcome is a rejected record.
    return (await this.listRecords(jobId, "rejected", page)) as RejectedRecordList;
  }

  /**
   * All records of an outcome as a stream of bytes, which fails when the service cannot finish it. Errors also:
   * `source_changed`.
   */
  async streamRecords(
    jobId: string,
    outcome: RecordOutcome,
    options: RecordStreamOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    const { format = "csv", withReasons = false, signal } = options;
    const response = await send(this.#connection, {
      path: `${pathOf(jobId)}/records`,
      query: { outcome, format, reasons: withReasons ? "true" : undefined },
      signal,
    });
    return response.body ?? new ReadableStream({ start: (controller) => controller.close() });
  }

  /** What became of every record of a job. */
  getReceipt(jobId: string): Promise<Receipt> {
    return sendForJson(this.#connection, { path: `${pathOf(jobId)}/receipt` });
  }

  /** The history of a job, in order. */
  getTimeline(jobId: string): Promise<Timeline> {
    return sendForJson(this.#connection, { path: `${pathOf(jobId)}/timeline` });
  }

  /** Kills the worker of a sample job, and answers when it is dead. Errors also: `transition_not_allowed` for other jobs. */
  killWorker(jobId: string): Promise<JobView> {
    return sendForJson(this.#connection, {
      method: "POST",
      path: `${pathOf(jobId)}/kill-worker`,
      json: {},
    });
  }

  /** The workers that a sample job has lost, and its rows as the database has them now. */
  getWorkerLosses(jobId: string): Promise<WorkerLossesView> {
    return sendForJson(this.#connection, { path: `${pathOf(jobId)}/worker-losses` });
  }

  /** Follows jobs until the signal is aborted; opens a broken connection again. */
  follow(options: FollowOptions): AsyncGenerator<JobMessage, void, undefined> {
    return followJobs(this.#connection, options);
  }
}

function keyHeader(key: string | undefined): Readonly<Record<string, string>> {
  return key === undefined ? {} : { "idempotency-key": key };
}

function pathOf(jobId: string): string {
  return `/v1/jobs/${encodeURIComponent(jobId)}`;
}
