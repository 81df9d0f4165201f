/** What the doors can ask of imports, and what imports and processes have in common. See `JobService` for the promises. */
import { SluiceError } from "../core/errors.ts";
import { judgeAction } from "../core/job-state.ts";
import type { ImportJob, ImportRequest, Job } from "../core/job.ts";
import { actionsOf, situationOf } from "../core/job-actions.ts";
import {
  correctRequest,
  type ImportCorrections,
  type ProcessCorrections,
} from "../core/correct-request.ts";
import type { Actor, JobService } from "../core/job-service.ts";
import type { ProcessRequest } from "../core/process-plan.ts";
import type { JobStore, NewJob } from "../core/store-ports.ts";
import { newProcess, rerunProcess } from "./process-service.ts";
import { importUpload, type ImportUploadTools } from "./import-upload.ts";
import { tableClaimed, toNewJob } from "./new-job.ts";
import type { Planning } from "./planning.ts";
import { getJob } from "./get-job.ts";
import { repeatedJob } from "./repeated-request.ts";
import type { JobServiceOptions } from "./create-job-service.ts";

const FLAT_RETRY_MS = 50;

type ImportMethods =
  "validateJob" | "createJob" | "importUpload" | "rerunJob" | "validateRerun" | "createFlatJob";

/** The part of the job service that is about creating imports. */
export function createImportService(
  options: JobServiceOptions,
  planning: Planning,
): Pick<JobService, ImportMethods> {
  const { jobs } = options;
  const creation: Creation = { ...options, planning };
  const create: ImportUploadTools["create"] = async (request, actor) =>
    (await createJob(creation, request, actor, null)).job;
  return {
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
  };
}

interface Creation extends JobServiceOptions {
  readonly planning: Planning;
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
  if (known !== null) return { job: repeatedJob(known, request, parent), isNew: false };
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
