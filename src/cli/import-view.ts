/** What an import is going to do, before it starts: the file, the target and each column. */
import type { FileView, PlanView } from "../client/index.ts";
import { formatBytes, formatCounted } from "./format.ts";
import { offerLines } from "./offer-lines.ts";
import type { Style } from "./terminal/style.ts";
import { printable, textWidth } from "./terminal/text.ts";

const MOST_COLUMN_LINES = 8;
const SEPARATOR = " · ";

const CHARACTER_NAMES: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "pipe",
  ":": "colon",
  " ": "space",
};

/** The lines that show an import before its start: file, target with columns, warnings. */
export function importLines(
  file: FileView,
  plan: PlanView,
  view: { readonly columns: number; readonly style: Style; readonly hasHeader: boolean },
): readonly string[] {
  return [
    fileLine(file, plan.reading, view.hasHeader),
    ...targetLines(plan, view.columns),
    ...plan.warnings.map((warning) => `${view.style("warn", "!")} ${printable(warning.message)}`),
    ...offerLines(plan.columns, view.style),
  ];
}

function fileLine(file: FileView, reading: PlanView["reading"], hasHeader: boolean): string {
  return `${printable(file.name)}   ${formatBytes(file.bytes)}, ${readingWords(reading, hasHeader)}`;
}

/** How a file is read, in a few words: `comma, UTF-8, with a header`. */
export function readingWords(reading: PlanView["reading"], hasHeader: boolean): string {
  const delimiter =
    CHARACTER_NAMES[reading.delimiter] ?? `delimiter ${printable(reading.delimiter)}`;
  const header = hasHeader ? "with a header" : "without a header";
  return `${delimiter}, ${reading.encoding.toUpperCase()}, ${header}`;
}

const PURPOSES: Readonly<Record<PlanView["mode"], string>> = {
  create: "new table",
  append: "more rows for table",
  upsert: "changed and new rows for table",
  replace: "instead of the rows of table",
};

function targetLines(plan: PlanView, columns: number): readonly string[] {
  const table = printable(plan.table);
  const head = `→ ${PURPOSES[plan.mode]} ${table}   `;
  const cells = plan.columns.map(columnCell);
  const lines: string[] = [];
  let line = head;
  let isEmpty = true;
  for (const [index, cell] of cells.entries()) {
    const next = isEmpty ? `${line}${cell}` : `${line}${SEPARATOR}${cell}`;
    if (isEmpty || textWidth(next) < columns) {
      line = next;
      isEmpty = false;
      continue;
    }
    lines.push(line);
    if (lines.length === MOST_COLUMN_LINES)
      return [
        ...lines,
        `  and ${formatCounted(cells.length - index, "more column")}`,
        ...keyLine(plan),
      ];
    line = `  ${cell}`;
  }
  return [...lines, line, ...keyLine(plan)];
}

function keyLine({ key, mode }: PlanView): readonly string[] {
  const what = mode === "upsert" ? "rows are matched by" : "primary key";
  return key.length === 0 ? [] : [`  ${what} ${key.map(printable).join(", ")}`];
}

/** Reasons that say nothing beyond the type itself. */
const PLAIN_REASON = /^(declared|from the table|text\b)/;

function columnCell(column: PlanView["columns"][number]): string {
  const name = printable(column.column);
  const isSameName = column.header.trim().toLowerCase() === column.column.toLowerCase();
  const from = isSameName ? "" : ` ← ${printable(column.header.trim()) || "(empty)"}`;
  const isTextForReason = column.type === "text" && !PLAIN_REASON.test(column.reason);
  const reason = isTextForReason ? ` (${printable(column.reason)})` : "";
  return `${name} ${column.sqlType}${reason}${from}`;
}
