/** Sample jobs: which there are, what happened to their workers, and their rows against the ledger. */
import pg from "pg";
import type { RowCount, SampleStore, WorkerLoss } from "../core/sample-ports.ts";
import { inTransaction, withStoreErrors } from "./connect.ts";
import { sql } from "./sql.ts";

/** Sample jobs over a pool. */
export function createSampleStore(pool: pg.Pool): SampleStore {
  return {
    listKept: (keeper) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ id: string }>(
          sql`select id from sluice.job where sample_keeper = ${keeper}
            and state in ('queued', 'running', 'pausing', 'paused', 'stopping') order by id`,
        );
        return rows.map(({ id }) => id);
      }),
    isInHand: (jobId) =>
      withStoreErrors(async () => {
        const { rowCount } = await pool.query(
          sql`select from sluice.part where job_id = ${jobId} and runner_id is not null limit 1`,
        );
        return rowCount === 1;
      }),
    noteLoss: (jobId, pid) =>
      withStoreErrors(async () => {
        await pool.query(
          sql`insert into sluice.event (job_id, type, details)
            select id, 'job.worker_lost', jsonb_build_object('pid', ${pid}::integer) from sluice.job
            where id = ${jobId} and state in ('queued', 'running', 'pausing', 'paused', 'stopping')`,
        );
      }),
    giveUp: (jobId) =>
      withStoreErrors(async () => {
        await pool.query(sql`update sluice.job set sample_keeper = null where id = ${jobId}`);
      }),
    listLosses: (jobId) => withStoreErrors(() => listLosses(pool, jobId)),
    countRows: (jobId) => countRows(pool, jobId),
  };
}

/** Taken over: a runner has claimed a part, which the trigger of the job's state notes, since rescue has queued the job. */
async function listLosses(pool: pg.Pool, jobId: string): Promise<readonly WorkerLoss[]> {
  const { rows } = await pool.query<{ pid: number; lost_at: Date; taken_over_at: Date | null }>(
    sql`select (l.details ->> 'pid')::integer as pid, l.at as lost_at,
        (select min(r.at) from sluice.event r
          where r.job_id = l.job_id and r.type = 'job.running' and r.id > l.id) as taken_over_at
      from sluice.event l where l.job_id = ${jobId} and l.type = 'job.worker_lost' order by l.id`,
  );
  return rows.map((row) => ({
    pid: row.pid,
    lostAt: row.lost_at,
    takenOverAt: row.taken_over_at,
  }));
}

interface CountRow {
  readonly records_written: number;
  readonly rows_stored: number;
  readonly rows_lost: number;
  readonly rows_twice: number;
  readonly is_whole: boolean;
}

async function countRows(pool: pg.Pool, jobId: string): Promise<RowCount | null> {
  return inTransaction(pool, async (client) => {
    await client.query("set transaction isolation level repeatable read, read only");
    const place = await findRows(client, jobId);
    if (place === null) return null;
    const { rows } = await client.query<CountRow>(countQuery(place.table), [jobId]);
    const row = rows[0];
    if (row === undefined) return null;
    return {
      where: place.where,
      recordsWritten: row.records_written,
      rowsStored: row.rows_stored,
      rowsLost: row.rows_lost,
      rowsWrittenTwice: row.rows_twice,
      isLedgerWhole: row.is_whole,
    };
  });
}

/** The table with the rows of a job: its staging table, or the one that it has made. */
async function findRows(
  client: pg.PoolClient,
  jobId: string,
): Promise<{ readonly where: RowCount["where"]; readonly table: string } | null> {
  const { rows } = await client.query<{ schema: string; name: string; is_staging: boolean }>(
    sql`select n.nspname as schema, c.relname as name, n.nspname = 'sluice' as is_staging
      from sluice.job j join pg_class c on c.relkind = 'r' join pg_namespace n on n.oid = c.relnamespace
      where j.id = ${jobId} and j.mode = 'create' and (
        (j.state <> 'succeeded' and n.nspname = 'sluice' and c.relname = j.staging)
        or (j.state = 'succeeded' and n.nspname = j.target_schema and c.relname = j.target_table))`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  const table = `${pg.escapeIdentifier(row.schema)}.${pg.escapeIdentifier(row.name)}`;
  return { where: row.is_staging ? "staging" : "target", table };
}

/** `xmin` has 32 bits of the transaction; two chunks of one job are never 4 billion transactions apart. */
function countQuery(table: string): string {
  return `with stored as (
      select xmin::text::bigint as xid, count(*) as rows from ${table} group by 1),
    ledger as (
      select (xid::text::numeric % 4294967296)::bigint as xid, sum(records_written) as records
      from sluice.chunk where job_id = $1 group by 1),
    differences as (
      select coalesce(l.records, 0) - coalesce(s.rows, 0) as missing from ledger l full join stored s using (xid)),
    counted as (
      select coalesce(sum(records_written), 0) as records from sluice.part where job_id = $1),
    totals as (
      select c.records, c.records - coalesce((select sum(records) from ledger), 0) as unledgered from counted c),
    ranges as (
      select c.from_byte, coalesce(lag(c.to_byte) over w, p.first_byte) as due
      from sluice.chunk c join sluice.part p using (job_id, part_no) where c.job_id = $1
      window w as (partition by c.part_no order by c.from_byte)),
    ends as (
      select p.next_byte, coalesce(max(c.to_byte), p.first_byte) as end_byte
      from sluice.part p left join sluice.chunk c using (job_id, part_no)
      where p.job_id = $1 and p.part_no > 0 group by p.part_no, p.first_byte, p.next_byte)
  select t.records::bigint as records_written,
    (select coalesce(sum(rows), 0) from stored)::bigint as rows_stored,
    ((select coalesce(sum(greatest(missing, 0)), 0) from differences) + greatest(t.unledgered, 0))::bigint as rows_lost,
    ((select coalesce(sum(greatest(-missing, 0)), 0) from differences) + greatest(-t.unledgered, 0))::bigint as rows_twice,
    not exists (select from ranges where from_byte <> due)
      and not exists (select from ends where next_byte <> end_byte) as is_whole
  from totals t`;
}
