/**
 * Gives a target back what an import has written over: the rows that an upsert has changed, and those that a replace has
 * taken away. They were kept as they were, in a private table, by the transaction that wrote over them.
 *
 * Rows of an upsert are restored before its new rows are taken out, since they may refer to them; those that cannot be, a
 * value of theirs being in a new row, once more afterwards. Each that is dealt with leaves the private table, so whoever
 * goes on goes on with the rest. A row that somebody has changed since has another xmin and stays.
 *
 * The rows of a replace come back in one transaction, as they went: nobody sees a table that is half of each.
 */
import type pg from "pg";
import type { TableName } from "../../core/job.ts";
import { isRowError } from "../row-error.ts";
import { quoteName, quoteStaging, quoteTable, sql } from "../sql.ts";
import { reasonOf } from "./delete-stretch.ts";
import { listReferences } from "./table-references.ts";
import { hasDeferrableKey } from "./unique-keys.ts";

/** How long one transaction restores, about. */
const STRETCH_MS = 200;
const MOST_ROWS = 2000;

/** Where the restoring of an upsert is. */
export type RestoreStep = "before" | "deleting" | "after";

/** The rows as they were, and where they belong. */
export interface FormerRows {
  readonly mode: "upsert" | "replace";
  /** The private table, quoted. */
  readonly table: string;
  readonly target: TableName;
  /** Quoted: the number that the rows have in the private table. */
  readonly record: string;
  readonly key: readonly string[];
  readonly step: RestoreStep;
}

interface FormerRow {
  readonly former: string;
  readonly mode: FormerRows["mode"];
  readonly schema: string;
  readonly name: string;
  readonly record_column: string;
  readonly matched_by: readonly string[] | null;
  readonly step: RestoreStep;
}

/** What an undo has to give back; null when the job has written over nothing, or the table is gone. */
export async function findFormer(client: pg.ClientBase, jobId: string): Promise<FormerRows | null> {
  const { rows } = await client.query<FormerRow>(
    sql`select k.former, j.mode, n.nspname as schema, c.relname as name, j.plan ->> 'recordColumn' as record_column,
        j.plan -> 'matchedBy' as matched_by, coalesce(u.restore_step, 'before') as step
      from sluice.kept_rows k join sluice.job j on j.id = k.job_id
      join pg_class c on c.oid = k.relation join pg_namespace n on n.oid = c.relnamespace
      left join sluice.undo u on u.job_id = k.job_id
      where k.job_id = ${jobId} and k.former is not null`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  return {
    mode: row.mode,
    table: quoteStaging(row.former),
    target: { schema: row.schema, table: row.name },
    record: quoteName(row.record_column),
    key: row.matched_by ?? [],
    step: row.step,
  };
}

/** The condition that the row `t` of the target is not one that an upsert has changed and is still to be restored. */
export function isNotFormer({ table, key }: FormerRows): string {
  const same = key.map((column) => `f.${quoteName(column)} = t.${quoteName(column)}`);
  return `not exists (select from ${table} f where ${same.join(" and ")})`;
}

/** How many rows would be restored, and how many of those are rows of the job that stay. */
export async function countFormer(
  client: pg.ClientBase,
  { mode, table, target, key }: FormerRows,
  writers: readonly string[],
): Promise<{ readonly restorable: number; readonly changed: number }> {
  const same = key.map((column) => `f.${quoteName(column)} = t.${quoteName(column)}`).join(" and ");
  const { rows } =
    mode === "replace"
      ? await client.query<{ count: number }>(`select count(*) from ${table}`)
      : await client.query<{ count: number }>(
          `select count(*) from ${table} f join ${quoteTable(target)} t on ${same} where t.xmin = any ($1::xid[])`,
          [writers],
        );
  const restorable = rows[0]?.count ?? 0;
  return { restorable, changed: mode === "replace" ? 0 : restorable };
}

/** What was restored, and what cannot be, by its reason. */
export interface RestoredRows {
  readonly restored: number;
  readonly failed: number;
  readonly reasons: Readonly<Record<string, number>>;
  /** Whether there is nothing more to try in this step. */
  readonly isDone: boolean;
}

/** Restores rows of an upsert for a fraction of a second. Those that the target refuses are failed in the last step. */
export async function restoreStretch(
  client: pg.ClientBase,
  jobId: string,
  former: FormerRows,
  writers: readonly string[],
): Promise<RestoredRows> {
  await client.query("set constraints all immediate");
  await indexFormer(client, jobId, former);
  const columns = await restorableColumns(client, former);
  const reasons = new Map<string, number>();
  const total = { restored: 0, failed: 0 };
  let after = await findPlace(client, jobId);
  let size = MOST_ROWS;
  const until = performance.now() + STRETCH_MS;
  while (performance.now() < until) {
    const last = await lastOfBatch(client, former, after, size);
    if (last === null) return { ...total, reasons: Object.fromEntries(reasons), isDone: true };
    const outcome = await tryRestore(client, former, { columns, writers, after, last });
    if (typeof outcome === "string" && size > 1) {
      size = Math.ceil(size / 8);
      continue;
    }
    if (typeof outcome === "number") {
      total.restored += outcome;
      size = Math.min(size * 2, MOST_ROWS);
    } else if (former.step === "after") {
      total.failed += 1;
      reasons.set(outcome, (reasons.get(outcome) ?? 0) + 1);
      await client.query(`delete from ${former.table} where ${former.record} = $1`, [last]);
    }
    after = last;
    await client.query(
      sql`update sluice.undo set restore_after = ${after}, moved_at = clock_timestamp() where job_id = ${jobId}`,
    );
  }
  return { ...total, reasons: Object.fromEntries(reasons), isDone: false };
}

/** The copies are looked up by number and by key from now on. */
async function indexFormer(
  client: pg.ClientBase,
  jobId: string,
  { table, record, key }: FormerRows,
): Promise<void> {
  const byKey = key.map(quoteName).join(", ");
  await client.query(
    `create index if not exists ${quoteName(`${jobId}_former_key`)} on ${table} (${byKey});
     create index if not exists ${quoteName(`${jobId}_former_record`)} on ${table} (${record})`,
  );
}

async function findPlace(client: pg.ClientBase, jobId: string): Promise<number> {
  const { rows } = await client.query<{ restore_after: number }>(
    sql`select restore_after from sluice.undo where job_id = ${jobId}`,
  );
  return rows[0]?.restore_after ?? 0;
}

async function lastOfBatch(
  client: pg.ClientBase,
  { table, record }: FormerRows,
  after: number,
  size: number,
): Promise<number | null> {
  const { rows } = await client.query<{ last: number | null }>(
    `select max(record) as last from (
       select ${record} as record from ${table} where ${record} > $1 order by ${record} limit $2) b`,
    [after, size],
  );
  return rows[0]?.last ?? null;
}

/** Columns of the target that can be written, and that were there then. */
async function restorableColumns(
  client: pg.ClientBase,
  { target, table, key, mode }: FormerRows,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    sql`select a.attname::text as name from pg_attribute a
      where a.attrelid = ${quoteTable(target)}::regclass and a.attnum > 0 and not a.attisdropped
        and a.attgenerated = '' and (${mode === "replace"} or a.attidentity <> 'a')
        and a.attname <> all (${key}::text[])
        and exists (select from pg_attribute f where f.attrelid = ${table}::regclass and f.attname = a.attname
          and f.attnum > 0 and not f.attisdropped)
      order by a.attnum`,
  );
  return rows.map(({ name }) => quoteName(name));
}

