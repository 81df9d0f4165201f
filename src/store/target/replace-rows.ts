/**
 * Mode replace: afterwards the table has the rows of the file and no others.
 *
 * All rows are deleted, and kept for an undo, and the staged ones inserted, in the publishing transaction. Readers see the old rows until it
 * commits, and the table itself stays what it is: indexes, constraints, triggers, grants, views. Who wants to write waits
 * from the deletion to the commit, or else rows would be left that nobody has deleted.
 *
 * Where other tables refer to the rows, both are one statement: a reference is checked at its end, and holds when the file
 * has its key again. Otherwise they are two: then a table that refers to itself may do what it likes to rows that go.
 */
import pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan, TableReference } from "../../core/import-plan.ts";
import { tableLabel } from "../../core/job.ts";
import { refuseReferences } from "../../core/table-references.ts";
import { isRowError } from "../row-error.ts";
import { quoteStaging, quoteTable } from "../sql.ts";
import { findInsertOrder } from "./insert-order.ts";
import { formerName } from "./kept-rows.ts";
import { filledColumns, isWithin, NO_ROWS, type RowWriter } from "./row-writer.ts";
import { twins } from "./staged-records.ts";
import { recordNumber } from "./staging.ts";
import { listReferences } from "./table-references.ts";

/** Keeps other writers out until the end of the transaction, and returns how many rows are to go. */
export async function lockForReplacing(client: pg.Client, { target }: ImportPlan): Promise<number> {
  await client.query(`lock table ${quoteTable(target)} in share row exclusive mode`);
  const { rows } = await client.query<{ count: number }>(
    `select count(*) from ${quoteTable(target)}`,
  );
  return rows[0]?.count ?? 0;
}

/** The writer. Errors: `replace_not_possible` when a constraint was added since the job was planned. */
export async function createReplaceWriter(client: pg.Client, plan: ImportPlan): Promise<RowWriter> {
  const references = await listReferences(client, plan.target);
  refuseReferences(plan.target, references);
  const isReferredTo = references.some(({ isSelf }) => !isSelf);
  const order = await findInsertOrder(client, plan);
  const columns = filledColumns(plan);
  const target = quoteTable(plan.target);
  const rows = `select ${columns} from ${quoteStaging(plan.staging)} s`;
  const former = quoteStaging(formerName(plan));
  await client.query(
    `create table ${former} as
     select s.${recordNumber(plan)}, t.* from ${quoteStaging(plan.staging)} s, ${target} t with no data`,
  );
  const move = `gone as (delete from ${target} returning *)`;
  const keep = `insert into ${former} select row_number() over (), gone.* from gone`;
  const deleteAll = () => letGo(client, plan, `with ${move} ${keep}`);
  const insert = async (statement: string) => {
    const { rowCount } = await client.query(statement);
    return { ...NO_ROWS, inserted: rowCount ?? 0 };
  };
  return {
    write: async (range) => {
      if (range !== null)
        return insert(
          `insert into ${target} (${columns}) ${rows} where ${isWithin(plan, range)} order by ${recordNumber(plan)}`,
        );
      if (!isReferredTo) {
        await deleteAll();
        return insert(`insert into ${target} (${columns}) ${rows} ${order}`);
      }
      return unlessReferredTo(plan, references, () =>
        // The count is wanted first, so that a key is free before it comes again.
        insert(
          `with ${move}, kept as (${keep} returning 1)
           insert into ${target} (${columns}) ${rows} where (select count(*) from kept) >= 0 ${order}`,
        ),
      );
    },
    beginRanges: async (error) => {
      // One statement cannot be cut into ranges.
      if (isReferredTo) throw error;
      await deleteAll();
    },
    taken: (key) => twins(plan, key, "first"),
    isEmptied: true,
  };
}

/** Errors: `publish_refused` when the table does not let its rows go. */
async function letGo(client: pg.Client, plan: ImportPlan, statement: string): Promise<void> {
  try {
    await client.query(statement);
  } catch (error) {
    if (!isRowError(error) || !(error instanceof pg.DatabaseError)) throw error;
    throw notLetGo(plan, error);
  }
}

/** Tells an error of a row that another table still needs from one of a row that comes in. */
async function unlessReferredTo<T>(
  plan: ImportPlan,
  references: readonly TableReference[],
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const isTheirs =
      error instanceof pg.DatabaseError &&
      error.code === "23503" &&
      references.some(({ constraint, isSelf }) => !isSelf && constraint === error.constraint);
    throw isTheirs ? notLetGo(plan, error) : error;
  }
}

function notLetGo({ target }: ImportPlan, error: pg.DatabaseError): SluiceError {
  const label = tableLabel(target);
  return new SluiceError(
    "publish_refused",
    `${label} does not let its rows go: ${error.message} (SQLSTATE ${error.code}). ${label} is as it was.`,
    {
      cause: error,
      details: { sqlState: error.code ?? null, constraint: error.constraint ?? null },
    },
  );
}
