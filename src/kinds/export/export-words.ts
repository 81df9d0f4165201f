/** What people are told of an export before it starts. */
import type {
  ExportColumn,
  ExportEstimate,
  ExportFormat,
  ExportMethod,
  ExportWarning,
  KeyColumn,
} from "../../core/export-plan.ts";

/** This many times the rows of the last export of a table are worth a question. */
const FAR_MORE = 3;
/** Below this many rows a large share of more is nothing to ask about. */
const MANY_ROWS = 10_000;

/** What the method means while others write. */
export function methodReason(method: ExportMethod, key: readonly KeyColumn[]): string {
  if (method === "snapshot")
    return "The rows are copied into a private table first, in one statement, so all of them are of one moment, however long the file takes.";
  const names = key.map(({ column }) => column).join(", ");
  return (
    `The rows are read by ranges of the key (${names}) up to the last one at the start, and nothing is copied or locked. ` +
    "Of what others change meanwhile, the file has what the reading has not passed yet."
  );
}

/** What is worth a look. */
export function exportWarnings({
  method,
  format,
  columns,
  chosen,
  estimate,
  last,
}: {
  readonly method: ExportMethod;
  readonly format: ExportFormat;
  readonly columns: readonly (ExportColumn & { readonly isNullable: boolean })[];
  readonly chosen: readonly ExportColumn[];
  readonly estimate: ExportEstimate;
  /** Rows of the last export of the table; null for none. */
  readonly last: number | null;
}): readonly ExportWarning[] {
  const warnings: ExportWarning[] = [];
  if (last !== null && estimate.rows >= MANY_ROWS && estimate.rows > FAR_MORE * last)
    warnings.push({
      code: "more_than_last_time",
      message: `About ${count(estimate.rows)} rows, but the last export of this table had ${count(last)}. Check the filter.`,
    });
  if (method === "snapshot")
    warnings.push({
      code: "starts_again",
      message:
        "The first step, the copy, cannot be continued after a pause or a restart: it starts again. From then on the export continues exactly where it was.",
    });
  if (format.isSpreadsheetSafe)
    warnings.push({
      code: "values_changed",
      message:
        "Texts that a spreadsheet would take for a formula get a ' in front, and a byte order mark leads the file: reading it back gives other values.",
    });
  const [only] = chosen;
  const isNullable = columns.some(({ name, isNullable: may }) => may && name === only?.name);
  if (chosen.length === 1 && isNullable && format.type !== "jsonl" && format.nullWord === "")
    warnings.push({
      code: "blank_line_is_null",
      message:
        'NULL is a blank line here, which most readers skip. Give NULL a word (format.null), or read the file back with blankLines "null".',
    });
  return warnings;
}

function count(rows: number): string {
  return Math.round(rows)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}
