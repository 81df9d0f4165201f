/** Rows of a query as an aligned table and as CSV. */
import { renderTable } from "./terminal/table.ts";
import { printable } from "./terminal/text.ts";

interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const NUMBER_PATTERN = /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$|^NaN$|^[-+]?Infinity$/;

/** The rows as a table; columns that hold numbers alone stand to the right. NULL is `∅`. */
export function rowTable(result: Rows, columns: number | null): readonly string[] {
  const header = result.columns.map((title, index) => {
    const cells = result.rows.map((row) => row[index] ?? null).filter((cell) => cell !== null);
    const isNumeric = cells.length > 0 && cells.every((cell) => NUMBER_PATTERN.test(cell));
    return {
      title: printable(title),
      align: isNumeric ? ("right" as const) : ("left" as const),
      isFlexible: !isNumeric,
    };
  });
  const rows = result.rows.map((row) => row.map((cell) => (cell === null ? "∅" : printable(cell))));
  return renderTable(header, rows, columns);
}

/** One row as CSV without its line end. NULL is an empty field, an empty text `""`. */
export function csvLine(row: readonly (string | null)[]): string {
  return row.map(csvField).join(",");
}

function csvField(cell: string | null): string {
  if (cell === null) return "";
  return cell === "" || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
