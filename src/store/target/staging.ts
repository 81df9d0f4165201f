/**
 * Staging tables: private tables of schema `sluice` in which rows wait until they are published. An ordinary logged
 * table: after a crash of the server it holds exactly the committed chunks, as the checkpoints say.
 */
import type pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { TableName } from "../../core/job.ts";
import { quoteName, quoteStaging, quoteTable, sql } from "../sql.ts";
import { listChecks } from "./constraints.ts";

/** PostgreSQL's limit of a name. */
export const MOST_NAME_BYTES = 63;

/**
 * Creates the staging table of a plan: the record number where it has one, one column for each planned one, and the CHECKs of the target
 * that speak of these columns, so that a row against one is found when it is read and not at the end. Columns of the
 * primary key of a new table are not null from the start: nothing has to be looked at again when it is made.
 */
export async function createStaging(client: pg.ClientBase, plan: ImportPlan): Promise<void> {
  const collations = await listCollations(client, plan.target);
  const columns = plan.columns.map(({ column, sqlType }) => {
    // sqlType comes from the planner's list of types or from the catalog, never from a request's text.
    const type = `${sqlType}${collations.get(column) ?? ""}`;
    return `${quoteName(column)} ${type}${notNullOf(plan, column)}`;
  });
  const names = plan.columns.map(({ column }) => column);
  const checks = (await listChecks(client, plan.target, names)).map(
    ({ name, expression }) => `constraint ${quoteName(name)} check (${expression})`,
  );
  const number =
    plan.recordColumn === undefined ? [] : [`${quoteName(plan.recordColumn)} bigint not null`];
  await client.query(
    `create table ${quoteStaging(plan.staging)} (${[...number, ...columns, ...checks].join(", ")})`,
  );
}

/** What is said of columns that compare otherwise than their type: staged values have to compare as those do. */
async function listCollations(
  client: pg.ClientBase,
  { schema, table }: TableName,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ column: string; collation: string }>(
    sql`select a.attname as column, format(' collate %I.%I', o.nspname, l.collname) as collation
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_collation l on l.oid = a.attcollation
      join pg_namespace o on o.oid = l.collnamespace
      where n.nspname = ${schema} and c.relname = ${table} and a.attnum > 0 and not a.attisdropped
        and a.attcollation <> t.typcollation`,
  );
  return new Map(rows.map(({ column, collation }) => [column, collation]));
}

/** The column of the record number in staging, quoted, of a plan that has one. */
export function recordNumber({ recordColumn }: Pick<ImportPlan, "recordColumn">): string {
  if (recordColumn === undefined) throw new RangeError("the plan has a record number");
  return quoteName(recordColumn);
}

/** PostgreSQL 18 keeps the name of such a constraint; that of the staging table must not stay in it. */
function notNullOf({ key, target }: ImportPlan, column: string): string {
  if (key?.includes(column) !== true) return "";
  const name = `${target.table}_${column}_not_null`;
  return Buffer.byteLength(name) > MOST_NAME_BYTES
    ? " not null"
    : ` constraint ${quoteName(name)} not null`;
}

/** Where the chunks of a plan are written to, quoted: the staging table, or with direct delivery the target. */
export function writtenTable({ delivery, target, staging }: ImportPlan): string {
  return delivery === "direct" ? quoteTable(target) : quoteStaging(staging);
}

/** Drops a staging table, if it is there. */
export async function dropStaging(client: pg.ClientBase, staging: string): Promise<void> {
  await client.query(`drop table if exists ${quoteStaging(staging)}`);
}

/** The table of refused rows of a plan, quoted: record, code, column_name, value, message. */
export function refusedTable(plan: ImportPlan): string {
  return quoteStaging(`${plan.staging}_refused`);
}
