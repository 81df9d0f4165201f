/** What looking at a file says, for people: how it is read, its columns, its first rows, and what is wrong with it. */
import type { InspectionView } from "../client/index.ts";
import { formatBytes, formatCount, formatCounted } from "./format.ts";
import { readingWords } from "./import-view.ts";
import { offerLines } from "./offer-lines.ts";
import { rowTable } from "./row-view.ts";
import type { Style } from "./terminal/style.ts";
import { renderTable } from "./terminal/table.ts";
import { clipText, printable } from "./terminal/text.ts";

/** How it is shown. */
export interface InspectionLook {
  readonly style: Style;
  /** Width of the terminal; null where nothing is cut. */
  readonly columns: number | null;
  readonly hasHeader: boolean;
}

const SHOWN_ROWS = 5;
const SHOWN_PROBLEMS = 10;
const LONGEST_EXAMPLES = 40;

/** The lines of an inspection. */
export function inspectionLines(view: InspectionView, look: InspectionLook): readonly string[] {
  return [
    ...fileLines(view, look),
    "",
    ...columnLines(view, look),
    "",
    ...rowLines(view, look),
    ...problemLines(view, look),
    ...view.warnings.map((warning) => `${look.style("warn", "!")} ${printable(warning.message)}`),
    ...offerLines(view.columns, look.style),
  ];
}

function fileLines(view: InspectionView, { hasHeader }: InspectionLook): readonly string[] {
  const { reading, packing, sourceBytes, survey } = view;
  const packed = packing === null ? "" : `, ${packing} of ${formatBytes(sourceBytes)}`;
  const escape =
    reading.escape === reading.quote ? "" : `, escaped with ${printable(reading.escape)}`;
  return [
    `${printable(view.name)}   ${formatBytes(view.bytes)}${packed}, ${readingWords(reading, hasHeader)}`,
    `  encoding   ${reading.encoding}: ${reading.encodingReason}`,
    `  delimiter  ${printable(JSON.stringify(reading.delimiter))}: ${reading.delimiterReason}`,
    `  quote      ${printable(reading.quote)}${escape}`,
    `  line ends  ${lineEnds(survey.lineEnds)}`,
    `  rows       from line ${reading.firstRecordLine} on`,
  ];
}

function lineEnds({ lf, crlf, cr }: InspectionView["survey"]["lineEnds"]): string {
  const kinds = [
    ["LF", lf],
    ["CRLF", crlf],
    ["CR", cr],
  ] as const;
  const found = kinds.filter(([, count]) => count > 0);
  if (found.length === 0) return "none";
  if (found.length === 1) return found[0]?.[0] ?? "";
  return found.map(([name, count]) => `${name} (${formatCount(count)})`).join(", ");
}

function columnLines(view: InspectionView, { columns }: InspectionLook): readonly string[] {
  const rows = view.columns.map((column) => [
    String(column.number),
    printable(column.header),
    printable(column.column),
    column.sqlType,
    printable(column.reason),
    clipText(column.examples.map(printable).join(" · "), LONGEST_EXAMPLES),
  ]);
  const header = [
    { title: "#", align: "right" as const },
    { title: "Header", isFlexible: true },
    { title: "Column", isFlexible: true },
    { title: "Type" },
    { title: "Why", isFlexible: true },
    { title: "Examples", isFlexible: true },
  ];
  return renderTable(header, rows, columns);
}

function rowLines(view: InspectionView, { columns }: InspectionLook): readonly string[] {
  if (view.sample.length === 0) return [];
  const rows = view.sample
    .slice(0, SHOWN_ROWS)
    .map((record) => view.columns.map(({ number }) => record[number - 1] ?? ""));
  const names = view.columns.map(({ column }) => column);
  return [`First rows:`, ...rowTable({ columns: names, rows }, columns), ""];
}

function problemLines(view: InspectionView, { style, columns }: InspectionLook): readonly string[] {
  const { survey, problems } = view;
  const part = survey.isWhole
    ? `Read all ${formatCounted(survey.recordsRead, "row")}`
    : `Read ${formatCounted(survey.recordsRead, "row")} (${formatBytes(survey.bytesRead)} of ${formatBytes(view.sourceBytes)})`;
  const more = survey.isWhole || survey.failure !== null ? "" : "   --all reads the rest";
  const lines =
    survey.recordsRejected === 0
      ? [`${style("ok", "✓")} ${part}: none would be rejected.${more}`]
      : [
          `${style("warn", "!")} ${part}: ${formatCount(survey.recordsRejected)} would be rejected (${codeCounts(survey.rejectedByCode)}).${more}`,
        ];
  for (const { line, column, message, code } of problems.slice(0, SHOWN_PROBLEMS)) {
    const text = `  line ${formatCount(line)}   ${column === null ? "" : `${printable(column)}: `}${printable(message)} (${code})`;
    lines.push(columns === null ? text : clipText(text, columns));
  }
  const rest = survey.recordsRejected - Math.min(problems.length, SHOWN_PROBLEMS);
  if (rest > 0) lines.push(`  and ${formatCount(rest)} more`);
  if (survey.failure !== null)
    lines.push(
      `${style("bad", "✗")} ${printable(survey.failure.message)} (${survey.failure.code})`,
      `  ${survey.failure.advice}`,
    );
  return lines;
}

function codeCounts(counts: InspectionView["survey"]["rejectedByCode"]): string {
  return Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([code, count]) => `${formatCount(count)} ${code}`)
    .join(" · ");
}
