/**
 * Dropping a table that a job has made, when nothing is in it but what the job wrote and nobody depends on it.
 *
 * It is looked at twice: without a lock, which costs nobody anything, and then under one that lets others read and nobody
 * write, so that no row of anybody else can come in before it is dropped. Both looks and the waits for locks have their
 * limits: a table that is not dropped so is emptied row by row.
 */
import type pg from "pg";
import type { TableName } from "../../core/job.ts";
import { sqlStateOf } from "../connect.ts";
import { quoteTable, sql } from "../sql.ts";

/** How long a look may take: some ten million rows. */
const LOOK_MS = 5_000;
/** How long is waited for somebody who reads the table; others wait behind that. */
const LOCK_MS = 500;

/** What became of the attempt. `kept`: somebody has rows in it, or depends on it; `busy`: it can be tried again. */
export type DropOutcome =
  { readonly kind: "dropped"; readonly rows: number } | { readonly kind: "kept" | "busy" };

/** The table of a job, and what its rows are known by. */
export interface MadeTable {
  readonly jobId: string;
  readonly target: TableName;
  readonly relation: string;
  readonly writers: readonly string[];
}

/** The server's reasons: not free, a deadlock; it took too long; somebody depends on it, or it is not ours to drop. */
const OUTCOMES: Readonly<Record<string, "kept" | "busy">> = {
  "55P03": "busy",
  "40P01": "busy",
  "57014": "kept",
  "2BP01": "kept",
  "42501": "kept",
  "42P01": "kept",
};

/** Drops the table, and says how many rows it had. In a transaction, which goes on whatever the outcome. */
export async function dropMade(client: pg.ClientBase, made: MadeTable): Promise<DropOutcome> {
  if (await isWanted(client, made)) return { kind: "kept" };
  const table = quoteTable(made.target);
  await client.query("savepoint dropping");
  try {
    await client.query(
      `set local statement_timeout = ${LOOK_MS}; set local lock_timeout = ${LOCK_MS}`,
    );
    let rows = await countOwn(client, table, made.writers);
    if (rows !== null) {
      await client.query(`lock table ${table} in exclusive mode`);
      rows = await countOwn(client, table, made.writers);
    }
    if (rows === null) return await leave(client, "kept");
    await client.query(`drop table ${table}`);
    await client.query("set local statement_timeout = 0; release savepoint dropping");
    return { kind: "dropped", rows };
  } catch (error) {
    const outcome = OUTCOMES[sqlStateOf(error) ?? ""];
    if (outcome === undefined) throw error;
    return leave(client, outcome);
  }
}

async function leave(client: pg.ClientBase, kind: "kept" | "busy"): Promise<DropOutcome> {
  // The settings of above go with it.
  await client.query("rollback to savepoint dropping");
  return { kind };
}

/** How many rows there are; null when one of them is not the job's. */
async function countOwn(
  client: pg.ClientBase,
  table: string,
  writers: readonly string[],
): Promise<number | null> {
  const { rows } = await client.query<{ own: number; others: number }>(
    `select count(*) filter (where xmin = any ($1::xid[])) as own,
        count(*) filter (where not xmin = any ($1::xid[])) as others from ${table}`,
    [writers],
  );
  const [row] = rows;
  return row === undefined || row.others > 0 ? null : row.own;
}

/**
 * Whether the table is not what the job has made any more (it has another name or place), or something needs it: a view, a
 * foreign key, a table that inherits from it, or another job that is to write into it.
 */
export async function isWanted(
  client: pg.ClientBase,
  { jobId, target, relation }: Omit<MadeTable, "writers">,
): Promise<boolean> {
  const { rows } = await client.query<{ is_wanted: boolean }>(
    sql`select to_regclass(${quoteTable(target)})::oid is distinct from ${relation}::oid
        or exists (select from pg_depend d where d.refclassid = 'pg_class'::regclass and d.refobjid = ${relation}::oid
          and d.deptype = 'n')
        or exists (select from sluice.job o where o.id <> ${jobId} and o.target_schema = ${target.schema}
          and o.target_table = ${target.table} and o.state not in ('succeeded', 'stopped', 'undone', 'undoing'))
        as is_wanted`,
  );
  return rows[0]?.is_wanted !== false;
}
