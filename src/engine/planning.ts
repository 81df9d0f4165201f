/** From a request to a plan: reads the sample, asks the catalog, lets the planner decide. Writes nothing. */
import { isDeepStrictEqual } from "node:util";
import { SluiceError } from "../core/errors.ts";
import type { ImportPlan } from "../core/import-plan.ts";
import {
  tableLabel,
  type ImportMode,
  type ImportRequest,
  type StoredFile,
  type TableName,
} from "../core/job.ts";
import type { InspectOptions, Inspection } from "../core/inspection.ts";
import type { FileStore, ImportPlanner, PlanInput, SourceSample } from "../core/ports.ts";
import type { JobStore } from "../core/store-ports.ts";
import { inTurns, Turns } from "./turns.ts";

/** Schemas whose tables belong to Sluice or to PostgreSQL. */
const CLOSED_SCHEMAS = /^(sluice|sluice_dispatch|pg_.*|information_schema)$/;

/** A plan and the file it is for. */
export interface PlannedJob {
  readonly plan: ImportPlan;
  readonly file: StoredFile;
}

export interface Planning {
  /** Errors: the refusals of the reading rules, `table_exists`, `table_not_found`, `schema_not_found`, `not_a_table`, `not_found`, `invalid_request`. */
  plan(request: ImportRequest, jobId: string): Promise<PlannedJob>;
  /**
   * As `plan` for a file of which more will come, by what is there. `later`: that may be too little; `whole`: only the
   * whole file tells, or it would not be read before.
   */
  planArriving(
    request: ImportRequest,
    jobId: string,
    file: StoredFile,
  ): Promise<ImportPlan | "later" | "whole">;
  /** The plan for a job that exists, by the whole file. Its target is not asked about again. Errors: those of `plan`. */
  planAgain(request: ImportRequest, jobId: string, file: StoredFile): Promise<ImportPlan>;
  /** As `plan`, for a table that may exist or not. */
  inspect(
    request: ImportRequest,
    options: Pick<InspectOptions, "readsAll" | "signal">,
  ): AsyncIterable<Inspection>;
  /** Errors: `not_found`. */
  getFile(fileId: string): Promise<StoredFile>;
}

interface PlanningPorts {
  readonly jobs: JobStore;
  readonly files: FileStore;
  readonly planner: ImportPlanner;
}

/** They are read on the thread that answers requests. */
const SURVEYS_AT_ONCE = 2;

export function createPlanning(ports: PlanningPorts): Planning {
  const { jobs, files, planner } = ports;
  const getFile = async (fileId: string): Promise<StoredFile> => {
    const file = await jobs.findFile(fileId);
    if (file === null) throw new SluiceError("not_found", `There is no file ${fileId}.`);
    return file;
  };
  const memo = new PlanMemo();
  const surveys = new Turns(SURVEYS_AT_ONCE);
  const planOf = (request: ImportRequest, input: PlanInput): ImportPlan => {
    const isNew = (request.mode ?? "create") === "create";
    return planner.plan(isNew ? { ...input, targetTable: null } : input);
  };

  return {
    getFile,
    plan: async (request, jobId) => {
      refuseDirectDryRun(request);
      const file = await getFile(request.file);
      const place = await placeOf(ports, request, jobId, file);
      await checkTarget(jobs, request, place);
      const known = memo.find(place);
      if (known !== null) return { plan: known, file };
      const plan = planOf(request, { ...place, ...(await sampleOf(ports, request, file)) });
      memo.keep(place, plan);
      return { plan, file };
    },
    planArriving: async (request, jobId, file) => {
      // Should the rest of the file change the plan, rows that are visible could not be begun again.
      if (request.delivery === "direct") return "whole";
      const sample = await planner.readArrivingSample(files, file);
      if (typeof sample === "string") return sample;
      const target = targetOf(planner, request, file);
      const targetTable = await jobs.describeTable(target);
      const staging = jobs.stagingName(jobId);
      const input = { request, file, ...sample, target, targetTable, staging };
      await checkTarget(jobs, request, input);
      const plan = planUnlessAmbiguous(() => planOf(request, input));
      if (plan === null || !plan.isSplittable || plan.start.byte >= file.bytes) return "whole";
      return { ...plan, source: { ...plan.source, isArriving: true } };
    },
    planAgain: async (request, jobId, file) =>
      planOf(request, await inputOf(ports, request, jobId, file)),
    inspect: async function* (request, how) {
      const file = await getFile(request.file);
      const input = await inputOf(ports, request, jobs.newJobId(), file);
      const targetExists = (await jobs.findRelationKind(input.target)) !== null;
      const isNew = request.mode === undefined || request.mode === "create";
      const asked = isNew
        ? { ...input, targetTable: null }
        : { ...input, request: lookedAtAs(request) };
      const parts = planner.inspect(files, asked, { ...how, targetExists });
      yield* inTurns(parts, surveys, how.signal);
    },
  };
}

