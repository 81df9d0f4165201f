/** Plans the columns of an existing table: finds the column of each header, and refuses what is left open. */
import { SluiceError } from "../../core/errors.ts";
import type { PlannedColumn, TargetColumn, TargetTable } from "../../core/import-plan.ts";
import { tableLabel, type ImportRequest } from "../../core/job.ts";
import { safeName } from "../../csv/column-name.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";
import { typeOfColumn } from "../../csv/sql-type.ts";
import { requestedColumns } from "./column-requests.ts";
import { declaredFormats, withSpelling } from "./declared-spellings.ts";

/** The ways in which a header can fit a column, the closest first. */
const WAYS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toLowerCase(),
  safeName,
];

/**
 * The columns in the order of the file. A header fits a column by its exact name, then in any case, then by the rule
 * that names the columns of new tables; what is asked for in `columns` wins. Errors: `column_unmapped` naming every
 * header without a column, `mapping_ambiguous`, `column_not_writable`, `required_column_missing`, `invalid_request`.
 */
export function planExistingColumns(
  headers: readonly string[],
  request: Pick<ImportRequest, "columns" | "types" | "reading" | "mode">,
  target: TargetTable,
): readonly PlannedColumn[] {
  const { reading = {} } = request;
  if (Object.keys(request.types ?? {}).length > 0)
    throw invalidRequest(
      "types",
      `Expected no types, because ${tableLabel(target)} exists and its own types hold.`,
    );
  const columns = matchColumns(headers, request, target);
  refuseTwins(headers, columns);
  // Rows that are there keep the values that they have.
  if (request.mode !== "upsert") refuseMissing(columns, target);
  const names = columns.map((column) => column?.name ?? null);
  const formats = declaredFormats(headers, names, reading);
  return headers.flatMap((header, field) => {
    const column = columns[field];
    if (column === undefined || column === null) return [];
    if (!column.isWritable) throw notWritable(header, column);
    return [withSpelling(toPlanned(field, header, column), reading, formats.get(field))];
  });
}

function toPlanned(field: number, header: string, column: TargetColumn): PlannedColumn {
  const { sqlType, baseType, labels, isRequired } = column;
  const known = {
    sqlType,
    ...(baseType === undefined ? {} : { checkedAs: baseType }),
    ...(labels === undefined ? {} : { labels }),
  };
  const { type, isText: isTextByName } = typeOfColumn(known);
  // Of a type that is not known by its name the catalog says whether it is a text.
  const isTold = type === "text" && column.isText !== undefined && column.isText !== isTextByName;
  return {
    field,
    header,
    column: column.name,
    type,
    ...known,
    ...(isTold ? { isText: column.isText } : {}),
    isRequired,
    reason: baseType === undefined ? "from the table" : `from the table, a domain over ${baseType}`,
  };
}

function matchColumns(
  headers: readonly string[],
  request: Pick<ImportRequest, "columns">,
  target: TargetTable,
): readonly (TargetColumn | null)[] {
  const requested = requestedColumns(headers, request.columns);
  const unmapped: string[] = [];
  const columns = headers.map((header, field) => {
    const asked = requested.get(field);
    if (asked === null) return null;
    const found =
      asked === undefined
        ? findColumn(target, header)
        : target.columns.find(({ name }) => name === asked);
    if (found === undefined) unmapped.push(asked ?? header);
    return found ?? null;
  });
  if (unmapped.length === 0) return columns;
  const list = unmapped.map((header) => JSON.stringify(header)).join(", ");
  const names = target.columns.map(({ name }) => name).join(", ");
  throw new SluiceError(
    "column_unmapped",
    `Expected a column of ${tableLabel(target)} for each header, found none for ${list}. The table has ${names}.`,
    { details: { headers: unmapped } },
  );
}

function findColumn(target: TargetTable, header: string): TargetColumn | undefined {
  for (const spell of WAYS) {
    const wanted = spell(header);
    const fitting = target.columns.filter(({ name }) => wanted !== "" && spell(name) === wanted);
    if (fitting.length === 1) return fitting[0];
    if (fitting.length > 1)
      throw new SluiceError(
        "mapping_ambiguous",
        `Expected one column for the header ${JSON.stringify(header)}, but ${fitting.map(({ name }) => name).join(" and ")} fit.`,
        { details: { header } },
      );
  }
  return undefined;
}

function refuseTwins(headers: readonly string[], columns: readonly (TargetColumn | null)[]): void {
  for (const [field, column] of columns.entries()) {
    const other = column === null ? -1 : columns.indexOf(column, field + 1);
    if (other < 0) continue;
    throw new SluiceError(
      "mapping_ambiguous",
      `Expected one header for the column ${column?.name}, got ${JSON.stringify(headers[field])} and ${JSON.stringify(headers[other])}.`,
      { details: { column: column?.name } },
    );
  }
}

/** The columns that a new row of the target needs a value for and that are not among `filled`. */
export function missingColumns(target: TargetTable, filled: readonly string[]): readonly string[] {
  const missing = target.columns.filter(
    ({ name, isRequired, isWritable, hasDefault }) =>
      isRequired && isWritable && !hasDefault && !filled.includes(name),
  );
  return missing.map(({ name }) => name);
}

function refuseMissing(columns: readonly (TargetColumn | null)[], target: TargetTable): void {
  const names = missingColumns(
    target,
    columns.flatMap((column) => column?.name ?? []),
  );
  if (names.length === 0) return;
  throw new SluiceError(
    "required_column_missing",
    `Expected a header for ${names.join(", ")}: the table ${tableLabel(target)} needs a value there.`,
    { details: { columns: names } },
  );
}

function notWritable(header: string, column: TargetColumn): SluiceError {
  return new SluiceError(
    "column_not_writable",
    `The header ${JSON.stringify(header)} fits the column ${column.name}, which the database computes itself.`,
    { details: { column: column.name } },
  );
}
