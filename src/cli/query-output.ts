/**
 * Where the pages of a query go: a table for people, CSV, or one JSON object. Each page is written before the next one
 * is asked for, so the memory of a page is enough for a result of any size.
 */
import { formatCount, formatCounted } from "./format.ts";
import { csvLine, rowTable } from "./row-view.ts";
import type { Output } from "./terminal/output.ts";

/** Rows that a terminal gets: more scroll away what a person wanted to see. */
const MOST_TERMINAL_ROWS = 1000;

/** Rows of a query as they come. Every page names the columns. */
interface Page {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Writes the pages of one query. */
export interface QueryOutput {
  /** Writes a page; answers whether more rows are wanted. */
  readonly receive: (page: Page) => Promise<boolean>;
  /** Writes what stands after the last row. Not called when the query fails. */
  readonly end: () => Promise<void>;
}

/** The form in which rows are written. */
export type QueryForm = "table" | "csv" | "json";

/** The output of a query in a form. Nobody reading any more ends it, as `output.closed` says. */
export function createQueryOutput(form: QueryForm, output: Output): QueryOutput {
  switch (form) {
    case "table":
      return tableOutput(output);
    case "csv":
      return csvOutput(output);
    case "json":
      return jsonOutput(output);
    default:
      return form satisfies never;
  }
}

/** Columns are aligned within each page. A terminal gets the first rows only, and is told so. */
function tableOutput(output: Output): QueryOutput {
  const columns = output.resultColumns();
  const most = columns === null ? Number.POSITIVE_INFINITY : MOST_TERMINAL_ROWS;
  let count = 0;
  let isFirst = true;
  let isCut = false;
  return {
    receive: async (page) => {
      const rows = page.rows.slice(0, most - count);
      isCut = rows.length < page.rows.length;
      const lines = rowTable({ columns: page.columns, rows }, columns);
      const shown = isFirst ? lines : lines.slice(1);
      isFirst = false;
      count += rows.length;
      if (shown.length > 0) await output.write(`${shown.join("\n")}\n`);
      return !isCut && !output.closed.aborted;
    },
    end: () => {
      output.note(
        isCut
          ? `(the first ${formatCount(count)} rows; --csv and --json write all)`
          : `(${formatCounted(count, "row")})`,
      );
      return Promise.resolve();
    },
  };
}

function csvOutput(output: Output): QueryOutput {
  let isFirst = true;
  return {
    receive: async ({ columns, rows }) => {
      const lines = (isFirst ? [columns, ...rows] : rows).map(csvLine);
      isFirst = false;
      if (lines.length > 0) await output.write(`${lines.join("\n")}\n`);
      return !output.closed.aborted;
    },
    end: () => Promise.resolve(),
  };
}

/** `{"columns":[…],"rows":[[…],…]}` on one line; a query that fails halfway leaves it open. */
function jsonOutput(output: Output): QueryOutput {
  let separator = "";
  let isFirst = true;
  return {
    receive: async ({ columns, rows }) => {
      const head = isFirst ? `{"columns":${JSON.stringify(columns)},"rows":[` : "";
      isFirst = false;
      const body = rows.map((row) => JSON.stringify(row)).join(",");
      await output.write(`${head}${body === "" ? "" : separator}${body}`);
      if (body !== "") separator = ",";
      return !output.closed.aborted;
    },
    end: () => output.write("]}\n"),
  };
}
