/** Plans the columns of a new table: names from the headers, types from the request or the sample. */
import { SluiceError } from "../../core/errors.ts";
import type { PlannedColumn } from "../../core/import-plan.ts";
import type { ImportRequest } from "../../core/job.ts";
import type { ReadingOptions } from "../../core/reading-options.ts";
import { columnNames, safeName } from "../../csv/column-name.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";
import { DECLARABLE_TYPES, parseDeclaredType, type SqlType } from "../../csv/sql-type.ts";
import { findField, requestedColumns } from "./column-requests.ts";
import { declaredFormats, withSpelling, type DeclaredFormat } from "./declared-spellings.ts";
import type { GivenType, SampledColumn } from "./column-facts.ts";

/** The columns of a new table before its values are looked at. */
export interface NewColumns {
  /** What is known of each field. */
  readonly given: readonly GivenType[];
  /** The columns in the order of the file; those that are open get the type that `sampled` shows. */
  finish(sampled: readonly SampledColumn[]): readonly PlannedColumn[];
}

/**
 * Names the columns and takes the types that are declared. Errors: `invalid_request` for requests that fit no column or
 * name no known type, `mapping_ambiguous` when two headers are given the same name, or one is given a name that another
 * has by itself.
 */
export function planNewColumns(
  headers: readonly string[],
  request: Pick<ImportRequest, "columns" | "types" | "reading">,
): NewColumns {
  const { reading = {} } = request;
  const requested = requestedColumns(headers, request.columns);
  refuseTaken(headers, requested);
  const names = columnNames(headers, requested);
  refuseTwins(headers, names);
  const types = requestedTypes(headers, names, request.types);
  const formats = declaredFormats(headers, names, reading);
  const given = names.map((name, field) => {
    if (name === null) return "left out";
    const isFormatted = types.get(field) === undefined && formats.has(field);
    return isFormatted ? "timestamp" : (types.get(field)?.type ?? null);
  });
  return {
    given,
    finish: (sampled) =>
      headers.flatMap((header, field) => {
        const column = names[field];
        if (column === undefined || column === null) return [];
        const format = formats.get(field);
        const chosen = chooseType(sampled[field], types.get(field), format, reading);
        const planned = { field, header, column, ...chosen, isRequired: false };
        return [withSpelling(planned, reading, format)];
      }),
  };
}

/** Declared types win, then what a declared format says, then what the sample shows. */
function chooseType(
  sampled: SampledColumn | undefined,
  declared: SqlType | undefined,
  format: DeclaredFormat | undefined,
  { timeZone }: ReadingOptions,
): Pick<PlannedColumn, "type" | "sqlType" | "reason" | "offers"> {
  if (declared !== undefined)
    return { type: declared.type, sqlType: declared.sqlType, reason: "declared" };
  if (format !== undefined) {
    const time = timeZone === undefined ? "timestamp" : "timestamptz";
    const type = format.hasTime ? time : "date";
    return { type, sqlType: type, reason: `declared as ${format.text}` };
  }
  if (sampled === undefined) return { type: "text", sqlType: "text", reason: "not in the sample" };
  const { type, reason, offers } = sampled;
  return { type, sqlType: type, reason, ...(offers.length === 0 ? {} : { offers }) };
}

/** A name that somebody asked for is not shared by renaming the header that would have had it. */
function refuseTaken(
  headers: readonly string[],
  requested: ReadonlyMap<number, string | null>,
): void {
  for (const [field, name] of requested)
    for (const [other, header] of headers.entries())
      if (name !== null && !requested.has(other) && safeName(header) === name.toLowerCase())
        throw twoHeaders(name, headers[Math.min(field, other)], headers[Math.max(field, other)]);
}

function refuseTwins(headers: readonly string[], names: readonly (string | null)[]): void {
  for (const [field, name] of names.entries()) {
    const other = name === null ? -1 : names.indexOf(name, field + 1);
    if (other < 0) continue;
    if (name !== null) throw twoHeaders(name, headers[field], headers[other]);
  }
}

function twoHeaders(
  column: string,
  first: string | undefined,
  second: string | undefined,
): SluiceError {
  return new SluiceError(
    "mapping_ambiguous",
    `Expected one header for the column ${JSON.stringify(column)}, got ${JSON.stringify(first)} and ${JSON.stringify(second)}.`,
    { details: { column } },
  );
}

/** Declared types by field. A key is the column's name, its header, or its number as `#3`. */
function requestedTypes(
  headers: readonly string[],
  names: readonly (string | null)[],
  types: ImportRequest["types"] = {},
): ReadonlyMap<number, SqlType> {
  const requested = new Map<number, SqlType>();
  for (const [key, text] of Object.entries(types)) {
    const byName = names.indexOf(key);
    const field = byName >= 0 ? byName : findField(headers, key, "types");
    if (field < 0 || names[field] === null)
      throw invalidRequest(
        "types",
        `Expected the name of a column of the new table, got ${JSON.stringify(key)}.`,
      );
    if (requested.has(field))
      throw invalidRequest(
        "types",
        `Expected one type for column ${field + 1}, got another by ${JSON.stringify(key)}.`,
      );
    const type = parseDeclaredType(text);
    if (type === null)
      throw invalidRequest(
        "types",
        `Expected a type for ${JSON.stringify(key)} out of ${DECLARABLE_TYPES.join(", ")}; got ${JSON.stringify(text.slice(0, 80))}.`,
      );
    requested.set(field, type);
  }
  return requested;
}
