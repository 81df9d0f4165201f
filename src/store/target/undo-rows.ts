/**
 * Takes the rows of a direct job out of its target again.
 *
 * A row of the job carries, as its xmin, the transaction of the chunk that wrote it; the ledger holds those. A row that
 * somebody changed since has another xmin and stays, and so does one that something refers to. The target is gone
 * through from its end, where the newest rows mostly are, a stretch of blocks in each transaction, with the place kept in
 * `sluice.undo`: whoever goes on, goes on there.
 */
import type pg from "pg";
import type { TableName } from "../../core/job.ts";
import type { UndoProgress } from "../../core/control-ports.ts";
import { isRowError } from "../row-error.ts";
import { quoteTable, sql } from "../sql.ts";

/** Blocks of 8 KiB that one transaction goes through: some 100 ms for rows of usual width. */
const BLOCKS = 1024;
/** Numbers of transactions come round after 2^32; from half of that on a chunk's is not told from later ones. */
const TELLABLE = 2 ** 31;

/** Begins the undo of a job at the end of its target, unless it has begun. Under the barrier. */
export async function beginUndo(
  client: pg.ClientBase,
  jobId: string,
  target: TableName,
): Promise<void> {
  await client.query(
    sql`insert into sluice.undo (job_id, next_block)
      values (${jobId}, coalesce(pg_relation_size(to_regclass(${quoteTable(target)})) / current_setting('block_size')::bigint, 0))
      on conflict (job_id) do nothing`,
  );
  // The end of the undo is told of whoever began it, in whatever process it comes.
  await client.query(
    sql`update sluice.job_signal set by_actor = nullif(current_setting('sluice.actor', true), ''),
        reason = nullif(current_setting('sluice.reason', true), '') where job_id = ${jobId}`,
  );
}

/** Undoes the next stretch, under the barrier. `written` is how many rows the job wrote: with all of them found it ends. */
export async function undoStretch(
  client: pg.ClientBase,
  job: { readonly id: string; readonly target: TableName; readonly written: number },
): Promise<UndoProgress> {
  const { rows } = await client.query<{ next_block: number; removed: number; is_there: boolean }>(
    sql`select next_block, removed, to_regclass(${quoteTable(job.target)}) is not null as is_there
      from sluice.undo where job_id = ${job.id}`,
  );
  const at = rows[0];
  if (at === undefined) throw new RangeError(`Expected the undo of ${job.id} to have begun.`);
  if (!at.is_there) return { removed: at.removed, isDone: true };
  const first = Math.max(at.next_block - BLOCKS, 0);
  const xids = await listTransactions(client, job.id);
  const removed =
    at.removed +
    (await removeRows(client, quoteTable(job.target), xids, { first, end: at.next_block }));
  await client.query(
    sql`update sluice.undo set next_block = ${first}, removed = ${removed}, moved_at = clock_timestamp()
      where job_id = ${job.id}`,
  );
  return { removed, isDone: first === 0 || removed >= job.written };
}

async function listTransactions(client: pg.ClientBase, jobId: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ xid: string }>(
    sql`select (xid::text::numeric % 4294967296)::text as xid from sluice.chunk
      where job_id = ${jobId} and records_written > 0
        and pg_current_xact_id()::text::numeric - xid::text::numeric < ${TELLABLE}`,
  );
  return rows.map(({ xid }) => xid);
}

interface BlockRange {
  readonly first: number;
  readonly end: number;
}

/** Deletes what can be deleted; a row that something refers to stays, and only it. */
async function removeRows(
  client: pg.ClientBase,
  table: string,
  xids: readonly string[],
  { first, end }: BlockRange,
): Promise<number> {
  if (first >= end) return 0;
  const removed = await tryDelete(client, {
    text: `delete from ${table} where ctid >= $1::tid and ctid < $2::tid and xmin = any ($3::xid[])`,
    values: [`(${first},0)`, `(${end},0)`, xids],
  });
  if (removed !== null) return removed;
  if (end - first === 1) return removeOneByOne(client, table, xids, first);
  const middle = first + Math.floor((end - first) / 2);
  const later = await removeRows(client, table, xids, { first: middle, end });
  return later + (await removeRows(client, table, xids, { first, end: middle }));
}

async function removeOneByOne(
  client: pg.ClientBase,
  table: string,
  xids: readonly string[],
  block: number,
): Promise<number> {
  const { rows } = await client.query<{ place: string }>(
    `select ctid::text as place from ${table}
     where ctid >= $1::tid and ctid < $2::tid and xmin = any ($3::xid[]) order by ctid desc`,
    [`(${block},0)`, `(${block + 1},0)`, xids],
  );
  let removed = 0;
  for (const { place } of rows)
    removed +=
      (await tryDelete(client, {
        text: `delete from ${table} where ctid = $1::tid and xmin = any ($2::xid[])`,
        values: [place, xids],
      })) ?? 0;
  return removed;
}

/** How many rows were deleted; null when one cannot be, then none was. */
async function tryDelete(client: pg.ClientBase, query: pg.QueryConfig): Promise<number | null> {
  await client.query("savepoint rows");
  try {
    const { rowCount } = await client.query(query);
    await client.query("release savepoint rows");
    return rowCount ?? 0;
  } catch (error) {
    if (!isRowError(error)) throw error;
    await client.query("rollback to savepoint rows");
    return null;
  }
}
