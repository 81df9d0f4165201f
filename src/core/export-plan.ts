/**
 * Everything that a runner needs to export rows without asking anybody: decided once when the job is created, kept with
 * the job, the same for every part and after every restart.
 */
import type { TableName } from "./job.ts";

/** What a result file holds. `csv` and `tsv` are quoted alike; `jsonl` has one JSON object a line. */
export const EXPORT_TYPES = ["csv", "tsv", "jsonl"] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

/** Which fields are quoted. `needed`: those that would be read in another way without; `all`: all but NULL. */
export const EXPORT_QUOTES = ["needed", "all"] as const;
/** How lines end. */
export const LINE_ENDS = ["lf", "crlf"] as const;
/** How a result file is packed. */
export const COMPRESSIONS = ["none", "gzip", "zstd"] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/**
 * How one result comes about although the job may be paused for hours.
 *
 * `keyed`: rows are read by ranges of a unique key, up to the largest key at the start. Nothing is copied. What others
 * change meanwhile is seen where the reading has not passed yet, and is not where it has.
 * `snapshot`: one statement copies the rows into a private table first, and the file is written from there. All of it is
 * of one moment. The copy takes space, and is not interrupted: a pause before it is done begins it again.
 */
export const EXPORT_METHODS = ["keyed", "snapshot"] as const;
export type ExportMethod = (typeof EXPORT_METHODS)[number];

/** What the result file looks like, decided. */
export interface ExportFormat {
  readonly type: ExportType;
  /** One character; of no account for `jsonl`. */
  readonly delimiter: string;
  readonly quotes: (typeof EXPORT_QUOTES)[number];
  /** What stands for NULL, unquoted. Texts are quoted where it is a word, so that none is taken for it or for nothing. */
  readonly nullWord: string;
  readonly hasHeader: boolean;
  readonly lineEnd: (typeof LINE_ENDS)[number];
  readonly compression: Compression;
  /** Whether formulas are made harmless and a byte order mark leads. Changes values. */
  readonly isSpreadsheetSafe: boolean;
}

/** One column of the result. */
export interface ExportColumn {
  readonly name: string;
  /** As the catalog writes it: `numeric(5,2)`. */
  readonly sqlType: string;
  /** What kind of value it is, as far as writing it depends on that. */
  readonly writtenAs: "boolean" | "number" | "time" | "json" | "text";
}

/** A column that ranges are made of, with its type for literals. */
export interface KeyColumn {
  readonly column: string;
  readonly sqlType: string;
}

/** One end of a filter by a date or number column. */
export interface RangeEnd extends KeyColumn {
  readonly value: string;
}

/**
 * A position between rows. Of a keyed export the values of the key of the last row passed, as texts; null: before the
 * first. Of a snapshot the number of the next block of the private table, in a list of one.
 */
export type ExportPosition = readonly string[] | null;

/** The rows of a part: behind `after`, up to and with `upTo`. */
export interface ExportRange {
  readonly after: ExportPosition;
  /** Null only for a part that is not known yet: part 0 of a snapshot. */
  readonly upTo: ExportPosition;
}

/** What an export will come to, before it starts. From the planner's statistics: about. */
export interface ExportEstimate {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** The first rows as texts, long ones cut, in the order of the columns; null where a value is NULL. */
export type ExportPreview = readonly (readonly (string | null)[])[];

/** Something a person should know before the start. */
export interface ExportWarning {
  readonly code:
    | "starts_again"
    | "values_changed"
    | "blank_line_is_null"
    | "more_than_last_time"
    | "reads_whole_table";
  readonly message: string;
}

/** Where the rows come from. */
export type ExportSource =
  | { readonly table: TableName; readonly sql: null }
  | { readonly table: null; readonly sql: string };

/** A job's decisions. JSON: it lives in the job row. */
export interface ExportPlan {
  readonly kind: "export";
  readonly method: ExportMethod;
  /** What the method means, for people. */
  readonly methodReason: string;
  readonly source: ExportSource;
  readonly columns: readonly ExportColumn[];
  /** A condition in SQL, checked to be no more than that. */
  readonly where: string | null;
  readonly from: RangeEnd | null;
  /** Not included. */
  readonly to: RangeEnd | null;
  /** The order of a snapshot; empty: as the database gives them. A keyed export is in the order of its key. */
  readonly orderBy: readonly string[];
  /** The unique key of a keyed export; empty for a snapshot. */
  readonly key: readonly KeyColumn[];
  /** One a part. Of a keyed export of no rows there is none. */
  readonly ranges: readonly ExportRange[];
  /** Name of the private table of a snapshot in schema `sluice`. */
  readonly staging: string | null;
  readonly format: ExportFormat;
  readonly estimate: ExportEstimate;
  /** Id that the result file gets, and the name that people see. */
  readonly resultFile: string;
  readonly fileName: string;
  readonly warnings: readonly ExportWarning[];
}

/** Bytes in the result before its first row: byte order mark, header. */
export function headOf({ format, columns }: Pick<ExportPlan, "format" | "columns">): string {
  if (format.type === "jsonl") return "";
  const mark = format.isSpreadsheetSafe ? "\uFEFF" : "";
  if (!format.hasHeader) return mark;
  const names = columns.map(({ name }) => (format.isSpreadsheetSafe ? harmless(name) : name));
  const cells = names.map((name, at) => headerCell(name, at, format));
  return `${mark}${cells.join(format.delimiter)}${format.lineEnd === "crlf" ? "\r\n" : "\n"}`;
}

/** A text that a spreadsheet would take for a formula, as a regular expression that PostgreSQL and JavaScript share. */
export const FORMULA = "^[ \u00A0\u3000]*[=+@\\-\\t\\r\\n\uFF1D\uFF0B\uFF0D\uFF20]";
/** A number, which begins with a sign and is no formula. */
export const PLAIN_NUMBER = "^[+\\-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+\\-]?[0-9]+)?$";

function harmless(text: string): string {
  const isFormula = new RegExp(FORMULA, "u").test(text) && !new RegExp(PLAIN_NUMBER).test(text);
  return isFormula ? `'${text}` : text;
}

function headerCell(
  name: string,
  at: number,
  { delimiter, quotes, nullWord }: ExportFormat,
): string {
  const isMarked = at === 0 && /^(\uFEFF|sep=)/i.test(name);
  const isNeeded =
    isMarked ||
    name === nullWord ||
    name.includes(delimiter) ||
    /["\r\n]/.test(name) ||
    name === "\\.";
  return isNeeded || quotes === "all" ? `"${name.replaceAll('"', '""')}"` : name;
}
