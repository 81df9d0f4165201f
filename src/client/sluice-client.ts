/** The client of the REST API, over `fetch` alone: for Node and for browsers. */
import type { UndoPreviewView } from "../api/schemas/action.ts";
import type { ActivityView } from "../api/schemas/activity.ts";
import type { Receipt, Timeline } from "../api/schemas/history.ts";
import type { CreateExportBody, ExportPlanView } from "../api/schemas/export.ts";
import type { CreateImportBody, PlanView } from "../api/schemas/import-request.ts";
import type { ChangeJobBody, JobList } from "../api/schemas/job-request.ts";
import type { ExportJobView, ImportJobView, JobView, ProcessJobView } from "../api/schemas/job.ts";
import type { CreateProcessBody, LogPage, ProcessPlanView } from "../api/schemas/process.ts";
import type {
  CorrectedList,
  CorrectionCountsView,
  CorrectionsBody,
  RetryBody,
} from "../api/schemas/correction.ts";
import type { RecordList, RejectedRecordList, RejectedRecordView } from "../api/schemas/record.ts";
import type { WorkerLossesView } from "../api/schemas/sample.ts";
import type { RerunBody } from "../api/schemas/rerun.ts";
import type { RecordOutcome } from "../core/record-ranges.ts";
import { followJobs, type FollowOptions, type JobMessage } from "./job-events.ts";
import { pathOf } from "./paths.ts";
import { ServiceClient } from "./service-client.ts";
import { getJson, postJson, send, sendForJson, type Connection } from "./transport.ts";
import type {
  ClientOptions,
  ActionBodies,
  JobQuery,
  PageQuery,
  RecordStreamOptions,
  ActionAnswer,
} from "./client-options.ts";

/**
 * A client of one service. Every method throws `SluiceApiError`: with the code of the service's problem, or
 * `service_unreachable` when nothing answers. Nothing is tried again but the event stream. Calls may overlap.
 */
export class SluiceClient extends ServiceClient {
  readonly #connection: Connection;

  constructor(options: ClientOptions) {
    const connection = {
      url: options.url.replace(/\/+$/, ""),
      token: options.token ?? null,
      fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    };
    super(connection);
    this.#connection = connection;
  }

  /** Creates an export and lets it start. Under a repeated `idempotencyKey` the first job is answered. */
  createExport(
    body: Omit<CreateExportBody, "kind" | "validateOnly">,
    options: { readonly idempotencyKey?: string } = {},
  ): Promise<ExportJobView> {
    return postJson(
      this.#connection,
      "/v1/jobs",
      { ...body, kind: "export" },
      options.idempotencyKey,
    );
  }

