/** What a dry run has found out, as people read it. */
import type { ImportJobView, JobView } from "../client/index.ts";
import { formatCount, formatCounted } from "./format.ts";
import { tableOf } from "./job-facts.ts";
import { padText, printable, textWidth } from "./terminal/text.ts";

/** Rows that are shown; `--json` has all that were kept. */
const SHOWN_ROWS = 10;
const SHOWN_COLUMNS = 4;

type Outcome = NonNullable<NonNullable<ImportJobView["result"]>["dryRun"]>;
type Change = Outcome["changes"][number];

/** Whether a dry run has told what it would do. */
export function isDoneDryRun(job: JobView): boolean {
  return outcomeOf(job) !== null;
}

function outcomeOf(job: JobView): Outcome | null {
  return job.kind === "import" && job.state === "succeeded" ? (job.result?.dryRun ?? null) : null;
}

/** What would become of the table: `would add 12,000 · change 340 · leave 88,000 unchanged · reject 12`. */
export function dryRunLine(job: ImportJobView): string {
  const outcome = outcomeOf(job);
  const parts = outcome === null ? [] : partsOf(job, outcome);
  return `Dry run: ${tableOf(job)} ${job.mode === "create" ? "was not made" : "is as it was"}. It would ${parts.join(" · ")}`;
}

function partsOf(
  { mode, onConflict, progress }: ImportJobView,
  { rowsInserted, rowsUpdated, rowsUnchanged, rowsReplaced }: Outcome,
): readonly string[] {
  const hasUnchanged = mode === "upsert" || onConflict === "skip";
  return [
    `add ${formatCounted(rowsInserted, "row")}`,
    ...(mode === "upsert" ? [`change ${formatCount(rowsUpdated)}`] : []),
    ...(hasUnchanged ? [`leave ${formatCount(rowsUnchanged)} unchanged`] : []),
    ...(mode === "replace" ? [`remove ${formatCount(rowsReplaced)}`] : []),
    `reject ${formatCount(progress.recordsRejected)}`,
  ];
}

/** The first rows that would change, old and new. */
export function changeLines(job: JobView): readonly string[] {
  const outcome = outcomeOf(job);
  if (outcome === null || outcome.changes.length === 0) return [];
  const shown = outcome.changes.slice(0, SHOWN_ROWS);
  const keys = shown.map(({ key }) =>
    Object.entries(key)
      .map(([name, value]) => `${printable(name)} ${valueText(value)}`)
      .join(", "),
  );
  const width = Math.max(...keys.map(textWidth));
  const more = outcome.rowsUpdated - shown.length;
  return [
    ...shown.map((change, at) => `  ${padText(keys[at] ?? "", width)}   ${changeText(change)}`),
    ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
  ];
}

function changeText({ columns, moreColumns }: Change): string {
  const shown = columns.slice(0, SHOWN_COLUMNS);
  const more = columns.length - shown.length + moreColumns;
  return [
    ...shown.map(
      ({ column, before, after }) =>
        `${printable(column)} ${valueText(before)} → ${valueText(after)}`,
    ),
    ...(more > 0 ? [formatCounted(more, "more column")] : []),
  ].join(" · ");
}

/** Nothing and the empty text are told apart, and spaces at the ends are seen. */
function valueText(value: string | null): string {
  if (value === null) return "null";
  const isPlain = value !== "" && value !== "null" && value === value.trim();
  return printable(isPlain ? value : JSON.stringify(value));
}
