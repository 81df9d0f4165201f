/**
 * Mode upsert: a record whose key a row of the target has changes that row, every other becomes a new one.
 *
 * Which is which is decided by one join, whose answer is kept: records that found a row, and whether the row differs in a
 * column that the file fills. Rows that differ are locked before anything is written, and rows that do not are never
 * touched. From there on other sessions can do two things that matter, and both are noticed: delete a row that was to be
 * locked, then there are fewer locks than differences; and insert a row with the key of a new one, then the index refuses
 * ours. Either way all is rolled back and looked up again. Nobody else's writing is kept from the rest of the table.
 *
 * Changes and new rows are one statement: what one of them refers to may be another.
 */
import type pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import { quoteName, quoteStaging, quoteTable } from "../sql.ts";
import { findUniqueKey } from "./constraints.ts";
import { findInsertOrder } from "./insert-order.ts";
import { formerName } from "./kept-rows.ts";
import { refuseTwins } from "./refused-rows.ts";
import {
  filledColumns,
  isWithin,
  NO_ROWS,
  type RecordRange,
  type RowWriter,
  type WrittenRows,
} from "./row-writer.ts";
import { isSameKey, recordsWhere, twins } from "./staged-records.ts";
import { recordNumber } from "./staging.ts";

/**
 * Puts records aside that a later one with the same key makes void, and returns how many: the rows are then what they
 * would be had the records been taken one after the other.
 */
export async function refuseSuperseded(client: pg.Client, plan: ImportPlan): Promise<number> {
  const key = keyOf(plan);
  const { rowCount } = await client.query(
    `select from ${quoteStaging(plan.staging)} group by ${key.map(quoteName).join(", ")}
     having count(*) > 1 limit 1`,
  );
  return rowCount === 0 ? 0 : refuseTwins(client, plan, key, "last");
}

/**
 * The writer. Makes the table that it keeps its answers in, which `dropFound` takes away, and the one of the rows as they
 * are before, which stays for an undo.
 */
export async function createUpsertWriter(client: pg.Client, plan: ImportPlan): Promise<RowWriter> {
  const key = keyOf(plan);
  const order = await findInsertOrder(client, plan);
  await client.query(
    `create unlogged table ${foundTable(plan)} (record bigint not null, differs boolean not null)`,
  );
  await client.query(
    `create table ${formerTable(plan)} as
     select s.${recordNumber(plan)}, t.* from ${quoteStaging(plan.staging)} s, ${quoteTable(plan.target)} t
     with no data`,
  );
  return {
    write: async (range) => {
      const { found, differing } = await findRows(client, plan, range);
      if (differing > 0 && (await lockRows(client, plan, range)) !== differing) return null;
      const written = await writeRows(client, plan, { range, order, hasChanges: differing > 0 });
      return { ...written, unchanged: found - differing };
    },
    isPassing: async ({ code, schema, constraint, table }) => {
      if (code !== "23505" || schema === undefined || table === undefined) return false;
      const index = await findUniqueKey(client, { schema, table, constraint: constraint ?? "" });
      return index !== null && isSameSet(index.columns, key);
    },
    taken: (columns) => takenByOthers(plan, columns),
    newRows: () => newRecords(plan),
  };
}

/** A query of the records that would become new rows. */
export function newRecords(plan: ImportPlan): string {
  const found = `select from ${quoteTable(plan.target)} t where ${isSameKey(keyOf(plan))}`;
  return recordsWhere(plan, `not exists (${found})`);
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((column) => right.includes(column));
}

/** Takes the answers of the writer away. */
export async function dropFound(client: pg.Client, plan: ImportPlan): Promise<void> {
  await client.query(`drop table ${foundTable(plan)}`);
}

/** The columns by which records are one with rows. */
export function keyOf({ matchedBy = [] }: ImportPlan): readonly string[] {
  if (matchedBy.length === 0) throw new RangeError("the plan of an upsert has a key");
  return matchedBy;
}

/** Records that found their row. */
function foundTable(plan: ImportPlan): string {
  return quoteStaging(`${plan.staging}_found`);
}

/** Rows as they were before, by the record that changes them. */
function formerTable(plan: ImportPlan): string {
  return quoteStaging(formerName(plan));
}

/** The columns that a record changes. Those of the key are the same already, as far as the index can tell. */
export function changingColumns(plan: ImportPlan): readonly string[] {
  const key = keyOf(plan);
  return plan.columns.map(({ column }) => column).filter((column) => !key.includes(column));
}

