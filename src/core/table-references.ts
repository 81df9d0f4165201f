/** What other tables do when rows of one are deleted, and whether all of its rows may be replaced. */
import { SluiceError } from "./errors.ts";
import type { TableReference } from "./import-plan.ts";
import { tableLabel, type TableName } from "./job.ts";

/** Actions that change or delete rows which refer to one that is deleted. */
const CHANGING: Readonly<Partial<Record<TableReference["onDelete"], string>>> = {
  cascade: "would be deleted with them",
  "set null": "would lose what they refer to",
  "set default": "would lose what they refer to",
};

/** Errors: `replace_not_possible` when rows of other tables, or ones that have come in already, would change or go. */
export function refuseReferences(target: TableName, references: readonly TableReference[]): void {
  const isReferredTo = references.some(({ isSelf }) => !isSelf);
  const changing = references.find(
    ({ onDelete, isSelf }) => CHANGING[onDelete] !== undefined && (!isSelf || isReferredTo),
  );
  if (changing === undefined) return;
  const label = tableLabel(target);
  throw new SluiceError(
    "replace_not_possible",
    `Rows of ${changing.table} refer to rows of ${label} and ${CHANGING[changing.onDelete]} ` +
      `(${changing.constraint}, on delete ${changing.onDelete}). Nothing was changed.`,
    { details: { constraint: changing.constraint, table: changing.table } },
  );
}
