/**
 * Rows of files that arrive while they are imported. The row is there before the first byte, so whatever is left of an
 * upload that nobody ended is found by it.
 */
import type pg from "pg";
import type { ArrivalStore } from "../core/upload-ports.ts";
import { inTransaction, withStoreErrors } from "./connect.ts";
import { sql } from "./sql.ts";

/** Arrivals at this worker, over a pool. */
export function createArrivalStore(pool: pg.Pool, worker: string): ArrivalStore {
  return {
    begin: async ({ id, name, bytesAnnounced }) =>
      withStoreErrors(async () => {
        await pool.query(
          sql`insert into sluice.file (id, name, bytes, receiver, receiver_seen_at, bytes_announced)
            values (${id}, ${name}, 0, ${worker}, clock_timestamp(), ${bytesAnnounced})`,
        );
      }),
    note: async (fileId, bytes, jobId) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ is_over: boolean }>(
          sql`update sluice.file f set bytes = ${bytes}, receiver_seen_at = clock_timestamp()
            where id = ${fileId} and receiver = ${worker} and removed_at is null
            returning ${jobId !== null} and not exists (
              select from sluice.job j join sluice.job_signal s on s.job_id = j.id
              where j.id = ${jobId} and s.wish <> 'stop' and j.state not in ('stopped', 'undone')) as is_over`,
        );
        const row = rows[0];
        return row === undefined ? "lost" : row.is_over ? "stopped" : "expected";
      }),
    finish: (fileId, { bytes, sha256, version }) =>
      inTransaction(pool, async (client) => {
        const { rowCount } = await client.query(
          sql`update sluice.file set bytes = ${bytes}, sha256 = ${sha256}, version = ${version}, receiver = null
            where id = ${fileId} and receiver = ${worker} and removed_at is null`,
        );
        if (rowCount !== 1) return isFixed(client, fileId, sha256);
        // The search for parts ends here now, and waits for nothing more.
        await client.query(
          sql`update sluice.part p set end_byte = ${bytes}, waits_for_byte = null
            from sluice.job j where j.id = p.job_id and j.file_id = ${fileId} and p.part_no = 0`,
        );
        return true;
      }),
    end: async (fileId) =>
      inTransaction(pool, async (client) => {
        await client.query(
          sql`update sluice.file set receiver = null, removed_at = coalesce(removed_at, clock_timestamp())
            where id = ${fileId} and sha256 is null`,
        );
        // Whoever resumes the job is told at once, and not when bytes come that never will.
        await client.query(
          sql`update sluice.part p set waits_for_byte = null
            from sluice.job j join sluice.file f on f.id = j.file_id
            where j.id = p.job_id and f.id = ${fileId} and f.sha256 is null and p.part_no = 0`,
        );
      }),
    findLost: async (which) =>
      withStoreErrors(async () => {
        const unseenMs = "unseenMs" in which ? which.unseenMs : null;
        const { rows } = await pool.query<{ id: string; bytes: number; job_ids: string[] }>(
          sql`select f.id, f.bytes,
              (select coalesce(array_agg(j.id), '{}') from sluice.job j where j.file_id = f.id) as job_ids
            from sluice.file f
            where f.receiver is not null and case when ${unseenMs === null} then f.receiver = ${worker}
              else f.receiver_seen_at < clock_timestamp() - make_interval(secs => ${(unseenMs ?? 0) / 1000}) end`,
        );
        return rows.map((row) => ({ fileId: row.id, bytes: row.bytes, jobIds: row.job_ids }));
      }),
  };
}

/** Whether the end was fixed already, by a call whose answer was lost. */
async function isFixed(client: pg.PoolClient, fileId: string, sha256: string): Promise<boolean> {
  const { rowCount } = await client.query(
    sql`select from sluice.file where id = ${fileId} and sha256 = ${sha256} and removed_at is null`,
  );
  return rowCount === 1;
}
