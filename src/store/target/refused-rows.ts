/**
 * Rows that the target refuses while they are published. Each is taken out of staging and put aside, with its reason, in
 * a table of its own; the others go in. Everything happens in the publishing transaction.
 *
 * When the server names a constraint, all rows against it are found by one statement: a key that is taken or comes
 * twice, a reference to nothing, a CHECK, a missing value. Of records with one key the first in the file stays. What
 * cannot be looked up so (an exclusion constraint, a trigger, an index over expressions) is found by writing ranges of
 * records in halves (`write-by-halves.ts`), at about log2(rows) statements for each refused row.
 */
import pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import { describeRefusal, type Refusal } from "../refusal.ts";
import { quoteName, quoteStaging, quoteText } from "../sql.ts";
import { findForeignKey, findUniqueKey, listChecks, type ConstraintName } from "./constraints.ts";
import type { AcceptedRows } from "./row-writer.ts";
import { brokenReferences, recordsWhere, twins } from "./staged-records.ts";
import { recordNumber, refusedTable } from "./staging.ts";
import { tryWrite, type Writing } from "./try-write.ts";
import { writeByHalves } from "./write-by-halves.ts";

/** Rows to be put aside, and why. */
export interface Violation {
  /** A query of the records at fault, as column `record`. */
  readonly query: string;
  /** The columns at fault. */
  readonly columns: readonly string[];
  /** Whether the file has no value for them. */
  readonly isUnfilled?: true;
}

/** Writes what the target takes of the staged rows. Errors: what the server says of anything but rows. */
export async function writeAccepted(client: pg.Client, writing: Writing): Promise<AcceptedRows> {
  const { plan, onRefused } = writing;
  // Checked where they can still be answered, not at the commit.
  await client.query("set constraints all immediate");
  let { refused } = writing;
  for (;;) {
    const attempt = await tryWrite(client, writing, null);
    if (attempt.error === null) return { ...attempt.rows, refused };
    if (refused === 0) await createRefusedTable(client, plan);
    const aside = await putAside(client, writing, attempt.error);
    refused += aside;
    onRefused(refused);
    if (aside > 0) continue;
    await writing.writer.beginRanges?.(attempt.error);
    const rest = await writeByHalves(client, writing, (more) => onRefused(refused + more));
    return { ...rest, refused: refused + rest.refused };
  }
}

/** Makes the table of refused rows. Dropped by publishing, in the same transaction: nobody else ever sees it. */
export async function createRefusedTable(client: pg.Client, plan: ImportPlan): Promise<void> {
  await client.query(
    `create table ${refusedTable(plan)} (record bigint primary key, code text not null, column_name text, value text,
       message text not null)`,
  );
}

/** Puts all rows aside that are against the constraint that the server named. Returns how many; 0: it cannot be told. */
async function putAside(
  client: pg.Client,
  writing: Writing,
  error: pg.DatabaseError,
): Promise<number> {
  const { plan } = writing;
  await client.query("savepoint aside");
  try {
    const violation = await findViolation(client, writing, error);
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
  { plan, writer }: Writing,
  error: pg.DatabaseError,
): Promise<Violation | null> {
  const { code, schema, table, constraint, column } = error;
  const staged = new Set(plan.columns.map((planned) => planned.column));
  const isStaged = (columns: readonly string[]) => columns.every((name) => staged.has(name));
  if (code === "23502" && column !== undefined) {
    if (staged.has(column))
      return { columns: [column], query: recordsWhere(plan, `${quoteName(column)} is null`) };
    const query = writer.newRows?.();
    return query === undefined ? null : { columns: [column], query, isUnfilled: true };
  }
  if (schema === undefined || table === undefined || constraint === undefined) return null;
  const name: ConstraintName = { schema, table, constraint };
  switch (code ?? "") {
    case "23505": {
      const key = await findUniqueKey(client, name);
      const query = key !== null && isStaged(key.columns) ? writer.taken(key.columns) : null;
      return key === null || query === null ? null : { columns: key.columns, query };
    }
    case "23503": {
      const key = await findForeignKey(client, name);
      if (key === null || !isStaged(key.columns)) return null;
      return {
        columns: key.columns,
        query: brokenReferences(plan, key, { isStaged, isEmptied: writer.isEmptied }),
      };
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

/** Puts all but the first or the last of the records aside that share a key, and returns how many. */
export async function refuseTwins(
  client: pg.Client,
  plan: ImportPlan,
  columns: readonly string[],
  kept: "first" | "last" = "first",
): Promise<number> {
  await createRefusedTable(client, plan);
  return moveAside(
    client,
    plan,
    { columns, query: twins(plan, columns, kept) },
    TWIN_REASONS[kept],
  );
}

const TWIN_REASONS = {
  first: { code: "duplicate_key", message: "an earlier row of the file has this key" },
  last: {
    code: "superseded",
    message:
      "a later row of the file has this key, and was taken: a retry of this one would write over it",
  },
} as const;

/** Takes rows out of staging and puts them into the table of refused rows, which is there. Returns how many. */
export async function moveAside(
  client: pg.Client,
  plan: ImportPlan,
  { query, columns, isUnfilled }: Violation,
  { code, message }: Pick<Refusal, "code" | "message">,
): Promise<number> {
  const record = recordNumber(plan);
  const column = columns.length === 1 ? (columns[0] ?? null) : null;
  const hasValue = column !== null && isUnfilled !== true;
  const value = hasValue ? `left(s.${quoteName(column)}::text, 200)` : "null";
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
