/** The key by which records of an upsert are one with rows of the target. */
import { SluiceError } from "../../core/errors.ts";
import type { PlannedColumn, TargetTable } from "../../core/import-plan.ts";
import { tableLabel } from "../../core/job.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";
import { requireKey, type KeyedColumns } from "./primary-key.ts";

/**
 * The columns with those of the key required, and the key in the order of the index that it is. Errors:
 * `invalid_request` for a key that is not there or no columns, `unique_index_missing`.
 */
export function requireMatchKey(
  headers: readonly string[],
  columns: readonly PlannedColumn[],
  key: readonly string[],
  target: TargetTable,
): KeyedColumns {
  const label = tableLabel(target);
  const known = (target.uniqueKeys ?? []).map((each) => each.join(", "));
  const choice = known.length === 0 ? "" : ` ${label} has unique indexes on ${known.join("; ")}.`;
  if (key.length === 0)
    throw invalidRequest(
      "key",
      `Expected key to name the columns by which rows are updated, with mode upsert.${choice}`,
    );
  const planned = requireKey(headers, columns, key, { where: "that the file fills" });
  const index = target.uniqueKeys?.find((each) => isSameSet(each, planned.key));
  if (index !== undefined) return { columns: planned.columns, key: index };
  throw new SluiceError(
    "unique_index_missing",
    `No unique index on ${label}(${planned.key.join(", ")}): upsert needs one.${choice}` +
      ` To make one: ${createIndex(target, planned.key)}`,
    { details: { key: planned.key, statement: createIndex(target, planned.key) } },
  );
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((column) => right.includes(column));
}

/** The statement that makes the index. For people to read and run, never run by Sluice. */
function createIndex({ schema, table }: TargetTable, key: readonly string[]): string {
  return `create unique index on ${named(schema)}.${named(table)} (${key.map(named).join(", ")});`;
}

function named(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
