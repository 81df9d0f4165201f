/** What the doors can ask, carried out over the ports. See `JobService` for the promises. */
import type { EngineSettings } from "../core/engine-settings.ts";
import { SluiceError } from "../core/errors.ts";
import { isActive } from "../core/job-state.ts";
import { tableLabel, type Job, type StoredFile } from "../core/job.ts";
import { actionsOf } from "../core/job-actions.ts";
import type { Failpoints } from "../core/failpoint.ts";
import type { FileService } from "../core/file-service.ts";
import type { JobService } from "../core/job-service.ts";
import type { ExportFiles } from "../core/export-ports.ts";
import type { ImportPlanner, StoredBytes } from "../core/ports.ts";
import type { RecordReading } from "../core/record-ports.ts";
import type { ServiceFigures } from "../core/service-figures.ts";
import type { ResumableUploads } from "../core/upload-ports.ts";
import type { WorkMeter } from "../core/work-meter.ts";
import type { Bell } from "./bell.ts";
import { changeJob } from "./change-job.ts";
import type { Control } from "./control.ts";
import { createCorrectionService, type CorrectionServiceOptions } from "./correction-service.ts";
import { createExportService, type ExportServiceOptions } from "./export-service.ts";
import { createProcessService, type ProcessServiceOptions } from "./process-service.ts";
import { meteredAct } from "./metered.ts";
import type { UploadTools } from "./import-upload.ts";
import { createSampleService, type SampleTools } from "./sample-service.ts";
import { openOutcomeRecords } from "./outcome-records.ts";
import { createPlanning, type Planning } from "./planning.ts";
import { getJob } from "./get-job.ts";
import { previewUndo } from "./preview-undo.ts";
import { createImportService } from "./import-service.ts";
import { createRetryService } from "./retry-service.ts";

/** What the service works with. */
export interface JobServiceOptions
  extends ExportServiceOptions, ProcessServiceOptions, CorrectionServiceOptions {
  readonly exportFiles: ExportFiles;
  readonly planner: ImportPlanner;
  readonly reading: RecordReading;
  readonly control: Control;
  readonly settings: EngineSettings;
  readonly maxUploadBytes: number;
  /** Rings when a job of this process may have come further. */
  readonly bell: Bell;
  readonly uploads: UploadTools;
  readonly failpoints: Failpoints;
  readonly resumable: ResumableUploads;
  /** What the lanes of this process count. */
  readonly meter: WorkMeter;
  /** Absent: jobs that are asked for as samples are jobs as any other. */
  readonly samples?: SampleTools;
}

const CHANGE_POLL_MS = 100;

export function createJobService(options: JobServiceOptions): JobService {
  const { jobs, control } = options;
  const planning = createPlanning(options);
  return {
    ...createExportService(options),
    ...createProcessService(options),
    ...createImportService(options, planning),
    ...createRetryService(options, planning),
    ...createCorrectionService(options),
    ...createFileService(options, planning),
    inspectFile: (fileId, request, { readsAll = false, ...how } = {}) =>
      planning.inspect({ ...request, kind: "import", file: fileId }, { readsAll, ...how }),
    ...createTableService(options),
    findFlatJob: () => jobs.findFlatJob(),
    getJob: (jobId) => getJob(jobs, jobId),
    findJobs: (prefix) =>
      jobs.findJobsByPrefix(prefix.startsWith("job_") ? prefix : `job_${prefix}`),
    listJobs: (filter) => jobs.listJobs(filter),
    getActivity: async (jobId) => {
      await getJob(jobs, jobId);
      return jobs.getActivity(jobId);
    },
    waitForChange: (jobId, seen, waitMs, how) =>
      waitForChange(options, { jobId, seen, waitMs, ...how }),
    deleteJob: (jobId) => deleteJob(options, jobId),
    ...createSampleService(jobs, options.samples),
    act: (jobId, action, actor, actOptions) =>
      meteredAct(options, action, () => control.act(jobId, action, actor, actOptions ?? {})),
    previewUndo: (jobId) => previewUndo(jobs, jobId),
    changeJob: (...change) => changeJob(options, ...change),
    listEvents: async (jobId, after = 0) => {
      await getJob(jobs, jobId);
      return jobs.listEvents(jobId, after);
    },
    listEventsOfAll: (after) => jobs.listEventsOfAll(after),
    openRecords: (...asked) => openRecords(options, ...asked),
    checkReady: () => jobs.ping(),
    readFigures: () => readFigures(options),
  };
}

