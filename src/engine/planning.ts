/** From a request to a plan: reads the sample, asks the catalog, lets the planner decide. Writes nothing. */
import { SluiceError } from "../core/errors.ts";
import type { ImportPlan } from "../core/import-plan.ts";
import { tableLabel, type ImportRequest, type StoredFile, type TableName } from "../core/job.ts";
import type { Inspection } from "../core/inspection.ts";
import type { FileStore, ImportPlanner, PlanInput } from "../core/ports.ts";
import type { JobStore } from "../core/store-ports.ts";

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
  /** As `plan`, for a table that may exist or not. */
  inspect(request: ImportRequest, options: { readonly readsAll: boolean }): Promise<Inspection>;
  /** Errors: `not_found`. */
  getFile(fileId: string): Promise<StoredFile>;
}

export function createPlanning({
  jobs,
  files,
  planner,
}: {
  readonly jobs: JobStore;
  readonly files: FileStore;
  readonly planner: ImportPlanner;
}): Planning {
  const getFile = async (fileId: string): Promise<StoredFile> => {
    const file = await jobs.findFile(fileId);
    if (file === null) throw new SluiceError("not_found", `There is no file ${fileId}.`);
    return file;
  };

  const inputOf = async (request: ImportRequest, jobId: string): Promise<PlanInput> => {
    const file = await getFile(request.file);
    const target = planner.targetOf(request, file.name);
    if (CLOSED_SCHEMAS.test(target.schema))
      throw new SluiceError(
        "invalid_request",
        `${tableLabel(target)} is in a schema that imports cannot write to. Choose another, such as public.`,
      );
    // Before the first byte is read: what is written to the file from here on is found out.
    const stat = await files.stat(file.id);
    const sample = await planner.readSample(files, file, {
      reading: request.reading ?? {},
      isMeasured: true,
    });
    return {
      request,
      file,
      ...(stat === null ? {} : { sourceVersion: stat.version }),
      ...sample,
      target,
      targetTable: await jobs.describeTable(target),
      staging: jobs.stagingName(jobId),
    };
  };

  return {
    getFile,
    plan: async (request, jobId) => {
      const input = await inputOf(request, jobId);
      await checkTarget(jobs, request, input);
      const isNew = (request.mode ?? "create") === "create";
      const plan = planner.plan(isNew ? { ...input, targetTable: null } : input);
      return { plan, file: input.file };
    },
    inspect: async (request, options) => {
      const input = await inputOf(request, jobs.newJobId());
      const isNew = request.mode !== "append";
      return planner.inspect(files, isNew ? { ...input, targetTable: null } : input, options);
    },
  };
}

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
  const isAppend = request.mode === "append";
  if (isAppend && targetTable !== null) return;
  const kind = await jobs.findRelationKind(target);
  if (isAppend)
    throw kind === null
      ? new SluiceError("table_not_found", `There is no table ${label} to append to.`)
      : new SluiceError("not_a_table", `Expected a table to append to, but ${label} is a ${kind}.`);
  if (kind === null) return;
  throw new SluiceError("table_exists", `${label} exists already. Nothing was changed.`);
}
