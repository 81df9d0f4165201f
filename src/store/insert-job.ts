/**
 * Creating a job: job, signal, parts, staging table and messages in one transaction. If the process dies at any
 * point before the commit there is no job; after it the job starts by itself.
 */
import pg from "pg";
import { SluiceError } from "../core/errors.ts";
import { OPEN_END } from "../core/job.ts";
import type { Dispatcher, DispatchMessage } from "../core/ports.ts";
import type { JobStore, NewJob } from "../core/store-ports.ts";
import { inTransaction } from "./connect.ts";
import { fromMaxRejected } from "./rejection-limit-row.ts";
import { sql, toJson } from "./sql.ts";
import { createStaging } from "./target/staging.ts";

type Outcome = Awaited<ReturnType<JobStore["insertJob"]>>;

/** What each unique index says when it refuses a job. */
const REFUSALS: Readonly<Record<string, Outcome>> = {
  one_active_flat_job: "flat_active",
  one_creator_of_a_table: "table_claimed",
  job_idempotency_key_key: "key_used",
};

/** See `JobStore.insertJob`. */
export async function insertJob(
  pool: pg.Pool,
  dispatcher: Dispatcher,
  job: NewJob,
): Promise<Outcome> {
  try {
    await inTransaction(pool, async (client) => {
      await lockFile(client, job.plan.source.file);
      if (job.parent !== null) await noteRerun(client, job, job.parent);
      await insertRows(client, job);
      if (job.plan.delivery !== "direct") await createStaging(client, job.plan);
      const first = await insertFirstPart(client, job);
      if (job.state === "queued") await dispatcher.dispatch([first], client);
    });
    return "created";
  } catch (error) {
    const refusal =
      error instanceof pg.DatabaseError && error.code === "23505"
        ? REFUSALS[error.constraint ?? ""]
        : undefined;
    if (refusal === undefined) throw error;
    return refusal;
  }
}

/** Holds the file against being deleted until the job is committed. */
export async function lockFile(client: pg.PoolClient, fileId: string): Promise<void> {
  const { rowCount } = await client.query(
    sql`select from sluice.file where id = ${fileId} and removed_at is null for share`,
  );
  if (rowCount !== 1) throw new SluiceError("not_found", `There is no file ${fileId}.`);
}

/** Writes to the history of the parent what was made from it, and holds it against being deleted until then. */
export async function noteRerun(
  client: pg.PoolClient,
  job: Pick<NewJob, "id" | "createdBy">,
  parent: string,
): Promise<void> {
  const { rowCount } = await client.query(
    sql`insert into sluice.event (job_id, type, by_actor, details)
      select id, 'job.rerun', ${job.createdBy}, ${JSON.stringify({ job: job.id })}::jsonb
      from sluice.job where id = ${parent} for key share`,
  );
  if (rowCount !== 1) throw new SluiceError("not_found", `There is no job ${parent}.`);
}

async function insertRows(client: pg.PoolClient, job: NewJob): Promise<void> {
  const { plan, request } = job;
  const wish = job.state === "paused" ? "pause" : "run";
  const limit = fromMaxRejected(request.maxRejected ?? null);
  await client.query(
    sql`insert into sluice.job (id, kind, door, name, state, wish, file_id, target_schema, target_table, mode,
        staging, request, plan, max_rejected, max_rejected_percent, pause_after, idempotency_key, created_by, parent_id, sample_keeper)
      values (${job.id}, ${request.kind}, ${job.door}, ${job.name}, ${job.state}, ${wish}, ${plan.source.file},
        ${plan.target.schema}, ${plan.target.table}, ${plan.mode}, ${plan.delivery === "direct" ? null : plan.staging}, ${toJson(request)},
        ${toJson(plan)}, ${limit.max_rejected}, ${limit.max_rejected_percent}, ${request.pauseAfter ?? null},
        ${job.idempotencyKey}, ${job.createdBy}, ${job.parent}, ${job.sampleKeeper ?? null})`,
  );
  await client.query(
    sql`insert into sluice.job_signal (job_id, wish, by_actor, max_records_per_second)
      values (${job.id}, ${wish}, ${job.createdBy}, ${request.maxRecordsPerSecond ?? null})`,
  );
  await client.query(
    sql`insert into sluice.event (job_id, type, by_actor, details)
      values (${job.id}, 'job.created', ${job.createdBy}, ${toJson(detailsOf(job))})`,
  );
}

function detailsOf({ state, parent }: NewJob): Record<string, unknown> {
  return { startPaused: state === "paused", ...(parent === null ? {} : { parent }) };
}

/**
 * A file over the part size begins with part 0, the search for parts; so does one that still arrives, and then the end is
 * open. Any other is one part.
 */
export async function insertFirstPart(
  client: pg.ClientBase,
  job: Pick<NewJob, "id" | "plan" | "partBytes" | "waitsForByte">,
): Promise<DispatchMessage> {
  const { start, source, isSplittable } = job.plan;
  const isOpen = source.isArriving === true;
  const partNo = isOpen || (isSplittable && source.bytes - start.byte > job.partBytes) ? 0 : 1;
  const end = isOpen ? OPEN_END : source.bytes;
  await client.query(
    sql`insert into sluice.part (job_id, part_no, first_byte, next_byte, end_byte, first_record, next_record, next_line,
        waits_for_byte)
      values (${job.id}, ${partNo}, ${start.byte}, ${start.byte}, ${end}, 1, 1, ${start.line}, ${job.waitsForByte})`,
  );
  return { jobId: job.id, partNo, epoch: 1 };
}