async function readFigures({ jobs, meter, settings }: JobServiceOptions): Promise<ServiceFigures> {
  try {
    return { work: meter.read(), database: await jobs.readFigures(settings.leaseMs) };
  } catch (error) {
    // Who watches wants to know that too.
    if (!(error instanceof SluiceError) || error.code !== "database_unavailable") throw error;
    return { work: meter.read(), database: null };
  }
}

async function deleteJob({ jobs, exportFiles }: JobServiceOptions, jobId: string): Promise<void> {
  if (await jobs.deleteEndedJob(jobId)) return exportFiles.removeJob(jobId, null);
  const job = await getJob(jobs, jobId);
  const advice = isActive(job.state)
    ? `The job is ${job.state}. Stop it first.`
    : `The job has ${job.state}. Resume it, or undo it first.`;
  throw new SluiceError("transition_not_allowed", advice, {
    details: { state: job.state, actions: actionsOf(job) },
  });
}

function createFileService(options: JobServiceOptions, planning: Planning): FileService {
  const { jobs, files, resumable, failpoints } = options;
  return {
    uploads: resumable,
    putFile: (name, source) =>
      storeFile(options, name, (id) => files.put(id, source, { maxBytes: options.maxUploadBytes })),
    adoptFile: (name, { path, ...stored }) =>
      storeFile(options, name, async (id) => {
        await files.adopt(id, path);
        return stored;
      }),
    getFile: async (fileId) => planning.getFile(fileId),
    listFiles: (filter) => jobs.listFiles(filter),
    deleteFile: async (fileId) => {
      const outcome = await jobs.deleteFile(fileId);
      if (outcome === "not_found") throw noFile(fileId);
      if (outcome === "in_use")
        throw new SluiceError("file_in_use", `A job that is not over needs ${fileId}.`);
      // When the process dies here the bytes are for `createFileCleaning`.
      await failpoints.hit("file_deleted");
      await files.remove(fileId);
    },
  };
}

async function openRecords(
  options: JobServiceOptions,
  ...[jobId, outcome, how]: Parameters<JobService["openRecords"]>
): ReturnType<JobService["openRecords"]> {
  const job = await getJob(options.jobs, jobId);
  if (job.kind !== "export") return openOutcomeRecords(options, jobId, outcome, how);
  throw new SluiceError(
    "invalid_request",
    `An export has no records by outcome: all of them are in its file, GET /v1/jobs/${jobId}/result.`,
  );
}

function createTableService({
  jobs,
  planner,
}: JobServiceOptions): Pick<JobService, "listTables" | "getTable"> {
  return {
    listTables: (filter) => jobs.tables.listTables(filter),
    getTable: async (name) => {
      const target = planner.targetOf({ table: name }, name);
      const table = await jobs.tables.describeTable(target);
      if (table !== null) return table;
      throw new SluiceError("not_found", `There is no table ${tableLabel(target)}.`);
    },
  };
}

async function storeFile(
  { jobs, files }: JobServiceOptions,
  name: string,
  store: (fileId: string) => Promise<StoredBytes>,
): Promise<StoredFile> {
  const id = jobs.newFileId();
  const stored = await store(id);
  try {
    return await jobs.insertFile({ id, name: name === "" ? "upload.csv" : name, ...stored });
  } catch (error) {
    await files.remove(id);
    throw error;
  }
}

function noFile(fileId: string): SluiceError {
  return new SluiceError("not_found", `There is no file ${fileId}.`);
}

interface Waiting {
  readonly jobId: string;
  readonly seen: Job;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  readonly ignoresProgress?: boolean;
}

async function waitForChange(
  { jobs, bell }: JobServiceOptions,
  { jobId, seen, waitMs, signal, ignoresProgress = false }: Waiting,
): Promise<Job> {
  const until = performance.now() + waitMs;
  for (;;) {
    const job = await getJob(jobs, jobId);
    const isSame =
      job.version === seen.version &&
      job.state === seen.state &&
      (ignoresProgress || job.progress.bytesRead === seen.progress.bytesRead);
    const leftMs = until - performance.now();
    if (!isSame || leftMs <= 0 || signal?.aborted === true) return job;
    await bell.wait(Math.min(CHANGE_POLL_MS, leftMs));
  }
}
