/**
 * Rows that the target would refuse, found by queries alone: what publishing learns by trying. They are taken out of
 * staging and put aside as there, in the order in which the server checks: values that are missing, keys, references.
 * CHECKs have been checked by the staging table.
 *
 * What no query can tell is left to the import: triggers, exclusion constraints, indexes over expressions or a part of the
 * rows, keys and references with columns that the file does not fill.
 */
import type pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import { tableLabel, type TableName } from "../../core/job.ts";
import { SENTENCES, type Refusal } from "../refusal.ts";
import { quoteName, quoteStaging, quoteTable, sql } from "../sql.ts";
import { findForeignKey, findUniqueKey, type ForeignKey } from "./constraints.ts";
import { describeTable } from "./describe.ts";
import { createRefusedTable, moveAside, refuseTwins, type Violation } from "./refused-rows.ts";
import { brokenReferences, recordsWhere, takenKeys, twins } from "./staged-records.ts";
import { recordNumber, refusedTable } from "./staging.ts";
import { newRecords, refuseSuperseded, takenByOthers } from "./upsert-rows.ts";

/** Staged rows that would not go in. */
export interface Foreseen {
  /** In the table of refused rows, which exists when this is over 0. */
  readonly refused: number;
  /** Left out without a rejection, because their key is taken. */
  readonly skipped: number;
}

/** Takes the rows out of staging that would not go into the table of `plan`. Reads the table only. */
export async function takeOutRefused(client: pg.Client, plan: ImportPlan): Promise<Foreseen> {
  if (plan.mode === "create") return { refused: await refuseKeyTwins(client, plan), skipped: 0 };
  const superseded = plan.mode === "upsert" ? await refuseSuperseded(client, plan) : 0;
  if (superseded === 0) await createRefusedTable(client, plan);
  const missing = await refuseMissing(client, plan);
  const keys = await listKeys(client, plan);
  const isSkipping = plan.onConflict === "skip";
  const refusals = [
    ...(isSkipping ? [] : keys),
    ...(await listReferences(client, plan, isSkipping ? keys : [])),
  ];
  const refused = superseded + missing + (await refuseAll(client, plan, refusals));
  if (refused === 0) await dropRefusedTable(client, plan);
  const skipped = isSkipping ? await takeOut(client, plan, keys) : 0;
  return { refused, skipped };
}

/** Rows that one constraint refuses, and what is said of them. */
interface Refusing {
  readonly violation: Violation;
  readonly reason: Pick<Refusal, "code" | "message">;
}

/** A row that is refused leaves its key to another, and those that refer to it without what they refer to. */
async function refuseAll(
  client: pg.Client,
  plan: ImportPlan,
  refusals: readonly Refusing[],
): Promise<number> {
  let refused = 0;
  for (;;) {
    let more = 0;
    for (const { violation, reason } of refusals)
      more += await moveAside(client, plan, violation, reason);
    refused += more;
    if (more === 0) return refused;
  }
}

async function refuseKeyTwins(client: pg.Client, plan: ImportPlan): Promise<number> {
  if (plan.key === undefined || plan.key.length === 0) return 0;
  const refused = await refuseTwins(client, plan, plan.key);
  if (refused === 0) await dropRefusedTable(client, plan);
  return refused;
}

/** Records that would be new rows and lack a value which neither the file nor the table has. */
async function refuseMissing(client: pg.Client, plan: ImportPlan): Promise<number> {
  const table = await describeTable(client, plan.target);
  const column = table?.columns.find(
    ({ name, isRequired, hasDefault }) => isRequired && !hasDefault && !isStaged(plan, [name]),
  );
  if (column === undefined) return 0;
  const query = plan.mode === "upsert" ? newRecords(plan) : recordsWhere(plan, "true");
  const violation: Violation = { columns: [column.name], query, isUnfilled: true };
  const message = SENTENCES.required_value_missing ?? "";
  return moveAside(client, plan, violation, { code: "required_value_missing", message });
}

async function listKeys(client: pg.Client, plan: ImportPlan): Promise<readonly Refusing[]> {
  const keys: Refusing[] = [];
  for (const constraint of await listUniqueIndexes(client, plan.target)) {
    const key = await findUniqueKey(client, { ...plan.target, constraint });
    const query = key !== null && isStaged(plan, key.columns) ? takenBy(plan, key.columns) : null;
    if (key === null || query === null) continue;
    const message = `${SENTENCES.duplicate_key} (${constraint})`;
    const violation = { columns: key.columns, query };
    keys.push({ violation, reason: { code: "duplicate_key", message } });
  }
  return keys;
}

/** A query of the records that a unique index over these columns refuses; null where it refuses none. */
function takenBy(plan: ImportPlan, columns: readonly string[]): string | null {
  if (plan.mode === "upsert") return takenByOthers(plan, columns);
  // The rows that a replace meets are gone.
  return plan.mode === "replace" ? twins(plan, columns, "first") : takenKeys(plan, columns);
}

