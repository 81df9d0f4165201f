/** What creating a job of any kind writes beside its row and its parts, and what a refusal by an index means. */
import pg from "pg";
import type { RetryClaim } from "../core/correction.ts";
import { SluiceError } from "../core/errors.ts";
import { claimRecords } from "./claim-records.ts";
import { inTransaction } from "./connect.ts";
import { sql, toJson } from "./sql.ts";

/** What every new job tells. */
interface CreatedJob {
  readonly id: string;
  readonly state: "queued" | "paused";
  readonly createdBy: string;
  readonly parent?: string | null;
  readonly retry?: RetryClaim;
  readonly request: { readonly maxRecordsPerSecond?: number | null };
}

/** Creates a job in one transaction. An index that refuses it is told by its name in `refusals`; any other error is thrown. */
export async function createInTransaction<Refusal extends string>(
  pool: pg.Pool,
  refusals: Readonly<Record<string, Refusal>>,
  work: (client: pg.PoolClient) => Promise<void>,
): Promise<"created" | Refusal> {
  try {
    await inTransaction(pool, work);
    return "created";
  } catch (error) {
    const isTaken = error instanceof pg.DatabaseError && error.code === "23505";
    const refusal = isTaken ? refusals[error.constraint ?? ""] : undefined;
    if (refusal === undefined) throw error;
    return refusal;
  }
}

/** The wish that a job begins with. */
export function firstWish({ state }: Pick<CreatedJob, "state">): "pause" | "run" {
  return state === "paused" ? "pause" : "run";
}

/** Writes the signal, with the speed, and the first line of the history. */
export async function insertSignal(client: pg.PoolClient, job: CreatedJob): Promise<void> {
  const { id, state, createdBy, parent = null, request } = job;
  await client.query(
    sql`insert into sluice.job_signal (job_id, wish, by_actor, max_records_per_second)
      values (${id}, ${firstWish(job)}, ${createdBy}, ${request.maxRecordsPerSecond ?? null})`,
  );
  const details = { startPaused: state === "paused", ...(parent === null ? {} : { parent }) };
  await client.query(
    sql`insert into sluice.event (job_id, type, by_actor, details)
      values (${id}, 'job.created', ${createdBy}, ${toJson(details)})`,
  );
}

/** Holds the file against being deleted until the job is committed. */
export async function lockFile(client: pg.PoolClient, fileId: string): Promise<void> {
  const { rowCount } = await client.query(
    sql`select from sluice.file where id = ${fileId} and removed_at is null for share`,
  );
  if (rowCount !== 1) throw new SluiceError("not_found", `There is no file ${fileId}.`);
}

/**
 * What a job that is made from another does there: a retry takes its records; the history of the parent says what was made
 * from it. Holds the parent against being deleted until the job is committed. Errors: those of `claimRecords`, `not_found`.
 */
export async function beginChild(client: pg.PoolClient, job: CreatedJob): Promise<void> {
  const { id, createdBy, parent = null, retry } = job;
  if (parent === null) return;
  if (retry !== undefined) await claimRecords(client, { id, parent }, retry);
  const type = retry === undefined ? "job.rerun" : "job.retried";
  const { rowCount } = await client.query(
    sql`insert into sluice.event (job_id, type, by_actor, details)
      select id, ${type}, ${createdBy}, ${JSON.stringify({ job: id })}::jsonb
      from sluice.job where id = ${parent} for key share`,
  );
  if (rowCount !== 1) throw new SluiceError("not_found", `There is no job ${parent}.`);
}
