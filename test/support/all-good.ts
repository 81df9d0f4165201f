/** The oracle of every fault test: what must hold in the database after anything at all. */
import { expect } from "vitest";
import type pg from "pg";

/** Queries that must give no row. */
const MUST_BE_EMPTY = {
  "chunks without gap or overlap": `
    select * from (
      select c.job_id, c.part_no, c.from_byte, coalesce(lag(c.to_byte) over w, p.first_byte) as due
      from sluice.chunk c join sluice.part p using (job_id, part_no)
      window w as (partition by c.job_id, c.part_no order by c.from_byte)) x
    where from_byte <> due`,
  "parts of succeeded jobs are done and balanced": `
    select p.* from sluice.part p join sluice.job j on j.id = p.job_id
    where j.state = 'succeeded' and (p.next_byte <> p.end_byte
      or p.records_read <> p.records_written + p.records_rejected + p.records_filtered)`,
  "parts of succeeded imports follow each other": `
    select * from (
      select p.job_id, p.first_byte, lag(p.end_byte) over (partition by p.job_id order by p.part_no) as due
      from sluice.part p join sluice.job j on j.id = p.job_id where p.part_no > 0 and j.state = 'succeeded'
        and j.kind = 'import') x
    where due is not null and first_byte <> due`,
  "results of exports are what their parts counted": `
    select j.id from sluice.job j cross join lateral (
      select sum(p.next_byte) as bytes, sum(p.records_written) as rows from sluice.part p where p.job_id = j.id) p
    where j.kind = 'export' and j.state = 'succeeded'
      and ((j.result ->> 'bytes')::numeric, (j.result ->> 'rows')::numeric) is distinct from (p.bytes, p.rows)`,
  "rows of imports are what their parts counted as written": `
    select j.id from sluice.job j cross join lateral (
      select sum(p.records_written) as written from sluice.part p where p.job_id = j.id) p
    where j.kind = 'import' and j.state in ('succeeded', 'stopped') and j.result ->> 'rows' = 'kept'
      and (j.result ->> 'rowsInserted')::bigint + coalesce((j.result ->> 'rowsUpdated')::bigint, 0)
        + coalesce((j.result ->> 'rowsUnchanged')::bigint, 0) <> p.written`,
  "dry runs count what their parts counted as written": `
    select j.id from sluice.job j cross join lateral (
      select sum(p.records_written) as written from sluice.part p where p.job_id = j.id) p
    where j.kind = 'import' and j.state = 'succeeded' and j.request ->> 'dryRun' = 'true'
      and (j.result ->> 'rows' <> 'none' or (j.result #>> '{dryRun,rowsInserted}')::bigint
        + (j.result #>> '{dryRun,rowsUpdated}')::bigint + (j.result #>> '{dryRun,rowsUnchanged}')::bigint
        is distinct from p.written)`,
  "no staging table without its job": `
    select c.relname from pg_class c where c.relname like 'stage\\_%' and c.relkind = 'r' and not exists (
      select from sluice.job j where j.staging = c.relname and j.state not in ('succeeded', 'stopped', 'undone'))`,
  "no table of former rows without its job": `
    select c.relname from pg_class c where c.relname like 'former\\_%' and c.relkind = 'r' and not exists (
      select from sluice.kept_rows k join sluice.job j on j.id = k.job_id
      where k.former = c.relname and j.state <> 'undone')`,
  "no idle transaction": `
    select pid, query from pg_stat_activity where application_name like 'sluice%' and datname = current_database()
      and state = 'idle in transaction' and xact_start < now() - interval '5 s'`,
  "only legal changes of state": `
    select * from (
      select e.job_id, e.id, substr(e.type, 5) as to_state,
        lag(substr(e.type, 5)) over (partition by e.job_id order by e.id) as from_state
      from sluice.event e
      where e.type in ('job.queued', 'job.running', 'job.paused', 'job.stopped', 'job.succeeded', 'job.failed', 'job.undone')) x
    where from_state in ('stopped', 'succeeded', 'undone') and to_state not in ('undone', 'failed')
      and not exists (select from sluice.job j where j.id = x.job_id and j.kind = 'process')`,
  "batches of processes are the records that were read": `
    select j.id from sluice.job j join sluice.part p on p.job_id = j.id cross join lateral (
      select coalesce(sum(last_record - first_record + 1), 0) as records from sluice.batch b
      where b.job_id = j.id and b.committed_at is not null) b
    where j.kind = 'process' and b.records <> p.records_read`,
  "results of processes are what their batches emitted": `
    select j.id from sluice.job j cross join lateral (
      select coalesce(sum(output_rows), 0) as rows, coalesce(sum(segment_to - segment_from), 0) as bytes
      from sluice.chunk c where c.job_id = j.id) c
    where j.kind = 'process' and j.result ->> 'output' is not null
      and ((j.result #>> '{output,rows}')::numeric <> c.rows or (j.result #>> '{output,bytes}')::numeric <= c.bytes)`,
} as const;

/** Fails with the name of what does not hold. */
export async function expectAllGood(pool: pg.Pool): Promise<void> {
  for (const [name, query] of Object.entries(MUST_BE_EMPTY)) {
    const { rows } = await pool.query(query);
    expect(rows, name).toEqual([]);
  }
}
