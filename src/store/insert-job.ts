/**
 * Creating a job: job, signal, parts, staging table and messages in one transaction. If the process dies at any
 * point before the commit there is no job; after it the job starts by itself.
 */
import type pg from "pg";
import { OPEN_END } from "../core/job.ts";
import type { Dispatcher, DispatchMessage } from "../core/ports.ts";
import type { JobStore, NewJob } from "../core/store-ports.ts";
import {
  beginChild,
  createInTransaction,
  firstWish,
  insertSignal,
  lockFile,
} from "./creation-rows.ts";
import { fromMaxRejected } from "./rejection-limit-row.ts";
import { sql, toJson } from "./sql.ts";
import { createStaging } from "./target/staging.ts";

/** What each unique index says when it refuses a job. */
const REFUSALS = {
  one_active_flat_job: "flat_active",
  one_creator_of_a_table: "table_claimed",
  job_idempotency_key_key: "key_used",
} as const;

/** See `JobStore.insertJob`. */
export async function insertJob(
  pool: pg.Pool,
  dispatcher: Dispatcher,
  job: NewJob,
): ReturnType<JobStore["insertJob"]> {
  return createInTransaction(pool, REFUSALS, async (client) => {
    await beginChild(client, job);
    await lockFile(client, job.plan.source.file);
    await insertRow(client, job);
    await insertSignal(client, job);
    if (job.plan.delivery !== "direct") await createStaging(client, job.plan);
    const first = await insertFirstPart(client, job);
    if (job.state === "queued") await dispatcher.dispatch([first], client);
  });
}

async function insertRow(client: pg.PoolClient, job: NewJob): Promise<void> {
  const { plan, request } = job;
  const limit = fromMaxRejected(request.maxRejected ?? null);
  await client.query(
    sql`insert into sluice.job (id, kind, door, name, state, wish, file_id, target_schema, target_table, mode,
        staging, request, plan, max_rejected, max_rejected_percent, pause_after, idempotency_key, created_by, parent_id, sample_keeper)
      values (${job.id}, ${request.kind}, ${job.door}, ${job.name}, ${job.state}, ${firstWish(job)}, ${plan.source.file},
        ${plan.target.schema}, ${plan.target.table}, ${plan.mode}, ${plan.delivery === "direct" ? null : plan.staging}, ${toJson(request)},
        ${toJson(plan)}, ${limit.max_rejected}, ${limit.max_rejected_percent}, ${request.pauseAfter ?? null},
        ${job.idempotencyKey}, ${job.createdBy}, ${job.parent}, ${job.sampleKeeper ?? null})`,
  );
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
