/** The columns of a key: the primary key that a new table is to get, or what rows are matched by. */
import type { PlannedColumn } from "../../core/import-plan.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";
import { findField } from "./column-requests.ts";

/** PostgreSQL's limit of columns in an index. */
const MOST_KEY_COLUMNS = 32;

/** Columns with the key among them. */
export interface KeyedColumns {
  /** Those of the key need a value. */
  readonly columns: readonly PlannedColumn[];
  /** Names of the key's columns, in the order of the request. */
  readonly key: readonly string[];
}

/**
 * Finds the columns of `key` of a request, and makes them required. Each entry is a column's name, its header, or its
 * number as `#3`. `where` says which columns there are. Errors: `invalid_request` for what is no column, comes twice, or
 * has a type that no index can order.
 */
export function requireKey(
  headers: readonly string[],
  columns: readonly PlannedColumn[],
  key: readonly string[],
  { where = "of the new table" }: { readonly where?: string } = {},
): KeyedColumns {
  if (key.length > MOST_KEY_COLUMNS)
    throw invalidRequest(
      "key",
      `Expected at most ${MOST_KEY_COLUMNS} columns in the key, got ${key.length}.`,
    );
  const keyed = key.map((name) => keyColumn(headers, columns, name, where));
  const twin = keyed.find((column, index) => keyed.indexOf(column) < index);
  if (twin !== undefined)
    throw invalidRequest("key", `Expected each column of the key once, got ${twin.column} again.`);
  return {
    columns: columns.map((column) =>
      keyed.includes(column) ? { ...column, isRequired: true } : column,
    ),
    key: keyed.map(({ column }) => column),
  };
}

function keyColumn(
  headers: readonly string[],
  columns: readonly PlannedColumn[],
  name: string,
  where: string,
): PlannedColumn {
  const field = findField(headers, name, "key");
  const column =
    columns.find((planned) => planned.column === name) ??
    columns.find((planned) => planned.field === field);
  if (column === undefined)
    throw invalidRequest(
      "key",
      `Expected the name of a column ${where}, got ${JSON.stringify(name)}.`,
    );
  if (column.type === "json")
    throw invalidRequest(
      "key",
      `Expected a type that can be a key for ${column.column}, but it is json. Take jsonb or text.`,
    );
  return column;
}
