/**
 * Staging tables: private tables of schema `sluice` in which rows wait until they are published. An ordinary logged
 * table: after a crash of the server it holds exactly the committed chunks, as the checkpoints say.
 */
import type pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import { quoteName, quoteStaging, quoteTable } from "../sql.ts";
import { listChecks } from "./constraints.ts";

/** PostgreSQL's limit of a name. */
export const MOST_NAME_BYTES = 63;

/**
 * Creates the staging table of a plan: the record number where it has one, one column for each planned one, and the CHECKs of the target
 * that speak of these columns, so that a row against one is found when it is read and not at the end. Columns of the
 * primary key of a new table are not null from the start: nothing has to be looked at again when it is made.
 */
export async function createStaging(client: pg.ClientBase, plan: ImportPlan): Promise<void> {
  const columns = plan.columns.map(
    // sqlType comes from the planner's list of types or from the catalog, never from a request's text.
    ({ column, sqlType }) => `${quoteName(column)} ${sqlType}${notNullOf(plan, column)}`,
  );
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
