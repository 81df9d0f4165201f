/** Creating a process: job, signal, part and message in one transaction. After the commit the job starts by itself. */
import type pg from "pg";
import type { Dispatcher } from "../core/ports.ts";
import type { NewProcess } from "../core/process-store-ports.ts";
import type { JobStore } from "../core/store-ports.ts";
import {
  beginChild,
  createInTransaction,
  firstWish,
  insertSignal,
  lockFile,
} from "./creation-rows.ts";
import { fromMaxRejected } from "./rejection-limit-row.ts";
import { sql, toJson } from "./sql.ts";

const REFUSALS = {
  one_active_flat_job: "flat_active",
  job_idempotency_key_key: "key_used",
} as const;

/** See `JobStore.insertProcess`. */
export async function insertProcess(
  pool: pg.Pool,
  dispatcher: Dispatcher,
  job: NewProcess,
): ReturnType<JobStore["insertProcess"]> {
  return createInTransaction(pool, REFUSALS, async (client) => {
    await beginChild(client, job);
    await lockFile(client, job.plan.source.file);
    await insertRow(client, job);
    await insertSignal(client, job);
    await insertPart(client, job);
    if (job.state === "queued")
      await dispatcher.dispatch([{ jobId: job.id, partNo: 1, epoch: 1 }], client);
  });
}

async function insertRow(client: pg.PoolClient, job: NewProcess): Promise<void> {
  const { plan, request } = job;
  const limit = fromMaxRejected(request.maxRejected ?? null);
  await client.query(
    sql`insert into sluice.job (id, kind, door, name, state, wish, file_id, request, plan, max_rejected,
        max_rejected_percent, pause_after, idempotency_key, created_by, parent_id)
      values (${job.id}, 'process', ${job.door}, ${job.name}, ${job.state}, ${firstWish(job)}, ${plan.source.file},
        ${toJson(request)}, ${toJson(plan)}, ${limit.max_rejected}, ${limit.max_rejected_percent},
        ${request.pauseAfter ?? null}, ${job.idempotencyKey}, ${job.createdBy}, ${job.parent})`,
  );
}

async function insertPart(client: pg.PoolClient, { id, plan }: NewProcess): Promise<void> {
  const { byte, line } = plan.start;
  await client.query(
    sql`insert into sluice.part (job_id, part_no, first_byte, next_byte, end_byte, first_record, next_record, next_line)
      values (${id}, 1, ${byte}, ${byte}, ${plan.source.bytes}, 1, 1, ${line})`,
  );
}
