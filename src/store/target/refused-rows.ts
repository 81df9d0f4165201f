/**
 * Rows that the target refuses while they are published. Each is taken out of staging and put aside, with its reason, in
 * a table of its own; the others go in. Everything happens in the publishing transaction.
 *
 * When the server names a constraint, all rows against it are found by one statement: a key that is taken or comes
 * twice, a reference to nothing, a CHECK, a missing value. Of records with one key the first in the file stays. What
 * cannot be looked up so (an exclusion constraint, a trigger, an index over expressions) is found by inserting ranges of
 * records in halves under savepoints, at about log2(rows) statements for each refused row.
 */
import pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { PartAssignment } from "../../core/runner-ports.ts";
import { describeRefusal, type Refusal } from "../refusal.ts";
import { isRowError } from "../row-error.ts";
import { quoteName, quoteStaging, quoteTable, quoteText } from "../sql.ts";
import {
  findForeignKey,
  findUniqueKey,
  listChecks,
  type ConstraintName,
  type ForeignKey,
} from "./constraints.ts";
import { findInsertOrder } from "./insert-order.ts";
import { noteWriter } from "./kept-rows.ts";
import { recordNumber } from "./staging.ts";

/** What became of the staged rows. */
export interface InsertedRows {
  readonly inserted: number;
  /** Rows in the table of refused rows, which exists only when this is over 0. */
  readonly refused: number;
}

/** The rows that wait, and of which job they are. */
type StagedRows = Pick<PartAssignment, "plan" | "part">;

/** The table of refused rows of a plan, quoted: record, code, column_name, value, message. */
export function refusedTable(plan: ImportPlan): string {
  return quoteStaging(`${plan.staging}_refused`);
}

/** Rows to be put aside, and why. */
interface Violation {
  /** A query of the records at fault, as column `record`. */
  readonly query: string;
  /** The columns at fault. */
  readonly columns: readonly string[];
}

/**
 * Inserts what the target takes of the staged rows. `onRefused` is told how many are refused so
 * far, and ends it all by throwing. Errors: what the server says of anything but rows.
 */
export async function insertAccepted(
  client: pg.Client,
  rows: StagedRows,
  onRefused: (refused: number) => void,
): Promise<InsertedRows> {
  const { plan } = rows;
  // Checked where they can still be answered, not at the commit.
  await client.query("set constraints all immediate");
  const order = await findInsertOrder(client, plan);
  let refused = 0;
  for (;;) {
    const attempt = await tryInsert(client, rows, order);
    if (attempt.error === null) return { inserted: attempt.inserted, refused };
    if (refused === 0) await createRefusedTable(client, plan);
    const aside = await putAside(client, plan, attempt.error);
    refused += aside;
    onRefused(refused);
    if (aside > 0) continue;
    const rest = await insertByHalves(client, rows, (more) => onRefused(refused + more));
    return { inserted: rest.inserted, refused: refused + rest.refused };
  }
}

interface Attempt {
  readonly inserted: number;
  /** The error of the row that was refused; then nothing was inserted. */
  readonly error: pg.DatabaseError | null;
}

/** Inserts the staged rows that `tail` chooses and orders. */
async function tryInsert(
  client: pg.Client,
  { plan, part }: StagedRows,
  tail: string,
): Promise<Attempt> {
  const columns = plan.columns.map(({ column }) => quoteName(column)).join(", ");
  await client.query("savepoint rows");
  try {
    const { rowCount } = await client.query(
      `insert into ${quoteTable(plan.target)} (${columns})
       select ${columns} from ${quoteStaging(plan.staging)} ${tail}`,
    );
    await noteWriter(client, part.jobId);
    await client.query("release savepoint rows");
    return { inserted: rowCount ?? 0, error: null };
  } catch (error) {
    if (!isRowError(error) || !(error instanceof pg.DatabaseError)) throw error;
    await client.query("rollback to savepoint rows");
    return { inserted: 0, error };
  }
}

/** Dropped by publishing, in the same transaction: nobody else ever sees it. */
async function createRefusedTable(client: pg.Client, plan: ImportPlan): Promise<void> {
  await client.query(
    `create table ${refusedTable(plan)} (record bigint primary key, code text not null, column_name text, value text,
       message text not null)`,
  );
}

/** Puts all rows aside that are against the constraint that the server named. Returns how many; 0: it cannot be told. */
async function putAside(
  client: pg.Client,
  plan: ImportPlan,
  error: pg.DatabaseError,
): Promise<number> {
  await client.query("savepoint aside");
  try {
    const violation = await findViolation(client, plan, error);
    const aside =
      violation === null ? 0 : await moveAside(client, plan, violation, describeRefusal(error));
    await client.query("release savepoint aside");
    return aside;
  } catch (failure) {
    // A table that may not be read, a condition that fails: the rows are found one by one.
    if (!(failure instanceof pg.DatabaseError)) throw failure;
    await client.query("rollback to savepoint aside");
    return 0;
  }
}

async function findViolation(
  client: pg.Client,
  plan: ImportPlan,
  error: pg.DatabaseError,
): Promise<Violation | null> {
  const { code, schema, table, constraint, column } = error;
  const staged = new Set(plan.columns.map((planned) => planned.column));
  const isStaged = (columns: readonly string[]) => columns.every((name) => staged.has(name));
  if (code === "23502" && column !== undefined && staged.has(column))
    return { columns: [column], query: recordsWhere(plan, `${quoteName(column)} is null`) };
  if (schema === undefined || table === undefined || constraint === undefined) return null;
  const name: ConstraintName = { schema, table, constraint };
  switch (code ?? "") {
    case "23505": {
      const key = await findUniqueKey(client, name);
      return key !== null && isStaged(key.columns) ? takenKeys(plan, key.columns) : null;
    }
    case "23503": {
      const key = await findForeignKey(client, name);
      if (key === null || !isStaged(key.columns)) return null;
      return { columns: key.columns, query: brokenReferences(plan, key, isStaged) };
    }
    case "23514": {
      const checks = await listChecks(client, { schema, table }, [...staged]);
      const check = checks.find((known) => known.name === constraint);
      if (check === undefined) return null;
      return {
        columns: check.columns,
        query: recordsWhere(plan, `(${check.expression}) is false`),
      };
    }
    default:
      return null;
  }
}

