/** What the doors can ask, carried out over the ports. See `JobService` for the promises. */
import { isDeepStrictEqual } from "node:util";
import type { EngineSettings } from "../core/engine-settings.ts";
import { SluiceError } from "../core/errors.ts";
import { isActive, judgeAction } from "../core/job-state.ts";
import {
  actionsOf,
  situationOf,
  tableLabel,
  type ImportJob,
  type ImportRequest,
  type Job,
  type StoredFile,
} from "../core/job.ts";
import {
  correctRequest,
  type ImportCorrections,
  type ProcessCorrections,
} from "../core/correct-request.ts";
import type { Actor, JobService } from "../core/job-service.ts";
import type { ProcessRequest } from "../core/process-plan.ts";
import type { ExportFiles } from "../core/export-ports.ts";
import type { ImportPlanner, RecordReading, StoredBytes } from "../core/ports.ts";
import type { JobStore, NewJob } from "../core/store-ports.ts";
import type { ResumableUploads } from "../core/upload-ports.ts";
import type { Bell } from "./bell.ts";
import { changeJob } from "./change-job.ts";
import type { Control } from "./control.ts";
import { createExportService, type ExportServiceOptions } from "./export-service.ts";
import {
  createProcessService,
  newProcess,
  rerunProcess,
  type ProcessServiceOptions,
} from "./process-service.ts";
import { importUpload, type ImportUploadTools, type UploadTools } from "./import-upload.ts";
import { tableClaimed, toNewJob } from "./new-job.ts";
import { createSampleService, type SampleTools } from "./sample-service.ts";
import { openOutcomeRecords } from "./outcome-records.ts";
import { createPlanning, type Planning } from "./planning.ts";

/** What the service works with. */
export interface JobServiceOptions extends ExportServiceOptions, ProcessServiceOptions {
  readonly exportFiles: ExportFiles;
  readonly planner: ImportPlanner;
  readonly reading: RecordReading;
  readonly control: Control;
  readonly settings: EngineSettings;
  readonly maxUploadBytes: number;
  /** Rings when a job of this process may have come further. */
  readonly bell: Bell;
  readonly uploads: UploadTools;
  readonly resumable: ResumableUploads;
  /** Absent: jobs that are asked for as samples are jobs as any other. */
  readonly samples?: SampleTools;
}

const CHANGE_POLL_MS = 100;
const FLAT_RETRY_MS = 50;

export function createJobService(options: JobServiceOptions): JobService {
  const { jobs, control } = options;
  const planning = createPlanning(options);
  const creation: Creation = { ...options, planning };
  const create: ImportUploadTools["create"] = async (request, actor) =>
    (await createJob(creation, request, actor, null)).job;
  return {
    ...createExportService(options),
    ...createProcessService(options),
    ...createFileService(options, planning),
    inspectFile: (fileId, request, { readsAll = false } = {}) =>
      planning.inspect({ ...request, kind: "import", file: fileId }, { readsAll }),
    ...createTableService(options),
    validateJob: async (request) => (await planning.plan(request, jobs.newJobId())).plan,
    createJob: (request, actor, extra = {}) => createJob(creation, request, actor, keyOf(extra)),
    importUpload: (upload, actor) => importUpload({ ...creation, create }, upload, actor),
    rerunJob: (jobId, corrections, actor, extra = {}) =>
      rerunJob(creation, { jobId, corrections, key: keyOf(extra) }, actor),
    validateRerun: async (jobId, corrections) => {
      const parent = endedImport(await getJob(jobs, jobId));
      const request = correctRequest(parent, corrections);
      return (await planning.plan(request, jobs.newJobId())).plan;
    },
    createFlatJob: (request, actor) => createFlatJob(creation, request, actor),
    findFlatJob: () => jobs.findFlatJob(),
    getJob: (jobId) => getJob(jobs, jobId),
    findJobs: (prefix) =>
      jobs.findJobsByPrefix(prefix.startsWith("job_") ? prefix : `job_${prefix}`),
    listJobs: (filter) => jobs.listJobs(filter),
    countJobsAhead: (jobId) => jobs.countJobsAhead(jobId),
    waitForChange: (jobId, seen, waitMs, how) =>
      waitForChange(options, { jobId, seen, waitMs, ...how }),
    deleteJob: (jobId) => deleteJob(options, jobId),
    ...createSampleService(jobs, options.samples),
    act: (jobId, action, actor, actOptions) => control.act(jobId, action, actor, actOptions ?? {}),
    changeJob: (...change) => changeJob(options, ...change),
    listEvents: async (jobId, after = 0) => {
      await getJob(jobs, jobId);
      return jobs.listEvents(jobId, after);
    },
    listEventsOfAll: (after) => jobs.listEventsOfAll(after),
    openRecords: (jobId, outcome) => openRecords(options, jobId, outcome),
    checkReady: () => jobs.ping(),
  };
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

function createFileService(
  options: JobServiceOptions,
  planning: Planning,
): Pick<JobService, "uploads" | "putFile" | "adoptFile" | "getFile" | "listFiles" | "deleteFile"> {
  const { jobs, files, resumable } = options;
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
      // When the process dies here the bytes stay without a row; the sweep at the next start removes them.
      await files.remove(fileId);
    },
  };
}