/** Errors: `invalid_request`. */
function refuseDirectDryRun({ dryRun, delivery }: ImportRequest): void {
  if (dryRun !== true || delivery !== "direct") return;
  throw new SluiceError(
    "invalid_request",
    "With direct delivery rows are visible as they are written, and a dry run writes none. Leave out dryRun or delivery.",
  );
}

/** Without a key, which may be chosen later, an upsert is looked at as rows that are added. */
function lookedAtAs({ key = [], ...request }: ImportRequest): ImportRequest {
  if (request.mode !== "upsert") return request;
  return key.length > 0 ? { ...request, key } : { ...request, mode: "append" };
}

function targetOf(planner: ImportPlanner, request: ImportRequest, file: StoredFile): TableName {
  const target = planner.targetOf(request, file.name);
  if (CLOSED_SCHEMAS.test(target.schema))
    throw new SluiceError(
      "invalid_request",
      `${tableLabel(target)} is in a schema that imports cannot write to. Choose another, such as public.`,
    );
  return target;
}

/** Where rows go and what they are read from: what a plan is made from besides the sample. */
type PlanPlace = Omit<PlanInput, keyof SourceSample>;

async function placeOf(
  { jobs, files, planner }: PlanningPorts,
  request: ImportRequest,
  jobId: string,
  file: StoredFile,
): Promise<PlanPlace> {
  const target = targetOf(planner, request, file);
  // Before the first byte is read: what is written to the file from here on is found out.
  const stat = await files.stat(file.id);
  return {
    request,
    file,
    ...(stat === null ? {} : { sourceVersion: stat.version }),
    target,
    targetTable: await jobs.describeTable(target),
    staging: jobs.stagingName(jobId),
  };
}

function sampleOf(
  { files, planner }: PlanningPorts,
  { reading = {} }: ImportRequest,
  file: StoredFile,
): Promise<SourceSample> {
  return planner.readSample(files, file, { reading, isMeasured: true });
}

async function inputOf(
  ports: PlanningPorts,
  request: ImportRequest,
  jobId: string,
  file: StoredFile,
): Promise<PlanInput> {
  const place = await placeOf(ports, request, jobId, file);
  return { ...place, ...(await sampleOf(ports, request, file)) };
}

/** How many plans are remembered. Each is some kilobytes. */
const MOST_REMEMBERED = 16;

/**
 * The last plans: who looks at a plan before the start gets the job with it, and the file is not looked at again. A plan
 * is made from its place and the bytes of the file, and these are pinned by digest and version.
 */
class PlanMemo {
  readonly #plans = new Map<string, ImportPlan>();

  find(place: PlanPlace): ImportPlan | null {
    const plan = this.#plans.get(keyOf(place));
    return plan === undefined ? null : { ...plan, staging: place.staging };
  }

  keep(place: PlanPlace, plan: ImportPlan): void {
    if (place.sourceVersion === undefined) return;
    this.#plans.set(keyOf(place), plan);
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > MOST_REMEMBERED && oldest !== undefined) this.#plans.delete(oldest);
  }
}

function keyOf({ staging: _staging, ...place }: PlanPlace): string {
  return JSON.stringify(place);
}

/** Whether two plans for one file read the same records into the same columns. */
export function isSameReading(left: ImportPlan, right: ImportPlan): boolean {
  return isDeepStrictEqual(readingOf(left), readingOf(right));
}

/** What is read and how: not why, nor what else could be. */
function readingOf(plan: ImportPlan): unknown {
  const { source: _source, warnings: _warnings, columns, ...rest } = plan;
  const bare = columns.map(({ reason: _reason, offers: _offers, ...column }) => column);
  return { ...rest, columns: bare };
}

/** Dates that can be read in two ways may be told apart by one that comes later: then the plan has to wait. */
function planUnlessAmbiguous(make: () => ImportPlan): ImportPlan | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof SluiceError && error.code === "date_ambiguous") return null;
    throw error;
  }
}

/** What is done to a table, after "a table to". */
const PURPOSES: Readonly<Record<ImportMode, string>> = {
  create: "create",
  append: "append to",
  upsert: "update",
  replace: "replace the rows of",
};

async function checkTarget(
  jobs: JobStore,
  request: ImportRequest,
  { target, targetTable }: { readonly target: TableName; readonly targetTable: unknown },
): Promise<void> {
  const label = tableLabel(target);
  if (!(await jobs.schemaExists(target.schema)))
    throw new SluiceError(
      "schema_not_found",
      `There is no schema ${target.schema}. Create it first: Sluice makes tables, not schemas.`,
    );
  const isNew = request.mode === undefined || request.mode === "create";
  if (!isNew && targetTable !== null) return;
  const kind = await jobs.findRelationKind(target);
  const purpose = PURPOSES[request.mode ?? "create"];
  if (!isNew)
    throw kind === null
      ? new SluiceError("table_not_found", `There is no table ${label} to ${purpose}.`)
      : new SluiceError(
          "not_a_table",
          `Expected a table to ${purpose}, but ${label} is a ${kind}.`,
        );
  if (kind === null) return;
  throw new SluiceError("table_exists", `${label} exists already. Nothing was changed.`);
}
