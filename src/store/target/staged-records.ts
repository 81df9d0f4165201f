/** Queries of staged records that a target refuses, as column `record`. */
import type { ImportPlan } from "../../core/import-plan.ts";
import { quoteName, quoteStaging, quoteTable } from "../sql.ts";
import type { ForeignKey } from "./constraints.ts";
import { recordNumber } from "./staging.ts";

/** Records for which a condition over the staged row `s` holds. */
export function recordsWhere(plan: ImportPlan, condition: string): string {
  return `select s.${recordNumber(plan)} as record from ${quoteStaging(plan.staging)} s where ${condition}`;
}

function notNull(alias: string, columns: readonly string[]): string {
  return columns.map((column) => `${alias}.${quoteName(column)} is not null`).join(" and ");
}

/** The condition that the staged row `s` has in `columns` what `others` are. */
function equal(others: readonly string[], columns: readonly string[]): string {
  return columns.map((column, index) => `${others[index]} = s.${quoteName(column)}`).join(" and ");
}

/** The condition that the row `t` of the target and the staged row `s` agree in columns. */
export function isSameKey(columns: readonly string[]): string {
  return equal(
    columns.map((column) => `t.${quoteName(column)}`),
    columns,
  );
}

/** Records whose key is in the target, and all but the first of those that share one. */
export function takenKeys(plan: ImportPlan, columns: readonly string[]): string {
  return `${twins(plan, columns, "first")}
    union
    select s.${recordNumber(plan)} from ${quoteStaging(plan.staging)} s
    join ${quoteTable(plan.target)} t on ${isSameKey(columns)}`;
}

/** All but one of the records that share a key. */
export function twins(
  plan: ImportPlan,
  columns: readonly string[],
  kept: "first" | "last",
): string {
  const record = recordNumber(plan);
  const keys = columns.map(quoteName).join(", ");
  const direction = kept === "first" ? "" : " desc";
  return `select ranked.record from (
      select s.${record} as record,
        row_number() over (partition by ${keys} order by s.${record}${direction}) as place
      from ${quoteStaging(plan.staging)} s where ${notNull("s", columns)}
    ) ranked where ranked.place > 1`;
}

interface ReferenceRules {
  /** Whether the file fills columns. */
  readonly isStaged: (columns: readonly string[]) => boolean;
  readonly isEmptied: true | undefined;
}

/**
 * Records that refer to nothing: not in the table referred to and, when that is the target itself, not in the file. An
 * `isEmptied` target has nothing but the file.
 */
export function brokenReferences(
  plan: ImportPlan,
  { columns, referenced, referencedColumns }: ForeignKey,
  { isStaged, isEmptied }: ReferenceRules,
): string {
  const other = referencedColumns.map((column) => `r.${quoteName(column)}`);
  const isSelf = quoteTable(referenced) === quoteTable(plan.target) && isStaged(referencedColumns);
  const places = [
    ...(isSelf && isEmptied === true ? [] : [quoteTable(referenced)]),
    ...(isSelf ? [quoteStaging(plan.staging)] : []),
  ];
  const absent = places.map(
    (place) => `not exists (select from ${place} r where ${equal(other, columns)})`,
  );
  return recordsWhere(plan, [notNull("s", columns), ...absent].join(" and "));
}
