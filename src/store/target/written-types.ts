/**
 * Whether a table still has the types by which a job writes its rows. COPY in binary does not look at them: the eight
 * bytes of a bigint are a double precision too, of another value.
 */
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import { tableLabel } from "../../core/job.ts";
import { messageOf } from "../../core/message-of.ts";
import { isConnectionLoss, sqlStateOf } from "../connect.ts";
import { quoteText } from "../sql.ts";
import { writtenTable } from "./staging.ts";

/** What the statement of `checkTypes` raises. */
const TYPE_CHANGED = "SL005";
/** 0A: not possible with such a relation; 25006: read only; 42: no such table, column or right; 55000: not so now. */
const TARGET_STATES = /^(0A000|25006|42...|55000)$/;

/**
 * A statement that ends the transaction when a column has another type than the plan says. Sure behind a COPY, which
 * holds the lock that keeps types as they are. Types of extensions and users are not compared: how they are spelled
 * depends on the search path.
 */
export function checkTypes(plan: ImportPlan): string {
  const names = plan.columns.map(({ column }) => quoteText(column)).join(", ");
  const types = plan.columns.map(({ sqlType }) => quoteText(sqlType)).join(", ");
  return `do ${quoteText(`declare changed text;
begin
  select format('Column %s is %s now, and was %s when the job began', w.name, format_type(a.atttypid, a.atttypmod), w.type)
    into changed
    from unnest(array[${names}], array[${types}]) w(name, type)
    join pg_attribute a on a.attrelid = ${quoteText(writtenTable(plan))}::regclass and a.attname = w.name
    join pg_type t on t.oid = a.atttypid and t.typnamespace = 'pg_catalog'::regnamespace
    where format_type(a.atttypid, a.atttypmod) <> w.type limit 1;
  if found then raise exception '%', changed using errcode = '${TYPE_CHANGED}'; end if;
end`)}`;
}

/** Puts into words that the table of a direct job is not what it was: dropped, altered, not to be written any more. */
export function directError(error: unknown, plan: ImportPlan): unknown {
  const state = sqlStateOf(error);
  if (state === null || isConnectionLoss(error)) return error;
  const label = tableLabel(plan.target);
  const said =
    state === TYPE_CHANGED
      ? `${label} was altered: ${messageOf(error)}.`
      : TARGET_STATES.test(state)
        ? `${label} refused the rows: ${messageOf(error)} (SQLSTATE ${state}).`
        : null;
  if (said === null) return error;
  return new SluiceError(
    "rows_refused",
    `${said} What was committed before is as it was; nothing more was written.`,
    { cause: error },
  );
}
