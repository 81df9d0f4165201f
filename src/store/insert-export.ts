/** Creating an export: job, signal, parts and messages in one transaction. After the commit the job starts by itself. */
import pg from "pg";
import { OPEN_END } from "../core/job.ts";
import type { Dispatcher } from "../core/ports.ts";
import type { NewExport } from "../core/store-ports.ts";
import { inTransaction } from "./connect.ts";
import { sql, toJson } from "./sql.ts";

/** See `JobStore.insertExport`. */
export async function insertExport(
  pool: pg.Pool,
  dispatcher: Dispatcher,
  job: NewExport,
): Promise<"created" | "key_used"> {
  try {
    await inTransaction(pool, async (client) => {
      await insertRows(client, job);
      const parts = await insertParts(client, job);
      if (job.state === "queued")
        await dispatcher.dispatch(
          parts.map((partNo) => ({ jobId: job.id, partNo, epoch: 1 })),
          client,
        );
    });
    return "created";
  } catch (error) {
    const isKey =
      error instanceof pg.DatabaseError && error.constraint === "job_idempotency_key_key";
    if (isKey) return "key_used";
    throw error;
  }
}

async function insertRows(client: pg.PoolClient, job: NewExport): Promise<void> {
  const { plan, request } = job;
  const wish = job.state === "paused" ? "pause" : "run";
  await client.query(
    sql`insert into sluice.job (id, kind, door, name, state, wish, staging, request, plan, idempotency_key, created_by)
      values (${job.id}, 'export', 'api', ${job.name}, ${job.state}, ${wish}, ${plan.staging}, ${toJson(request)},
        ${toJson(plan)}, ${job.idempotencyKey}, ${job.createdBy})`,
  );
  await client.query(
    sql`insert into sluice.job_signal (job_id, wish, by_actor, max_records_per_second)
      values (${job.id}, ${wish}, ${job.createdBy}, ${request.maxRecordsPerSecond ?? null})`,
  );
  await client.query(
    sql`insert into sluice.event (job_id, type, by_actor, details)
      values (${job.id}, 'job.created', ${job.createdBy}, ${toJson({ startPaused: job.state === "paused" })})`,
  );
}

/** A snapshot begins with part 0, which copies the rows; a keyed export of no rows has one part, for the header. */
async function insertParts(client: pg.PoolClient, { id, plan }: NewExport): Promise<number[]> {
  const isSnapshot = plan.method === "snapshot";
  const ranges =
    isSnapshot || plan.ranges.length === 0 ? [{ after: null, upTo: null }] : plan.ranges;
  const numbers = ranges.map((_, index) => (isSnapshot ? index : index + 1));
  for (const [index, { after, upTo }] of ranges.entries())
    await client.query(
      sql`insert into sluice.part (job_id, part_no, first_byte, next_byte, end_byte, first_record, next_record, next_line,
          after_key, up_to_key)
        values (${id}, ${numbers[index]}, 0, 0, ${OPEN_END}, 1, 1, 1, ${after}, ${upTo})`,
    );
  return numbers;
}
