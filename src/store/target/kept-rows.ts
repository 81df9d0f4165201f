/**
 * The rows that an import has left in its target, and how they are known afterwards: the table by its oid, the rows by
 * the transactions that wrote them. What is noted commits with the rows.
 *
 * A row says by its xmin who wrote it, and whoever changes it makes a version with another. `vacuum` and `vacuum full`
 * keep xmin; a table that is written anew by `alter table`, or emptied, is another file and has no row of the job.
 */
import type pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import { quoteTable, sql } from "../sql.ts";

/** Numbers of transactions come round after 2^32; from half of that on one is not told from later ones. */
const TELLABLE = 2 ** 31;

/** Notes where the rows of a job are that ends now. Called when the table has its final name. */
export async function noteKeptRows(
  client: pg.ClientBase,
  jobId: string,
  plan: Pick<ImportPlan, "target" | "mode" | "delivery"> & Partial<Pick<ImportPlan, "staging">>,
): Promise<void> {
  const { target, mode, delivery, staging } = plan;
  const isMade = mode === "create";
  const isOver = mode === "upsert" || mode === "replace";
  const former = isOver && staging !== undefined ? formerName({ staging }) : null;
  await client.query(
    sql`insert into sluice.kept_rows (job_id, relation, file_node, is_made, has_writers, former)
      select ${jobId}, c.oid, nullif(c.relfilenode, 0), ${isMade}, ${!isMade && delivery !== "direct"}, ${former}
      from pg_class c where c.oid = to_regclass(${quoteTable(target)})
      on conflict (job_id) do nothing`,
  );
}

/** The private table in which a job keeps rows of its target as they were before it wrote over them. */
export function formerName({ staging }: Pick<ImportPlan, "staging">): string {
  return `former_${staging.replace(/^stage_/, "")}`;
}

/**
 * Notes under which number the rows were written that the statement before has put into the target: within a savepoint
 * it is another than that of the transaction. Undone with the savepoint.
 */
export async function noteWriter(client: pg.ClientBase, jobId: string): Promise<void> {
  await client.query(sql`select sluice.note_writer(${jobId})`);
}

/** The numbers that the rows of a job carry as their xmin, as far as they are told from later ones. */
export async function listWriters(
  client: pg.ClientBase,
  jobId: string,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ xid: string }>(
    sql`select (w.xid::text::numeric % 4294967296)::text as xid from (
        select xid from sluice.row_writer where job_id = ${jobId}
        union all
        select xid from sluice.chunk where job_id = ${jobId} and records_written > 0 and xid is not null
          and not exists (select from sluice.kept_rows k where k.job_id = ${jobId} and k.has_writers)
      ) w where pg_snapshot_xmax(pg_current_snapshot())::text::numeric - w.xid::text::numeric < ${TELLABLE}`,
  );
  return rows.map(({ xid }) => xid);
}

/** A table in which rows of a job are. */
export interface Leaf {
  readonly oid: string;
  /** Its present name, quoted. */
  readonly name: string;
  readonly fileNode: string;
  readonly blocks: number;
}

/** The tables that hold the rows of `relation`: itself, or its partitions. The order is that of an undo. */
export async function listLeaves(
  client: pg.ClientBase,
  relation: string,
  before: string | null = null,
): Promise<readonly Leaf[]> {
  const { rows } = await client.query<{
    oid: string;
    schema: string;
    name: string;
    node: string;
    blocks: number;
  }>(
    sql`select c.oid::text, n.nspname as schema, c.relname as name, c.relfilenode::text as node,
        coalesce(pg_relation_size(c.oid) / current_setting('block_size')::bigint, 0)::bigint as blocks
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and (${before}::oid is null or c.oid < ${before}::oid) and (c.oid = ${relation}::oid
        or c.oid in (select t.relid from pg_partition_tree(${relation}::oid) t where t.isleaf))
      order by c.oid desc`,
  );
  return rows.map(({ oid, schema, name, node, blocks }) => ({
    oid,
    name: quoteTable({ schema, table: name }),
    fileNode: node,
    blocks,
  }));
}