/** Leaves out the rows whose key is taken. */
async function takeOut(
  client: pg.Client,
  plan: ImportPlan,
  keys: readonly Refusing[],
): Promise<number> {
  let count = 0;
  for (const { violation } of keys) {
    const { rowCount } = await client.query(
      `delete from ${quoteStaging(plan.staging)} s using (${violation.query}) taken
       where s.${recordNumber(plan)} = taken.record`,
    );
    count += rowCount ?? 0;
  }
  return count;
}

/** The references of the table. What a row refers to that is `skipped` is not looked at. */
async function listReferences(
  client: pg.Client,
  plan: ImportPlan,
  skipped: readonly Refusing[],
): Promise<readonly Refusing[]> {
  const rules = {
    isStaged: (columns: readonly string[]) => isStaged(plan, columns),
    isEmptied: plan.mode === "replace" ? (true as const) : undefined,
  };
  const without = skipped.map(({ violation }) => ` except (${violation.query})`).join("");
  const references: Refusing[] = [];
  for (const constraint of await listForeignKeys(client, plan.target)) {
    const key = await findForeignKey(client, { ...plan.target, constraint });
    if (key === null || !isStaged(plan, key.columns)) continue;
    const query = `${brokenReferences(plan, key, rules)}${without}`;
    const message = `${SENTENCES.missing_reference} (${constraint})`;
    const violation = { columns: key.columns, query };
    references.push({ violation, reason: { code: "missing_reference", message } });
  }
  return references;
}

function isStaged(plan: ImportPlan, columns: readonly string[]): boolean {
  return columns.every((name) => plan.columns.some(({ column }) => column === name));
}

async function dropRefusedTable(client: pg.Client, plan: ImportPlan): Promise<void> {
  await client.query(`drop table ${refusedTable(plan)}`);
}

async function listUniqueIndexes(
  client: pg.Client,
  { schema, table }: TableName,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    sql`select i.relname as name from pg_index x
      join pg_class i on i.oid = x.indexrelid
      join pg_class t on t.oid = x.indrelid
      join pg_namespace n on n.oid = t.relnamespace
      where n.nspname = ${schema} and t.relname = ${table} and x.indisunique and x.indisvalid
      order by x.indexrelid`,
  );
  return rows.map(({ name }) => name);
}

async function listForeignKeys(
  client: pg.Client,
  { schema, table }: TableName,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    sql`select c.conname as name from pg_constraint c
      join pg_class t on t.oid = c.conrelid
      join pg_namespace n on n.oid = t.relnamespace
      where n.nspname = ${schema} and t.relname = ${table} and c.contype = 'f' order by c.conname`,
  );
  return rows.map(({ name }) => name);
}

/** Errors: `publish_refused` when rows of other tables refer to rows that a replace would take away for good. */
export async function refuseNeededRows(client: pg.Client, plan: ImportPlan): Promise<void> {
  const { schema, table } = plan.target;
  const { rows } = await client.query<TableName & { readonly constraint: string }>(
    sql`select rn.nspname as schema, r.relname as table, c.conname as constraint
      from pg_constraint c
      join pg_class t on t.oid = c.confrelid
      join pg_namespace n on n.oid = t.relnamespace
      join pg_class r on r.oid = c.conrelid
      join pg_namespace rn on rn.oid = r.relnamespace
      where n.nspname = ${schema} and t.relname = ${table} and c.contype = 'f' and c.conrelid <> c.confrelid
      order by c.conname`,
  );
  for (const reference of rows) {
    const key = await findForeignKey(client, reference);
    if (key === null || !(await isStillNeeded(client, plan, reference, key))) continue;
    const label = tableLabel(plan.target);
    throw new SluiceError(
      "publish_refused",
      `${label} would not let its rows go: rows of ${tableLabel(reference)} refer to some that the file does not have (${reference.constraint}). ${label} is as it was.`,
      { details: { sqlState: "23503", constraint: reference.constraint } },
    );
  }
}

async function isStillNeeded(
  client: pg.Client,
  plan: ImportPlan,
  from: TableName,
  { columns, referencedColumns }: ForeignKey,
): Promise<boolean> {
  const isSet = columns.map((column) => `r.${quoteName(column)} is not null`).join(" and ");
  const same = referencedColumns.map(
    (column, index) => `s.${quoteName(column)} = r.${quoteName(columns[index] ?? "")}`,
  );
  const isKept = isStaged(plan, referencedColumns)
    ? `exists (select from ${quoteStaging(plan.staging)} s where ${same.join(" and ")})`
    : "false";
  const { rowCount } = await client.query(
    `select from ${quoteTable(from)} r where ${isSet} and not ${isKept} limit 1`,
  );
  return rowCount !== 0;
}
