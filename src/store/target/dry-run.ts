/**
 * What a dry run does where an import publishes: it counts what would become of the staged rows, and throws them away.
 *
 * Of the target it only reads, in the transaction that ends the job. So a dry run that dies counts again, and a count that
 * was told is one of committed rows. Rows that the table would refuse become rejections as they would at publishing.
 */
import type pg from "pg";
import {
  SHOWN_CHANGES,
  SHOWN_CHARACTERS,
  SHOWN_COLUMNS,
  type ColumnChange,
  type DryRunOutcome,
  type RowChange,
} from "../../core/dry-run.ts";
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import { tableLabel } from "../../core/job.ts";
import type { PartWork } from "../../core/ports.ts";
import type { PartAssignment } from "../../core/runner-ports.ts";
import { refuseReferences } from "../../core/table-references.ts";
import { quoteName, quoteStaging, quoteTable, sql } from "../sql.ts";
import { bookRefused } from "./book-refused.ts";
import { refuseNeededRows, takeOutRefused } from "./foreseen-refusals.ts";
import { isSameKey } from "./staged-records.ts";
import { dropStaging, recordNumber } from "./staging.ts";
import { listReferences } from "./table-references.ts";
import { changingColumns, differs, keyOf } from "./upsert-rows.ts";

/** What a dry run goes by. */
interface Counting {
  /** Records as they are counted so far. */
  readonly books: { readonly written: number; readonly rejected: number };
  readonly readPart: PartWork["openPart"];
  /** Told how many rows the table would refuse; ends it all by throwing. */
  readonly onRefused: (refused: number) => void;
}

/**
 * Counts what publishing would do, books what the table would refuse, and drops the staged rows. Errors: those that
 * publishing would end with, as far as they can be known; `balance_mismatch`.
 */
export async function countInstead(
  client: pg.Client,
  assignment: PartAssignment,
  { books, readPart, onRefused }: Counting,
): Promise<DryRunOutcome> {
  const { plan } = assignment;
  await requireTarget(client, plan);
  if (plan.mode === "replace")
    refuseReferences(plan.target, await listReferences(client, plan.target));
  // Nobody has looked at this table yet, and the queries below join it.
  await client.query(`analyze ${quoteStaging(plan.staging)}`);
  const { refused, skipped } = await takeOutRefused(client, plan);
  onRefused(refused);
  const outcome = await countRows(client, plan, skipped);
  const { rowsInserted, rowsUpdated, rowsUnchanged, rowsReplaced } = outcome;
  if (rowsInserted + rowsUpdated + rowsUnchanged + refused !== books.written)
    throw new SluiceError(
      "balance_mismatch",
      `${books.written} rows were read for ${tableLabel(plan.target)}, and the dry run counted another number.`,
    );
  if (rowsReplaced > 0 && rowsInserted === 0 && books.rejected + refused > 0)
    throw new SluiceError(
      "replace_not_possible",
      `No row of the file fits ${tableLabel(plan.target)}, which would be empty. Nothing was changed.`,
    );
  if (refused > 0) await bookRefused(client, assignment, refused, readPart);
  await dropStaging(client, plan.staging);
  return outcome;
}

/** Errors: `table_exists` where the import would make a table that is there by now. */
async function requireTarget(client: pg.Client, { mode, target }: ImportPlan): Promise<void> {
  if (mode !== "create") return;
  const { rows } = await client.query<{ is_there: boolean }>(
    sql`select to_regclass(${quoteTable(target)}) is not null as is_there`,
  );
  if (rows[0]?.is_there !== true) return;
  const label = tableLabel(target);
  throw new SluiceError(
    "table_exists",
    `${label} was created by somebody else while the file was read. The rows are kept: drop or rename that table, then resume.`,
  );
}

async function countRows(
  client: pg.Client,
  plan: ImportPlan,
  skipped: number,
): Promise<DryRunOutcome> {
  const staged = await countOf(client, quoteStaging(plan.staging));
  const none = { rowsUpdated: 0, rowsReplaced: 0, changes: [] };
  switch (plan.mode) {
    case "create":
    case "append":
      return { ...none, rowsInserted: staged, rowsUnchanged: skipped };
    case "replace": {
      await refuseNeededRows(client, plan);
      const rowsReplaced = await countOf(client, quoteTable(plan.target));
      return { ...none, rowsInserted: staged, rowsUnchanged: 0, rowsReplaced };
    }
    case "upsert": {
      const { found, differing } = await countFound(client, plan);
      const changes = differing === 0 ? [] : await listChanges(client, plan);
      const rows = { rowsInserted: staged - found, rowsUpdated: differing };
      return { ...none, ...rows, rowsUnchanged: found - differing, changes };
    }
    default:
      return plan.mode satisfies never;
  }
}

async function countOf(client: pg.Client, table: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(`select count(*) from ${table}`);
  return rows[0]?.count ?? 0;
}

/** Staged rows with the rows of the target that have their key. */
function foundRows(plan: ImportPlan): string {
  const key = isSameKey(keyOf(plan));
  return `${quoteStaging(plan.staging)} s join ${quoteTable(plan.target)} t on ${key}`;
}

async function countFound(
  client: pg.Client,
  plan: ImportPlan,
): Promise<{ readonly found: number; readonly differing: number }> {
  const { rows } = await client.query<{ found: number; differing: number }>(
    `select count(*) as found, count(*) filter (where ${differs(plan)}) as differing from ${foundRows(plan)}`,
  );
  return rows[0] ?? { found: 0, differing: 0 };
}

interface ChangeRow {
  readonly record: number;
  readonly key: readonly (string | null)[];
  readonly is_changed: readonly boolean[];
  readonly before: readonly (string | null)[];
  readonly after: readonly (string | null)[];
}

/** The values of columns as an array of shortened texts. */
function texts(alias: string, columns: readonly string[]): string {
  const short = columns.map(
    (column) => `left(${alias}.${quoteName(column)}::text, ${SHOWN_CHARACTERS})`,
  );
  return `array[${short.join(", ")}]`;
}

/** The first rows that would change. */
async function listChanges(client: pg.Client, plan: ImportPlan): Promise<readonly RowChange[]> {
  const names = changingColumns(plan);
  const isChanged = names.map((column) => differs(plan, [column]));
  const { rows } = await client.query<ChangeRow>(
    `select s.${recordNumber(plan)} as record, ${texts("s", keyOf(plan))} as key,
       array[${isChanged.join(", ")}] as is_changed, ${texts("t", names)} as before, ${texts("s", names)} as after
     from ${foundRows(plan)} where ${differs(plan)}
     order by s.${recordNumber(plan)} limit ${SHOWN_CHANGES}`,
  );
  return rows.map((row) => toChange(plan, names, row));
}

function toChange(plan: ImportPlan, names: readonly string[], row: ChangeRow): RowChange {
  const changed = names.flatMap((column, index): ColumnChange[] =>
    row.is_changed[index] === true
      ? [{ column, before: row.before[index] ?? null, after: row.after[index] ?? null }]
      : [],
  );
  const columns = changed.slice(0, SHOWN_COLUMNS);
  const key = Object.fromEntries(keyOf(plan).map((name, index) => [name, row.key[index] ?? null]));
  return { record: row.record, key, columns, moreColumns: changed.length - columns.length };
}
