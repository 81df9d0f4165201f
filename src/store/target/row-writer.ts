/**
 * How staged rows get into a target that exists. Each mode has a writer; `refused-rows.ts` has it write all rows at once,
 * and ranges of them where it has to find the ones that the target refuses.
 */
import type pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import { quoteName, quoteStaging, quoteTable } from "../sql.ts";
import { findInsertOrder } from "./insert-order.ts";
import { takenKeys } from "./staged-records.ts";
import { recordNumber } from "./staging.ts";

/** What became of staged rows. Every one that was not refused is in one of these. */
export interface WrittenRows {
  readonly inserted: number;
  readonly updated: number;
  /** In the target already. */
  readonly unchanged: number;
}

/** What became of the staged rows. */
export interface AcceptedRows extends WrittenRows {
  /** Rows in the table of refused rows, which exists only when this is over 0. */
  readonly refused: number;
}

/** Records by number, both ends included. */
export interface RecordRange {
  readonly from: number;
  readonly to: number;
}

/** All of it happens in the publishing transaction. */
export interface RowWriter {
  /**
   * Writes the rows of a range, or all, under a savepoint. Null: other sessions changed rows meanwhile, so that it has to
   * be rolled back and done again. Throws what the server says.
   */
  write(range: RecordRange | null): Promise<WrittenRows | null>;
  /** Called before the first of many ranges, after `error` of all rows; may throw that. */
  beginRanges?(error: pg.DatabaseError): Promise<void>;
  /** Whether an error of `write`, which is rolled back, comes from what other sessions did meanwhile. */
  isPassing?(error: pg.DatabaseError): Promise<boolean>;
  /** A query of the records, as column `record`, that a unique index over these columns refuses; null: it cannot be told. */
  taken(columns: readonly string[]): string | null;
  /** A query of the records that would become new rows, where not all do. */
  newRows?(): string;
  /** Whether the rows that the target has now are gone when the records come in. */
  readonly isEmptied?: true;
}

/** Rows of nothing. */
export const NO_ROWS: WrittenRows = { inserted: 0, updated: 0, unchanged: 0 };

/** Adds up what became of two lots of rows. */
export function addRows(left: WrittenRows, right: WrittenRows): WrittenRows {
  return {
    inserted: left.inserted + right.inserted,
    updated: left.updated + right.updated,
    unchanged: left.unchanged + right.unchanged,
  };
}

/** The condition that a record of `alias` is in the range; true for all. */
export function isWithin(
  plan: Pick<ImportPlan, "recordColumn">,
  range: RecordRange | null,
  alias = "s",
): string {
  return range === null
    ? "true"
    : `${alias}.${recordNumber(plan)} between ${range.from} and ${range.to}`;
}

/** The columns that the file fills, quoted, with commas between them. */
export function filledColumns({ columns }: ImportPlan): string {
  return columns.map(({ column }) => quoteName(column)).join(", ");
}

/** Every row is a new one, unless its key is taken by a row of the target or an earlier one of the file. */
export async function createSkipWriter(client: pg.Client, plan: ImportPlan): Promise<RowWriter> {
  const columns = filledColumns(plan);
  const record = recordNumber(plan);
  const byKey = await findInsertOrder(client, plan);
  // Of records with one key the first is to go in.
  const order =
    byKey === "" || byKey.endsWith(record) ? `order by ${record}` : `${byKey}, ${record}`;
  return {
    write: async (range) => {
      const rows = `from ${quoteStaging(plan.staging)} s where ${isWithin(plan, range)}`;
      const { rowCount } = await client.query(
        `insert into ${quoteTable(plan.target)} (${columns}) select ${columns} ${rows} ${order}
         on conflict do nothing`,
      );
      const inserted = rowCount ?? 0;
      const counted = await client.query<{ count: number }>(`select count(*) ${rows}`);
      return { ...NO_ROWS, inserted, unchanged: (counted.rows[0]?.count ?? 0) - inserted };
    },
    taken: () => null,
  };
}

/** Every row is a new one, for mode append. */
export async function createInsertWriter(client: pg.Client, plan: ImportPlan): Promise<RowWriter> {
  const columns = filledColumns(plan);
  const order = await findInsertOrder(client, plan);
  return {
    write: async (range) => {
      const tail =
        range === null ? order : `where ${isWithin(plan, range)} order by ${recordNumber(plan)}`;
      const { rowCount } = await client.query(
        `insert into ${quoteTable(plan.target)} (${columns})
         select ${columns} from ${quoteStaging(plan.staging)} s ${tail}`,
      );
      return { ...NO_ROWS, inserted: rowCount ?? 0 };
    },
    taken: (key) => takenKeys(plan, key),
  };
}
