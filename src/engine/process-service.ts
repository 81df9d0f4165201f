/** What the doors can ask of processes. See `JobService` for the promises. */
import {
  correctRequest,
  PROCESS_CORRECTIONS,
  type ProcessCorrections,
} from "../core/correct-request.ts";
import { SluiceError } from "../core/errors.ts";
import { judgeAction } from "../core/job-state.ts";
import type { Job, ProcessJob, StoredFile } from "../core/job.ts";
import { actionsOf, situationOf } from "../core/job-actions.ts";
import type { ProcessService } from "../core/process-service.ts";
import type { ProcessPlan, ProcessRequest } from "../core/process-plan.ts";
import type { ProcessCatalog, ProcessReading } from "../core/process-ports.ts";
import type { NewProcess } from "../core/process-store-ports.ts";
import { requireSecrets, revealedParams, secretPlaces } from "../core/secret-params.ts";
import type { JobStore } from "../core/store-ports.ts";
import { getJob } from "./get-job.ts";
import { repeatedJob } from "./repeated-request.ts";

/** What the service of processes works with. */
export interface ProcessServiceOptions {
  readonly jobs: JobStore;
  readonly catalog: ProcessCatalog;
  readonly processReading: ProcessReading;
  readonly nudge: () => void;
}

/** The part of the job service that is about processes. */
export function createProcessService(options: ProcessServiceOptions): ProcessService {
  const { jobs, catalog } = options;
  return {
    validateProcess: async (request) => (await plan(options, request)).plan,
    validateProcessRerun: async (jobId, corrections) => {
      const parent = endedProcess(await getJob(jobs, jobId));
      return (await plan(options, correctProcess(parent, corrections))).plan;
    },
    createProcess: (request, { by }, { idempotencyKey = null as string | null } = {}) =>
      createProcess(options, request, { createdBy: by, idempotencyKey, parent: null }),
    listProcesses: () => catalog.list(),
    getProcess: (name) => catalog.get(name),
    listLog: async (jobId, { limit, after = 0 }) => {
      await getJob(jobs, jobId);
      return jobs.listLog(jobId, { limit, after });
    },
  };
}

/** Who asks for a process, and how. */
type Creation = Pick<NewProcess, "createdBy" | "idempotencyKey" | "parent">;

/** Creates a process, or answers the one that an idempotency key has. */
async function createProcess(
  options: ProcessServiceOptions,
  request: ProcessRequest,
  creation: Creation,
): Promise<{ job: Job; isNew: boolean }> {
  const { jobs, nudge } = options;
  const { idempotencyKey, parent } = creation;
  const known = idempotencyKey === null ? null : await jobs.findJobByIdempotencyKey(idempotencyKey);
  if (known !== null) return { job: repeatedJob(known, request, parent), isNew: false };
  const job = await newProcess(options, request, { ...creation, door: "api" });
  const outcome = await jobs.insertProcess(job);
  if (outcome === "key_used") return createProcess(options, request, creation);
  nudge();
  return { job: await getJob(jobs, job.id), isNew: true };
}

/** Runs a process again over the file of a job. */
export async function rerunProcess(
  options: ProcessServiceOptions,
  parent: ProcessJob,
  corrections: ProcessCorrections,
  creation: Pick<Creation, "createdBy" | "idempotencyKey">,
): Promise<{ job: Job; isNew: boolean }> {
  const { idempotencyKey } = creation;
  const known =
    idempotencyKey === null ? null : await options.jobs.findJobByIdempotencyKey(idempotencyKey);
  // A repeated request is answered with its job, whatever has become of the parent since.
  if (known === null) endedProcess(parent);
  const request = correctProcess(parent, corrections);
  return createProcess(options, request, { ...creation, parent: parent.id });
}

/** A process that is to be created; over `known` when its file has no row of its own yet. Errors: those of `JobService.createProcess`. */
export async function newProcess(
  options: ProcessServiceOptions,
  request: ProcessRequest,
  creation: Creation & Pick<NewProcess, "door" | "retry">,
  known?: StoredFile,
): Promise<NewProcess> {
  const { plan: planned, file } = await plan(options, request, known);
  return {
    ...creation,
    id: options.jobs.newJobId(),
    name: request.name ?? `${file.name} → ${planned.title}`,
    request,
    plan: planned,
    state: request.startPaused === true ? "paused" : "queued",
  };
}

async function plan(
  { jobs, catalog, processReading }: ProcessServiceOptions,
  request: ProcessRequest,
  known?: StoredFile,
): Promise<{ readonly plan: ProcessPlan; readonly file: StoredFile }> {
  const file = known ?? (await jobs.findFile(request.file));
  if (file === null) throw new SluiceError("not_found", `There is no file ${request.file}.`);
  const described = await catalog.get(request.process);
  const reading = await processReading.plan(file, request.reading ?? {});
  const { header, fields } = reading;
  const params = request.params ?? {};
  const secretParams = secretPlaces(described.params, params);
  requireSecrets(params, secretParams);
  const { outputColumns } = await catalog.prepare(request.process, { params, fields });
  const planned: ProcessPlan = {
    ...reading.plan,
    kind: "process",
    process: described.name,
    title: described.title,
    params,
    secretParams,
    batchSize: described.batchSize,
    hasUndo: described.hasUndo,
    header,
    fields,
    outputHeader:
      outputColumns && outputColumns.map((name) => header[fields.indexOf(name)] ?? name),
    resultFile: jobs.newFileId(),
    fileName: resultName(file.name, described.name),
  };
  return { plan: planned, file };
}

/** `people.csv.gz` becomes `people-swap-columns.csv`. */
function resultName(fileName: string, process: string): string {
  const base = fileName.replace(/\.(?:gz|zip)$/i, "").replace(/\.[a-z]{1,4}$/i, "");
  return `${base === "" ? "result" : base}-${process}.csv`;
}

/** Errors: `invalid_request` for a correction that a process does not take. */
function correctProcess(parent: ProcessJob, corrections: ProcessCorrections): ProcessRequest {
  const errors = Object.keys(corrections)
    .filter((name) => !(PROCESS_CORRECTIONS as readonly string[]).includes(name))
    .map((name) => ({
      pointer: `/${name}`,
      code: "invalid_value",
      detail: `Expected one of ${PROCESS_CORRECTIONS.join(", ")}: a rerun of a process changes nothing else.`,
    }));
  const [first] = errors;
  if (first !== undefined)
    throw new SluiceError("invalid_request", first.detail, { details: { errors } });
  const given = corrections.params;
  const { params, secretParams = [] } = parent.plan;
  return correctRequest(
    parent,
    given == null
      ? corrections
      : { ...corrections, params: revealedParams(given, { params, places: secretParams }) },
  );
}

/** The job, when another can be made from it. Errors: `transition_not_allowed`. */
function endedProcess(job: Job): ProcessJob {
  const actions = actionsOf(job);
  const details = { state: job.state, actions };
  if (job.kind !== "process")
    throw new SluiceError("transition_not_allowed", "The job is no process.", { details });
  if (judgeAction("rerun", situationOf(job)) === "allowed") return job;
  throw new SluiceError(
    "transition_not_allowed",
    `The job is ${job.state}: it can be run again when it is over. Possible: ${actions.join(", ")}.`,
    { details },
  );
}
