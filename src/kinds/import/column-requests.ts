/** Finds out which columns of a file a request speaks of, by header text or by `#3` for the third. */
import { isPossibleName, isSystemColumn, MAX_NAME_BYTES } from "../../csv/column-name.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";

/**
 * The field, from 0, that `key` names: the one whose header is exactly `key`, or `#N`; -1 when there is none. Errors:
 * `invalid_request` when two headers fit. `source` is the name of the request's field, for messages.
 */
export function findField(headers: readonly string[], key: string, source: string): number {
  const first = headers.indexOf(key);
  if (first >= 0 && headers.includes(key, first + 1))
    throw invalidRequest(
      source,
      `Expected ${JSON.stringify(key)} to name one column, but more than one has this header. Say which by its number: "#${first + 1}".`,
    );
  if (first >= 0) return first;
  const number = /^#([1-9]\d{0,4})$/.exec(key)?.[1];
  const field = number === undefined ? -1 : Number(number) - 1;
  return field < headers.length ? field : -1;
}

/**
 * What `columns` of a request says, by field: a column's name, or null to leave the field out. Errors:
 * `invalid_request` for keys that name no column or the same twice, and for names that no table takes.
 */
export function requestedColumns(
  headers: readonly string[],
  columns: Readonly<Record<string, string | null>> = {},
): ReadonlyMap<number, string | null> {
  const requested = new Map<number, string | null>();
  for (const [key, name] of Object.entries(columns)) {
    const field = findField(headers, key, "columns");
    if (field < 0)
      throw invalidRequest(
        "columns",
        `Expected a header of the file or a number like "#3", got ${JSON.stringify(key)}. The file has ${headers.length} ${headers.length === 1 ? "column" : "columns"}.`,
      );
    if (requested.has(field))
      throw invalidRequest(
        "columns",
        `Expected column ${field + 1} once, got it again as ${JSON.stringify(key)}.`,
      );
    if (name !== null) checkColumnName(name);
    requested.set(field, name);
  }
  return requested;
}

function checkColumnName(name: string): void {
  if (isPossibleName(name) && !isSystemColumn(name)) return;
  throw invalidRequest(
    "columns",
    `Expected a column name of 1 to ${MAX_NAME_BYTES} bytes that PostgreSQL does not use itself, got ${JSON.stringify(name.slice(0, 80))}.`,
  );
}
