/** Creating an export: job, signal, parts and messages in one transaction. After the commit the job starts by itself. */
import type pg from "pg";
import { OPEN_END } from "../core/job.ts";
import type { Dispatcher } from "../core/ports.ts";
import type { NewExport } from "../core/store-ports.ts";
import { createInTransaction, firstWish, insertSignal } from "./creation-rows.ts";
import { sql, toJson } from "./sql.ts";

const REFUSALS = { job_idempotency_key_key: "key_used" } as const;

/** See `JobStore.insertExport`. */
export async function insertExport(
  pool: pg.Pool,
  dispatcher: Dispatcher,
  job: NewExport,
): Promise<"created" | "key_used"> {
  return createInTransaction(pool, REFUSALS, async (client) => {
    await insertRow(client, job);
    await insertSignal(client, job);
    const parts = await insertParts(client, job);
    if (job.state === "queued")
      await dispatcher.dispatch(
        parts.map((partNo) => ({ jobId: job.id, partNo, epoch: 1 })),
        client,
      );
  });
}

async function insertRow(client: pg.PoolClient, job: NewExport): Promise<void> {
  const { plan, request } = job;
  await client.query(
    sql`insert into sluice.job (id, kind, door, name, state, wish, staging, request, plan, idempotency_key, created_by)
      values (${job.id}, 'export', 'api', ${job.name}, ${job.state}, ${firstWish(job)}, ${plan.staging}, ${toJson(request)},
        ${toJson(plan)}, ${job.idempotencyKey}, ${job.createdBy})`,
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