function recordsWhere(plan: ImportPlan, condition: string): string {
  return `select s.${recordNumber(plan)} as record from ${quoteStaging(plan.staging)} s where ${condition}`;
}

function notNull(alias: string, columns: readonly string[]): string {
  return columns.map((column) => `${alias}.${quoteName(column)} is not null`).join(" and ");
}

function equal(others: readonly string[], columns: readonly string[]): string {
  return columns.map((column, index) => `${others[index]} = s.${quoteName(column)}`).join(" and ");
}

/** Records whose key is in the target, and all but the first of those that share one. */
function takenKeys(plan: ImportPlan, columns: readonly string[]): Violation {
  const inTarget = columns.map((column) => `t.${quoteName(column)}`);
  return {
    columns,
    query: `${laterTwins(plan, columns)}
      union
      select s.${recordNumber(plan)} from ${quoteStaging(plan.staging)} s
      join ${quoteTable(plan.target)} t on ${equal(inTarget, columns)}`,
  };
}

/** All but the first of the records that share a key. */
function laterTwins(plan: ImportPlan, columns: readonly string[]): string {
  const record = recordNumber(plan);
  const keys = columns.map(quoteName).join(", ");
  return `select ranked.record from (
      select s.${record} as record, row_number() over (partition by ${keys} order by s.${record}) as place
      from ${quoteStaging(plan.staging)} s where ${notNull("s", columns)}
    ) ranked where ranked.place > 1`;
}

/** Puts all but the first of the records aside that share a key, and returns how many. */
export async function refuseTwins(
  client: pg.Client,
  plan: ImportPlan,
  columns: readonly string[],
): Promise<number> {
  await createRefusedTable(client, plan);
  return moveAside(
    client,
    plan,
    { columns, query: laterTwins(plan, columns) },
    { code: "duplicate_key", message: "an earlier row of the file has this key" },
  );
}

/** Records that refer to nothing: not in the table referred to and, when that is the target itself, not in the file. */
function brokenReferences(
  plan: ImportPlan,
  { columns, referenced, referencedColumns }: ForeignKey,
  isStaged: (columns: readonly string[]) => boolean,
): string {
  const other = referencedColumns.map((column) => `r.${quoteName(column)}`);
  const isSelf = quoteTable(referenced) === quoteTable(plan.target) && isStaged(referencedColumns);
  const places = [quoteTable(referenced), ...(isSelf ? [quoteStaging(plan.staging)] : [])];
  const absent = places.map(
    (place) => `not exists (select from ${place} r where ${equal(other, columns)})`,
  );
  return recordsWhere(plan, [notNull("s", columns), ...absent].join(" and "));
}

async function moveAside(
  client: pg.Client,
  plan: ImportPlan,
  { query, columns }: Violation,
  { code, message }: Pick<Refusal, "code" | "message">,
): Promise<number> {
  const record = recordNumber(plan);
  const column = columns.length === 1 ? (columns[0] ?? null) : null;
  const value = column === null ? "null" : `left(s.${quoteName(column)}::text, 200)`;
  const { rowCount } = await client.query(
    `with gone as (
       delete from ${quoteStaging(plan.staging)} s using (${query}) fault where s.${record} = fault.record
       returning s.${record} as record, ${value} as value
     )
     insert into ${refusedTable(plan)} (record, code, column_name, value, message)
     select record, ${quoteText(code)}, ${column === null ? "null" : quoteText(column)}, value, ${quoteText(message)} from gone`,
  );
  return rowCount ?? 0;
}

async function insertByHalves(
  client: pg.Client,
  staged: StagedRows,
  onRefused: (refused: number) => void,
): Promise<InsertedRows> {
  const { plan } = staged;
  const record = recordNumber(plan);
  const staging = quoteStaging(plan.staging);
  await client.query(`create index on ${staging} (${record})`);
  const { rows } = await client.query<{ first: number | null; last: number | null }>(
    `select min(${record}) as first, max(${record}) as last from ${staging}`,
  );
  const { first = null, last = null } = rows[0] ?? {};
  const total = { inserted: 0, refused: 0 };
  // Ranges that are still to be inserted, the first on top.
  const waiting = first === null || last === null ? [] : [{ from: first, to: last }];
  for (let range = waiting.pop(); range !== undefined; range = waiting.pop()) {
    const { from, to } = range;
    const tail = `where ${record} between ${from} and ${to} order by ${record}`;
    const attempt = await tryInsert(client, staged, tail);
    total.inserted += attempt.inserted;
    if (attempt.error === null) continue;
    if (from === to) {
      await refuseOne(client, plan, from, describeRefusal(attempt.error));
      total.refused += 1;
      onRefused(total.refused);
    } else {
      const middle = from + Math.floor((to - from) / 2);
      waiting.push({ from: middle + 1, to }, { from, to: middle });
    }
  }
  return total;
}

async function refuseOne(
  client: pg.Client,
  plan: ImportPlan,
  record: number,
  { code, column, message }: Refusal,
): Promise<void> {
  await client.query({
    text: `insert into ${refusedTable(plan)} (record, code, column_name, value, message) values ($1, $2, $3, null, $4)`,
    values: [record, code, column, message],
  });
}