async function openRecords(
  options: JobServiceOptions,
  ...[jobId, outcome]: Parameters<JobService["openRecords"]>
): ReturnType<JobService["openRecords"]> {
  const job = await getJob(options.jobs, jobId);
  if (job.kind !== "export") return openOutcomeRecords(options, jobId, outcome);
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

interface Creation extends JobServiceOptions {
  readonly planning: Planning;
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

async function newJob(
  { jobs, planning, settings }: Creation,
  request: ImportRequest,
  actor: Actor,
  extra: Pick<NewJob, "door" | "idempotencyKey" | "parent" | "sampleKeeper">,
): Promise<NewJob> {
  const id = jobs.newJobId();
  const { plan, file } = await planning.plan(request, id);
  return toNewJob({ plan, file }, request, settings, { id, createdBy: actor.by, ...extra });
}

async function createJob(
  creation: Creation,
  request: ImportRequest,
  actor: Actor,
  idempotencyKey: string | null,
  parent: string | null = null,
): Promise<{ job: Job; isNew: boolean }> {
  const { jobs, nudge } = creation;
  const known = await findKnown(jobs, idempotencyKey);
  if (known !== null) return { job: sameRequest(known, request, parent), isNew: false };
  const sampleKeeper = request.sample === true ? (creation.samples?.keeper.keeper ?? null) : null;
  const job = await newJob(creation, request, actor, {
    door: "api",
    idempotencyKey,
    parent,
    sampleKeeper,
  });
  const outcome = await jobs.insertJob(job);
  if (outcome === "key_used") return createJob(creation, request, actor, idempotencyKey, parent);
  if (outcome === "table_claimed") throw tableClaimed(job);
  nudge();
  if (sampleKeeper !== null) creation.samples?.keeper.wake();
  return { job: await getJob(jobs, job.id), isNew: true };
}

interface Rerun {
  readonly jobId: string;
  readonly corrections: ImportCorrections | ProcessCorrections;
  readonly key: string | null;
}

async function rerunJob(
  creation: Creation,
  { jobId, corrections, key }: Rerun,
  actor: Actor,
): Promise<{ job: Job; isNew: boolean }> {
  const { jobs } = creation;
  const any = await getJob(jobs, jobId);
  if (any.kind === "process")
    return rerunProcess(creation, any, corrections, { createdBy: actor.by, idempotencyKey: key });
  const parent = importOf(any);
  // A repeated request is answered with its job, whatever has become of the parent since.
  if ((await findKnown(jobs, key)) === null) endedImport(parent);
  const request = correctRequest(parent, corrections);
  return createJob(creation, request, actor, key, parent.id);
}

/** Errors: `transition_not_allowed`. */
function importOf(job: Job): ImportJob {
  if (job.kind === "import") return job;
  throw new SluiceError(
    "transition_not_allowed",
    job.kind === "export"
      ? "An export is not run again: ask for another one, with the filter that you want."
      : "The job is a process, and no import.",
    { details: { state: job.state, actions: actionsOf(job) } },
  );
}

/** The job, when another can be made from it. Errors: `transition_not_allowed`. */
function endedImport(any: Job): ImportJob {
  const job = importOf(any);
  if (judgeAction("rerun", situationOf(job)) === "allowed") return job;
  const actions = actionsOf(job);
  throw new SluiceError(
    "transition_not_allowed",
    `The job is ${job.state}: it can be run again when it is over. Possible: ${actions.join(", ")}.`,
    { details: { state: job.state, actions } },
  );
}

async function findKnown(jobs: JobStore, idempotencyKey: string | null): Promise<Job | null> {
  return idempotencyKey === null ? null : jobs.findJobByIdempotencyKey(idempotencyKey);
}

function keyOf({ idempotencyKey }: { readonly idempotencyKey?: string }): string | null {
  return idempotencyKey ?? null;
}

/** The settings that a resume may change are not part of the comparison. */
function sameRequest(job: Job, request: ImportRequest, parent: string | null): Job {
  const isSame =
    job.kind === "import" && isDeepStrictEqual(withoutLimits(job.request), withoutLimits(request));
  if (isSame && job.parent === parent) return job;
  throw new SluiceError(
    "idempotency_key_reused",
    `This Idempotency-Key belongs to ${job.id}, which was asked for with another body.`,
  );
}

function withoutLimits(request: ImportRequest): Omit<ImportRequest, "maxRejected" | "pauseAfter"> {
  const { maxRejected: _maxRejected, pauseAfter: _pauseAfter, ...rest } = request;
  return rest;
}

async function createFlatJob(
  creation: Creation,
  request: ImportRequest | ProcessRequest,
  actor: Actor,
): Promise<Job | null> {
  const { jobs, nudge, settings } = creation;
  const until = performance.now() + settings.actionWaitMs;
  const { id, insert } = await newFlatJob(creation, request, actor);
  for (;;) {
    if ((await insert()) === "created") break;
    // A job that is stopping is not active any more, and gone in a moment.
    const isStopping = (await jobs.findFlatJob()) === null;
    if (!isStopping || performance.now() > until) return null;
    await new Promise((resolve) => setTimeout(resolve, FLAT_RETRY_MS));
  }
  nudge();
  return getJob(jobs, id);
}

interface FlatJob {
  readonly id: string;
  /** Errors: `table_exists` when another job is about to make its table. */
  readonly insert: () => Promise<"created" | "flat_active" | "key_used">;
}

async function newFlatJob(
  creation: Creation,
  request: ImportRequest | ProcessRequest,
  actor: Actor,
): Promise<FlatJob> {
  const { jobs } = creation;
  const extra = { door: "flat", idempotencyKey: null, parent: null } as const;
  if (request.kind === "process") {
    const process = await newProcess(creation, request, { createdBy: actor.by, ...extra });
    return { id: process.id, insert: () => jobs.insertProcess(process) };
  }
  const job = await newJob(creation, request, actor, extra);
  const insert: FlatJob["insert"] = async () => {
    const outcome = await jobs.insertJob(job);
    if (outcome === "table_claimed") throw tableClaimed(job);
    return outcome;
  };
  return { id: job.id, insert };
}

async function getJob(jobs: JobStore, jobId: string): Promise<Job> {
  const job = await jobs.findJob(jobId);
  if (job === null) throw new SluiceError("not_found", `There is no job ${jobId}.`);
  return job;
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