/** Whether the staged row `s` has other values than `t`. By the bytes of the values: types without an equality have one, and 1.0 is not taken for 1.00. */
export function differs(plan: ImportPlan, names = changingColumns(plan)): string {
  const columns = names.map(quoteName);
  if (columns.length === 0) return "false";
  // Cast, because two plain rows would be compared column by column.
  const row = (alias: string) =>
    `row(${columns.map((column) => `${alias}.${column}`).join(", ")})::record`;
  return `${row("t")} operator(pg_catalog.*<>) ${row("s")}`;
}

async function findRows(
  client: pg.Client,
  plan: ImportPlan,
  range: RecordRange | null,
): Promise<{ readonly found: number; readonly differing: number }> {
  const { rowCount } = await client.query(
    `insert into ${foundTable(plan)} (record, differs)
     select s.${recordNumber(plan)}, ${differs(plan)}
     from ${quoteStaging(plan.staging)} s join ${quoteTable(plan.target)} t on ${isSameKey(keyOf(plan))}
     where ${isWithin(plan, range)}`,
  );
  // Nobody has looked at these tables: without, the planner takes one record in two hundred for every number.
  if (range === null)
    await client.query(
      `analyze ${foundTable(plan)}; analyze ${quoteStaging(plan.staging)} (${recordNumber(plan)})`,
    );
  const within = range === null ? "" : ` and record between ${range.from} and ${range.to}`;
  const { rows } = await client.query<{ differing: number }>(
    `select count(*) as differing from ${foundTable(plan)} where differs${within}`,
  );
  return { found: rowCount ?? 0, differing: rows[0]?.differing ?? 0 };
}

/** Locks the rows that differ and keeps what they are. Returns how many there still were. */
async function lockRows(
  client: pg.Client,
  plan: ImportPlan,
  range: RecordRange | null,
): Promise<number> {
  const record = recordNumber(plan);
  const { rowCount } = await client.query(
    `insert into ${formerTable(plan)}
     select s.${record}, t.* from ${foundTable(plan)} f
     join ${quoteStaging(plan.staging)} s on s.${record} = f.record
     join ${quoteTable(plan.target)} t on ${isSameKey(keyOf(plan))}
     where f.differs and ${isWithin(plan, range)}
     for update of t`,
  );
  if (range === null) await client.query(`analyze ${formerTable(plan)} (${record})`);
  return rowCount ?? 0;
}

interface Changes {
  readonly range: RecordRange | null;
  readonly order: string;
  readonly hasChanges: boolean;
}

async function writeRows(
  client: pg.Client,
  plan: ImportPlan,
  { range, order, hasChanges }: Changes,
): Promise<WrittenRows> {
  const columns = filledColumns(plan);
  const record = recordNumber(plan);
  const insert = `insert into ${quoteTable(plan.target)} (${columns})
    select ${columns} from ${quoteStaging(plan.staging)} s
    where not exists (select from ${foundTable(plan)} f where f.record = s.${record}) and ${isWithin(plan, range)}
    ${range === null ? order : `order by ${record}`}`;
  if (!hasChanges) {
    const { rowCount } = await client.query(insert);
    return { ...NO_ROWS, inserted: rowCount ?? 0 };
  }
  const set = changingColumns(plan).map(
    (column) => `${quoteName(column)} = s.${quoteName(column)}`,
  );
  // The changes come first, as the counts are asked for: a value that they give up is free for a new row.
  const { rows } = await client.query<{ updated: number; inserted: number }>(
    `with changed as (
       update ${quoteTable(plan.target)} t set ${set.join(", ")}
       from ${formerTable(plan)} o join ${quoteStaging(plan.staging)} s on s.${record} = o.${record}
       where ${isSameKey(keyOf(plan))} and ${isWithin(plan, range)}
       returning 1
     ), added as (${insert} returning 1)
     select (select count(*) from changed) as updated, (select count(*) from added) as inserted`,
  );
  const { updated = 0, inserted = 0 } = rows[0] ?? {};
  return { ...NO_ROWS, updated, inserted };
}

/**
 * Records that would have in other columns what a row has that is not theirs and keeps it, and all but the first of those
 * that share it. Where a row is to give its value up in the same file it depends on their order: found one by one.
 */
export function takenByOthers(plan: ImportPlan, columns: readonly string[]): string | null {
  const key = keyOf(plan);
  if (isSameSet(columns, key)) return null;
  const staging = quoteStaging(plan.staging);
  const sameInTarget = key.map((column) => `o.${quoteName(column)} = t.${quoteName(column)}`);
  const given = columns.map(
    (column) => `o.${quoteName(column)} is distinct from t.${quoteName(column)}`,
  );
  return `${twins(plan, columns, "first")}
    union
    select s.${recordNumber(plan)} from ${staging} s
    join ${quoteTable(plan.target)} t on ${isSameKey(columns)}
    where (${isSameKey(key)}) is not true
      and not exists (select from ${staging} o where ${sameInTarget.join(" and ")} and (${given.join(" or ")}))`;
}
