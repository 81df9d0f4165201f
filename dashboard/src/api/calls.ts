/** The calls that the screens make. */
import { sendForJson, send, unreachable } from "./request.ts";
import type {
  Action,
  Activity,
  ChangeJobRequest,
  CorrectionCounts,
  Corrections,
  CreateJobRequest,
  ExportPlan,
  ExportRequest,
  FileList,
  Inspection,
  InspectRequest,
  Job,
  JobList,
  Receipt,
  RecordInFile,
  RecordPage,
  RejectedRecord,
  LogPage,
  Process,
  ImportCorrections,
  ProcessCorrections,
  ProcessList,
  ProcessRequest,
  StoredFile,
  Table,
  TableList,
  Timeline,
  UndoPreview,
  WorkerLosses,
} from "./types.ts";

/** What a list of jobs is asked for. */
export interface JobQuery {
  /** Names of states with commas between. */
  readonly state?: string | undefined;
  readonly kind?: string | undefined;
  readonly parent?: string | undefined;
  /** Words to find in the name. */
  readonly q?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

function withQuery(path: string, query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") parameters.set(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/** A page of jobs, newest first. */
export function listJobs(query: JobQuery, signal?: AbortSignal): Promise<JobList> {
  return sendForJson(withQuery("/v1/jobs", query), signal && { signal });
}

/** A job. */
export function getJob(id: string): Promise<Job> {
  return sendForJson(`/v1/jobs/${id}`);
}

/** Kills the worker of a sample job. The answer comes when it is dead. */
export function killWorker(id: string): Promise<Job> {
  return sendForJson(`/v1/jobs/${id}/kill-worker`, { method: "POST" });
}

/** What a job is at now. */
export function getActivity(id: string, signal: AbortSignal): Promise<Activity> {
  return sendForJson(`/v1/jobs/${id}/activity`, { signal });
}

/** The workers that a sample job has lost, and its rows as they are now. */
export function getWorkerLosses(id: string, signal?: AbortSignal): Promise<WorkerLosses> {
  return sendForJson(`/v1/jobs/${id}/worker-losses`, signal && { signal });
}

/** What undoing a job would come to. */
export function previewUndo(id: string, signal: AbortSignal): Promise<UndoPreview> {
  return sendForJson(`/v1/jobs/${id}/undo`, {
    method: "POST",
    json: { validateOnly: true },
    signal,
  });
}

/** Asks something of a job. The answer is the job as it is then, on its way or there. */
export function act(
  id: string,
  action: Exclude<Action, "rerun" | "retry">,
  body: object = {},
): Promise<Job> {
  return sendForJson(`/v1/jobs/${id}/${action}`, { method: "POST", json: body });
}

/** Changes the name or the speed of a job; what is absent stays. */
export function changeJob(id: string, change: ChangeJobRequest): Promise<Job> {
  return sendForJson(`/v1/jobs/${id}`, { method: "PATCH", json: change });
}

/** Forgets a job that is over. */
export async function forgetJob(id: string): Promise<void> {
  await send(`/v1/jobs/${id}`, { method: "DELETE" });
}

/** Creates a job. The same key never makes two. */
export function createJob(body: CreateJobRequest, key: string): Promise<Job> {
  const headers = { "idempotency-key": key };
  return sendForJson("/v1/jobs", { method: "POST", json: body, headers });
}

/** Runs a job again with corrections. The same key never makes two. */
export function rerunJob(
  id: string,
  body: ImportCorrections | ProcessCorrections,
  key: string,
): Promise<Job> {
  const headers = { "idempotency-key": key };
  return sendForJson(`/v1/jobs/${id}/rerun`, { method: "POST", json: body, headers });
}

/** Creates an export. The same key never makes two. */
export function createExport(body: ExportRequest, key: string): Promise<Job> {
  const json = { ...body, kind: "export" };
  return sendForJson("/v1/jobs", { method: "POST", json, headers: { "idempotency-key": key } });
}

/** What an export would do, and about how much it will be. */
export function planExport(body: ExportRequest, signal: AbortSignal): Promise<ExportPlan> {
  const json = { ...body, kind: "export", validateOnly: true };
  return sendForJson("/v1/jobs", { method: "POST", json, signal });
}

/** Starts a process over a file. The same key never makes two jobs. */
export function runProcess(process: string, body: ProcessRequest, key: string): Promise<Job> {
  const json = { ...body, kind: "process", process };
  return sendForJson("/v1/jobs", { method: "POST", json, headers: { "idempotency-key": key } });
}

/** The processes of the folder, and its files that do not load. */
export function listProcesses(): Promise<ProcessList> {
  return sendForJson("/v1/processes");
}

/** A process. */
export function getProcess(name: string): Promise<Process> {
  return sendForJson(`/v1/processes/${encodeURIComponent(name)}`);
}

/** A page of what the process of a job has logged. */
export function listLog(id: string, cursor?: string): Promise<LogPage> {
  return sendForJson(withQuery(`/v1/jobs/${id}/log`, { limit: 200, cursor }));
}

/** A page of the tables and views that can be read. */
export function listTables(cursor?: string, signal?: AbortSignal): Promise<TableList> {
  return sendForJson(withQuery("/v1/tables", { limit: 200, cursor }), signal && { signal });
}

/** A table with its columns. */
export function getTable(table: string, signal: AbortSignal): Promise<Table> {
  return sendForJson(`/v1/tables/${encodeURIComponent(table)}`, { signal });
}

/** Address of the file that a job has made. */
export function resultPath(id: string): string {
  return `/v1/jobs/${id}/result`;
}

/** What happened to a job, in order. */
export async function getTimeline(id: string): Promise<Timeline["items"]> {
  const { items } = await sendForJson<Timeline>(`/v1/jobs/${id}/timeline`);
  return items;
}

/** What became of every record, so far. */
export function getReceipt(id: string): Promise<Receipt> {
  return sendForJson(`/v1/jobs/${id}/receipt`);
}

/** A page of records that were left out. */
export function listRejected(
  id: string,
  query: { readonly limit: number; readonly open?: true; readonly cursor?: string | undefined },
): Promise<RecordPage<RejectedRecord>> {
  return sendForJson(withQuery(`/v1/jobs/${id}/records`, { outcome: "rejected", ...query }));
}

/** Corrects rejected records, and hears of each whether it fits. */
export async function correctRecords(
  id: string,
  items: Corrections,
): Promise<readonly RejectedRecord[]> {
  const path = `/v1/jobs/${id}/records`;
  const answer = await sendForJson<{ readonly items: readonly RejectedRecord[] }>(path, {
    method: "PUT",
    json: { items },
  });
  return answer.items;
}

/** How far the corrections of a job are. */
export function countCorrections(id: string): Promise<CorrectionCounts> {
  return sendForJson(`/v1/jobs/${id}/corrections`);
}

/** Takes all corrections of a job back. */
export async function deleteCorrections(id: string): Promise<void> {
  await send(`/v1/jobs/${id}/corrections`, { method: "DELETE" });
}

/** Retries the corrected records of a job. The same key never makes two jobs. */
export function retryJob(id: string, key: string): Promise<Job> {
  const headers = { "idempotency-key": key };
  return sendForJson(`/v1/jobs/${id}/retry`, { method: "POST", headers });
}

/** The first records that are written, as they are in the file. */
export function listWritten(id: string, limit: number): Promise<RecordPage<RecordInFile>> {
  return sendForJson(withQuery(`/v1/jobs/${id}/records`, { outcome: "written", limit }));
}

/** Address of the rejected records as CSV, with the reasons. */
export function rejectedCsvPath(id: string): string {
  return `/v1/jobs/${id}/records?outcome=rejected&format=csv&reasons=true`;
}

/** A page of files, newest first. */
export function listFiles(cursor?: string): Promise<FileList> {
  return sendForJson(withQuery("/v1/files", { cursor }));
}

/** A stored file. */
export function getFile(id: string): Promise<StoredFile> {
  return sendForJson(`/v1/files/${id}`);
}

/** Deletes a file that no job needs. */
export async function deleteFile(id: string): Promise<void> {
  await send(`/v1/files/${id}`, { method: "DELETE" });
}

/**
 * Looks at a file as an import would, to its end. `onPart` hears what is found so far, again and again; the reading ends
 * with the signal.
 */
export async function inspectFile(
  id: string,
  body: InspectRequest,
  signal: AbortSignal,
  onPart: (part: Inspection) => void,
): Promise<Inspection> {
  const headers = { accept: "application/x-ndjson" };
  const json = { ...body, all: true };
  const request = { method: "POST", json, headers, signal } as const;
  const { body: stream } = await send(`/v1/files/${id}/inspect`, request);
  const reader = stream?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let last: Inspection | null = null;
  const read = async (): Promise<string | undefined> => {
    try {
      return (await reader?.read())?.value;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw unreachable(error);
    }
  };
  for (let piece = await read(); piece !== undefined; piece = await read()) {
    const lines = (text + piece).split("\n");
    text = lines.pop() ?? "";
    const line = lines.at(-1);
    if (line === undefined) continue;
    last = JSON.parse(line) as Inspection; // the route's schema
    onPart(last);
  }
  if (last === null) throw unreachable();
  return last;
}

/** The version of the service. */
export async function getVersion(): Promise<string> {
  return (await sendForJson<{ readonly version: string }>("/healthz")).version;
}

/** Throws while the service cannot work. */
export async function checkReady(): Promise<void> {
  await send("/readyz");
}
