/** What the doors can ask of exports, and of the files that jobs make. See `JobService` for the promises. */
import { SluiceError } from "../core/errors.ts";
import type { ExportFormat, ExportPlan } from "../core/export-plan.ts";
import type { ExportPlanner } from "../core/export-ports.ts";
import type { ExportRequest } from "../core/export-request.ts";
import { tableLabel, type Job } from "../core/job.ts";
import type { ExportedFile, JobService } from "../core/job-service.ts";
import type { FileStore } from "../core/ports.ts";
import type { JobStore } from "../core/store-ports.ts";
import { getJob } from "./get-job.ts";
import { repeatedJob } from "./repeated-request.ts";

/** What the service of exports works with. */
export interface ExportServiceOptions {
  readonly jobs: JobStore;
  readonly files: FileStore;
  readonly exportPlanner: ExportPlanner;
  readonly nudge: () => void;
}

/** The part of the job service that is about exports. */
export function createExportService(
  options: ExportServiceOptions,
): Pick<JobService, "createExport" | "validateExport" | "openResult"> {
  return {
    validateExport: async (request) => {
      const planned = await plan(options, request, options.jobs.newJobId());
      return { plan: planned, preview: await options.exportPlanner.preview(planned) };
    },
    createExport: (request, { by }, { idempotencyKey = null as string | null } = {}) =>
      createExport(options, request, by, idempotencyKey),
    openResult: (jobId) => openResult(options, jobId),
  };
}

function plan(
  { jobs, exportPlanner }: ExportServiceOptions,
  request: ExportRequest,
  jobId: string,
): Promise<ExportPlan> {
  const names = { resultFile: jobs.newFileId(), staging: jobs.stagingName(jobId) };
  return exportPlanner.plan(request, names);
}

async function createExport(
  options: ExportServiceOptions,
  request: ExportRequest,
  createdBy: string,
  idempotencyKey: string | null,
): Promise<{ job: Job; isNew: boolean }> {
  const { jobs, nudge } = options;
  const known = idempotencyKey === null ? null : await jobs.findJobByIdempotencyKey(idempotencyKey);
  if (known !== null) return { job: repeatedJob(known, request, null), isNew: false };
  const id = jobs.newJobId();
  const planned = await plan(options, request, id);
  const { table } = planned.source;
  const outcome = await jobs.insertExport({
    id,
    name: request.name ?? `${table === null ? "query" : tableLabel(table)} → ${planned.fileName}`,
    request,
    plan: planned,
    state: request.startPaused === true ? "paused" : "queued",
    createdBy,
    idempotencyKey,
  });
  if (outcome === "key_used") return createExport(options, request, createdBy, idempotencyKey);
  nudge();
  return { job: await getJob(jobs, id), isNew: true };
}

async function openResult(
  { jobs, files }: ExportServiceOptions,
  jobId: string,
): Promise<ExportedFile> {
  const job = await getJob(jobs, jobId);
  const { fileId, format } = resultOf(job);
  const file = await jobs.findFile(fileId);
  if (file === null)
    throw new SluiceError("not_found", `The file ${fileId} of this ${job.kind} was deleted.`);
  return { file, format, open: (range) => files.open(fileId, range) };
}

/** Errors: `no_result`. */
function resultOf(job: Job): { readonly fileId: string; readonly format: ExportFormat } {
  if (job.kind === "import")
    throw new SluiceError("no_result", "An import makes no file: its rows are in its table.");
  if (job.kind === "process" && job.plan.outputHeader === null)
    throw new SluiceError("no_result", `The process ${job.plan.process} makes no file.`);
  const fileId = job.kind === "export" ? job.result?.file : job.result?.output?.file;
  if (fileId === undefined)
    throw new SluiceError("no_result", `The ${job.kind} is ${job.state}: there is no file.`, {
      details: { state: job.state },
    });
  return { fileId, format: job.kind === "export" ? job.plan.format : PROCESS_FORMAT };
}

/** What the result of every process looks like. */
const PROCESS_FORMAT: ExportFormat = {
  type: "csv",
  delimiter: ",",
  quotes: "needed",
  nullWord: "",
  hasHeader: true,
  lineEnd: "lf",
  compression: "none",
  isSpreadsheetSafe: false,
};