  /** Decides everything that `createExport` would decide, and writes nothing. */
  validateExport(body: Omit<CreateExportBody, "kind" | "validateOnly">): Promise<ExportPlanView> {
    return postJson(this.#connection, "/v1/jobs", { ...body, kind: "export", validateOnly: true });
  }

  /** Runs a process over a file. Under a repeated `idempotencyKey` the first job is answered. */
  createProcess(
    body: Omit<CreateProcessBody, "kind" | "validateOnly">,
    options: { readonly idempotencyKey?: string } = {},
  ): Promise<ProcessJobView> {
    return postJson(
      this.#connection,
      "/v1/jobs",
      { ...body, kind: "process" },
      options.idempotencyKey,
    );
  }

  /** Decides everything that `createProcess` would decide, and writes nothing. */
  validateProcess(
    body: Omit<CreateProcessBody, "kind" | "validateOnly">,
  ): Promise<ProcessPlanView> {
    return postJson(this.#connection, "/v1/jobs", { ...body, kind: "process", validateOnly: true });
  }

  /** One page of what the process of a job has logged, in order. */
  listLog(jobId: string, page: PageQuery = {}): Promise<LogPage> {
    return getJson(this.#connection, `${pathOf(jobId)}/log`, { ...page });
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
    return postJson(this.#connection, "/v1/jobs", body, options.idempotencyKey);
  }

  /** Decides everything that `createJob` would decide, and writes nothing. */
  validateJob(body: Omit<CreateImportBody, "validateOnly">): Promise<PlanView> {
    return postJson(this.#connection, "/v1/jobs", { ...body, validateOnly: true });
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
    return postJson(
      this.#connection,
      `${pathOf(jobId)}/rerun`,
      corrections,
      options.idempotencyKey,
    );
  }

  /** Decides everything that `rerunJob` would decide, and writes nothing. */
  validateRerun(
    jobId: string,
    corrections: Omit<RerunBody, "validateOnly"> = {},
  ): Promise<PlanView | ProcessPlanView> {
    return postJson(this.#connection, `${pathOf(jobId)}/rerun`, {
      ...corrections,
      validateOnly: true,
    });
  }

  /**
   * Corrects rejected records, at most 200, and says of each whether it fits now. Errors also: `already_retried`,
   * `source_changed`.
   */
  async correctRecords(
    jobId: string,
    items: CorrectionsBody["items"],
  ): Promise<readonly RejectedRecordView[]> {
    const answer = await sendForJson<CorrectedList>(this.#connection, {
      method: "PUT",
      path: `${pathOf(jobId)}/records`,
      json: { items },
    });
    return answer.items;
  }

  /** Takes the correction of a record back, or all corrections of a job. */
  async deleteCorrections(jobId: string, record?: number): Promise<void> {
    const of = record === undefined ? "corrections" : `records/${record}`;
    await send(this.#connection, { method: "DELETE", path: `${pathOf(jobId)}/${of}` });
  }

  /** How far the corrections of a job are. */
  countCorrections(jobId: string): Promise<CorrectionCountsView> {
    return getJson(this.#connection, `${pathOf(jobId)}/corrections`);
  }

  /**
   * Creates a job over the rejected records of one that is over: those whose correction fits, or those of a corrected file.
   * Errors also: `transition_not_allowed`, `nothing_to_retry`, `already_retried`, `target_gone`, `header_mismatch`.
   */
  retryJob(
    jobId: string,
    body: RetryBody = {},
    options: { readonly idempotencyKey?: string } = {},
  ): Promise<JobView> {
    return postJson(this.#connection, `${pathOf(jobId)}/retry`, body, options.idempotencyKey);
  }

  /** A job. Errors also: `not_found`. */
  getJob(jobId: string): Promise<JobView> {
    return getJson(this.#connection, pathOf(jobId));
  }

  /** One page of the jobs, newest first. */
  listJobs(query: JobQuery = {}): Promise<JobList> {
    return getJson(this.#connection, "/v1/jobs", { ...query });
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

  /** What a job is at beyond its figures. */
  getActivity(jobId: string): Promise<ActivityView> {
    return getJson(this.#connection, `${pathOf(jobId)}/activity`);
  }

  /** What undoing a job would come to. Errors also: `transition_not_allowed`, `undo_not_possible`. */
  previewUndo(jobId: string): Promise<UndoPreviewView> {
    return postJson(this.#connection, `${pathOf(jobId)}/undo`, { validateOnly: true });
  }

  /** Changes the name or the speed of a job; what is absent stays. Errors also: `transition_not_allowed`. */
  changeJob(jobId: string, change: ChangeJobBody): Promise<JobView> {
    return sendForJson(this.#connection, { method: "PATCH", path: pathOf(jobId), json: change });
  }

  /** One page of the records of an outcome, in the order of the file. Errors also: `source_changed`. */
  listRecords(jobId: string, outcome: RecordOutcome, page: PageQuery = {}): Promise<RecordList> {
    return getJson(this.#connection, `${pathOf(jobId)}/records`, {
      outcome,
      format: "json",
      ...page,
    });
  }

  /** One page of the rejected records in the order of the file. */
  async listRejected(jobId: string, page: PageQuery = {}): Promise<RejectedRecordList> {
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
    const { format = "csv", withReasons = false, onlyOpen = false, signal } = options;
    const response = await send(this.#connection, {
      path: `${pathOf(jobId)}/records`,
      query: { outcome, format, reasons: String(withReasons), open: String(onlyOpen) },
      signal,
    });
    return response.body ?? new ReadableStream({ start: (controller) => controller.close() });
  }

  /** What became of every record of a job. */
  getReceipt(jobId: string): Promise<Receipt> {
    return getJson(this.#connection, `${pathOf(jobId)}/receipt`);
  }

  /** The history of a job, in order. */
  getTimeline(jobId: string): Promise<Timeline> {
    return getJson(this.#connection, `${pathOf(jobId)}/timeline`);
  }

  /** Kills the worker of a sample job, and answers when it is dead. Errors also: `transition_not_allowed` for other jobs. */
  killWorker(jobId: string): Promise<JobView> {
    return postJson(this.#connection, `${pathOf(jobId)}/kill-worker`, {});
  }

  /** The workers that a sample job has lost, and its rows as the database has them now. */
  getWorkerLosses(jobId: string): Promise<WorkerLossesView> {
    return getJson(this.#connection, `${pathOf(jobId)}/worker-losses`);
  }

  /** Follows jobs until the signal is aborted; opens a broken connection again. */
  follow(options: FollowOptions): AsyncGenerator<JobMessage, void, undefined> {
    return followJobs(this.#connection, options);
  }
}