interface Batch {
  readonly columns: readonly string[];
  readonly writers: readonly string[];
  readonly after: number;
  readonly last: number;
}

/** How many rows were restored of a batch, which then is dealt with; or why it is refused, and none was. */
async function tryRestore(
  client: pg.ClientBase,
  { table, target, record, key }: FormerRows,
  { columns, writers, after, last }: Batch,
): Promise<number | string> {
  const set = columns.map((column) => `${column} = f.${column}`).join(", ");
  const same = key.map((column) => `t.${quoteName(column)} = f.${quoteName(column)}`);
  await client.query("savepoint restoring");
  try {
    let restored = 0;
    if (columns.length > 0) {
      const { rowCount } = await client.query(
        `update ${quoteTable(target)} t set ${set} from ${table} f
         where f.${record} > $1 and f.${record} <= $2 and ${same.join(" and ")} and t.xmin = any ($3::xid[])`,
        [after, last, writers],
      );
      restored = rowCount ?? 0;
    }
    await client.query(`delete from ${table} where ${record} > $1 and ${record} <= $2`, [
      after,
      last,
    ]);
    await client.query("release savepoint restoring");
    return restored;
  } catch (error) {
    if (!isRowError(error)) throw error;
    await client.query("rollback to savepoint restoring");
    return reasonOf(error);
  }
}

/** Puts the rows back that a replace has taken away, in the place of its own. Throws what the server says. */
export async function bringBack(
  client: pg.ClientBase,
  former: FormerRows,
  writers: readonly string[],
): Promise<{ readonly removed: number; readonly restored: number; readonly failed: number }> {
  await client.query("set constraints all immediate");
  const target = quoteTable(former.target);
  await client.query(`lock table ${target} in share row exclusive mode`);
  const columns = (await restorableColumns(client, former)).join(", ");
  const deleteOwn = `delete from ${target} where xmin = any ($1::xid[])`;
  // A row that somebody has added since keeps its key, where one can look out for it.
  const skip = (await hasDeferrableKey(client, former.target)) ? "" : "on conflict do nothing";
  const insert = `insert into ${target} (${columns}) overriding system value select ${columns} from ${former.table} f`;
  const references = await listReferences(client, former.target);
  const kept = await client.query<{ count: number }>(`select count(*) from ${former.table}`);
  const all = kept.rows[0]?.count ?? 0;
  if (references.some(({ isSelf }) => !isSelf)) {
    const { rows } = await client.query<{ removed: number; restored: number }>(
      `with gone as (${deleteOwn} returning 1),
         back as (${insert} where (select count(*) from gone) >= 0 order by ${former.record} ${skip} returning 1)
       select (select count(*) from gone) as removed, (select count(*) from back) as restored`,
      [writers],
    );
    const { removed = 0, restored = 0 } = rows[0] ?? {};
    return { removed, restored, failed: all - restored };
  }
  const gone = await client.query(deleteOwn, [writers]);
  const back = await client.query(`${insert} order by ${former.record} ${skip}`);
  const restored = back.rowCount ?? 0;
  return { removed: gone.rowCount ?? 0, restored, failed: all - restored };
}
