/** Records that user code emits, as lines of CSV: comma, LF, UTF-8, quotes where a value needs them. */
import { types } from "node:util";

/** Collects the lines of one batch. */
export interface OutputLines {
  /** Adds a record. Throws a `TypeError` for a name that is no column, and for a value that has no text. */
  add(record: unknown): void;
  readonly rows: number;
  bytes(): Uint8Array;
}

/** Lines with these columns, in their order. */
export function createOutputLines(columns: readonly string[]): OutputLines {
  const known = new Set(columns);
  const lines: string[] = [];

  function add(record: unknown): void {
    if (typeof record !== "object" || record === null)
      throw new TypeError("Expected ctx.emit to be given an object by column name.");
    const values = record as Readonly<Record<string, unknown>>; // any object can be asked for any key
    for (const key of Object.keys(values))
      if (!known.has(key))
        throw new TypeError(
          `Expected ctx.emit to be given the columns ${columns.join(", ")}, got \`${key}\`.`,
        );
    const cells = columns.map((column) =>
      Object.hasOwn(values, column) ? cell(column, values[column]) : "",
    );
    const line = cells.join(",");
    // An empty line would not be read as a record.
    lines.push(line === "" ? '""\n' : `${line}\n`);
  }

  return {
    add,
    get rows() {
      return lines.length;
    },
    bytes: () => Buffer.from(lines.join("")),
  };
}

function cell(column: string, value: unknown): string {
  const text = textOf(column, value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textOf(column: string, value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "undefined":
      return "";
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      if (value === null) return "";
      if (types.isDate(value)) return value.toISOString();
      break;
    case "function":
    case "symbol":
      break;
  }
  throw new TypeError(
    `Expected ctx.emit to be given text, a number, true or false, a date or null in \`${column}\`, got ${Array.isArray(value) ? "a list" : `a value of type ${typeof value}`}.`,
  );
}
