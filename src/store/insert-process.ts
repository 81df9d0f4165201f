/** Creating a process: job, signal, part and message in one transaction. After the commit the job starts by itself. */
import pg from "pg";
import type { Dispatcher } from "../core/ports.ts";
import type { NewProcess } from "../core/process-store-ports.ts";
import type { JobStore } from "../core/store-ports.ts";
import { inTransaction } from "./connect.ts";
import { lockFile, noteRerun } from "./insert-job.ts";
import { fromMaxRejected } from "./rejection-limit-row.ts";
import { sql, toJson } from "./sql.ts";

type Outcome = Awaited<ReturnType<JobStore["insertProcess"]>>;

const REFUSALS: Readonly<Record<string, Outcome>> = {
  one_active_flat_job: "flat_active",
  job_idempotency_key_key: "key_used",
};

/** See `JobStore.insertProcess`. */
export async function insertProcess(
  pool: pg.Pool,
  dispatcher: Dispatcher,
  job: NewProcess,
): Promise<Outcome> {
  try {
    await inTransaction(pool, async (client) => {
      await lockFile(client, job.plan.source.file);
      if (job.parent !== null) await noteRerun(client, job, job.parent);
      await insertRows(client, job);
      if (job.state === "queued")
        await dispatcher.dispatch([{ jobId: job.id, partNo: 1, epoch: 1 }], client);
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

async function insertRows(client: pg.PoolClient, job: NewProcess): Promise<void> {
  const { plan, request } = job;
  const wish = job.state === "paused" ? "pause" : "run";
  const limit = fromMaxRejected(request.maxRejected ?? null);
  await client.query(
    sql`insert into sluice.job (id, kind, door, name, state, wish, file_id, request, plan, max_rejected,
        max_rejected_percent, pause_after, idempotency_key, created_by, parent_id)
      values (${job.id}, 'process', ${job.door}, ${job.name}, ${job.state}, ${wish}, ${plan.source.file},
        ${toJson(request)}, ${toJson(plan)}, ${limit.max_rejected}, ${limit.max_rejected_percent},
        ${request.pauseAfter ?? null}, ${job.idempotencyKey}, ${job.createdBy}, ${job.parent})`,
  );
  await client.query(
    sql`insert into sluice.job_signal (job_id, wish, by_actor, max_records_per_second)
      values (${job.id}, ${wish}, ${job.createdBy}, ${request.maxRecordsPerSecond ?? null})`,
  );
  const details = {
    startPaused: job.state === "paused",
    ...(job.parent === null ? {} : { parent: job.parent }),
  };
  await client.query(
    sql`insert into sluice.event (job_id, type, by_actor, details)
      values (${job.id}, 'job.created', ${job.createdBy}, ${toJson(details)})`,
  );
  const { byte, line } = plan.start;
  await client.query(
    sql`insert into sluice.part (job_id, part_no, first_byte, next_byte, end_byte, first_record, next_record, next_line)
      values (${job.id}, 1, ${byte}, ${byte}, ${plan.source.bytes}, 1, 1, ${line})`,
  );
}
