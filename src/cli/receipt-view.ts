/** What a job came to: the receipt with its balance, the rejected rows by reason, and what can be done next. */
import type { ErrorCode } from "../core/error-table.ts";
import { REJECTION_CODES, type RejectionCode } from "../core/rejection.ts";
import type { JobView, Receipt, RejectedRecordView, SluiceClient } from "../client/index.ts";
import { changeLines, isDoneDryRun } from "./dry-run-view.ts";
import { adviceFor } from "./error-view.ts";
import { formatCount, formatCounted, formatDuration, formatHash, shortId } from "./format.ts";
import { isWithoutRows, resultFileOf } from "./job-facts.ts";
import { firstRejected } from "./rejected-rows.ts";
import { STATE_WORDS, visibleLine } from "./state-words.ts";
import type { Style } from "./terminal/style.ts";
import { padText, printable, textWidth } from "./terminal/text.ts";

/** Rejected rows that are looked at for the summary; more are counted but not told apart. */
const SUMMARY_ROWS = 1000;
const SUMMARY_REASONS = 5;

const EMPTY_HINT =
  "  Check the delimiter (--delimiter) and the types of the columns (--types), and import it again.";

/** What a receipt is written from. */
export interface ReceiptFacts {
  readonly job: JobView;
  readonly receipt: Receipt;
  /** The first rejected rows, at most `SUMMARY_ROWS`. */
  readonly rejected: readonly RejectedRecordView[];
}

/** Asks the service for everything that the receipt of `job` shows. */
export async function loadReceipt(client: SluiceClient, job: JobView): Promise<ReceiptFacts> {
  const hasRejected = job.progress.recordsRejected > 0;
  const rejected = hasRejected ? await firstRejected(client, job.id, SUMMARY_ROWS) : [];
  return { job, receipt: await client.getReceipt(job.id), rejected };
}

/** The lines of a receipt. `needsStart` says that no service will run any more when they are read. */
export function receiptLines(
  facts: ReceiptFacts,
  view: {
    readonly style: Style;
    readonly now: number;
    readonly needsStart: boolean;
    /** Where the result is already. */
    readonly savedAs?: string;
  },
): readonly string[] {
  const { job } = facts;
  const words = STATE_WORDS[job.state];
  const rate = rateOf(job);
  const advice = job.failure === null ? null : adviceFor(job.failure.code, job.failure.advice);
  const isEmpty = isWithoutRows(job);
  const head = isEmpty ? view.style("warn", "!") : view.style(words.tone, words.icon);
  return [
    `${head} ${words.line(job, view.now)}${rate}`,
    ...(advice === null ? [] : [`  ${printable(advice)}`]),
    ...(isEmpty && job.kind === "import" ? [EMPTY_HINT] : []),
    // What was undone needs no balance: nothing of it is left to be accounted for.
    ...(isGone(job) ? [] : [balanceLine(facts)]),
    ...rowsLine(facts),
    ...changeLines(job),
    ...rejectedLines(facts, view.style),
    ...(isGone(job) ? [] : facts.receipt.warnings).map(
      ({ message }) => `${view.style("warn", "!")} ${printable(message)}`,
    ),
    ...fileLines(facts, view.savedAs),
    ...undoLines(facts.receipt.undo),
    ...nextLines(facts, view),
  ];
}

/** Whether nothing of what was read is kept. */
function isGone(job: JobView): boolean {
  const isKept = job.kind === "import" && job.result?.rows === "kept";
  return (job.state === "stopped" && !isKept) || job.state === "undone";
}

/** Why an undo has left something. */
function undoLines(undo: Receipt["undo"]): readonly string[] {
  if (undo === null) return [];
  if ("removed" in undo)
    return undo.failedReasons.map(
      ({ reason, rows }) => `  ${formatCounted(rows, "row")} left:  ${printable(reason)}`,
    );
  return undo.keptReasons.map(
    ({ reason, records, firstRecord }) =>
      `  ${formatCounted(records, "row")} kept, the first is ${formatCount(firstRecord)}:  ${printable(reason)}`,
  );
}

/** The rate of a job that ran long enough to have one. */
function rateOf(job: JobView): string {
  const { recordsPerSecond } = job.progress;
  const isTelling =
    job.state === "succeeded" && !isWithoutRows(job) && job.timing.runningSeconds >= 1;
  if (!isTelling || recordsPerSecond === null) return "";
  return `  (${formatCount(recordsPerSecond)} rows/s)`;
}

/** Says that the job waits, and how it goes on. */
export function leftLines(
  job: JobView,
  view: { readonly style: Style; readonly now: number; readonly needsStart: boolean },
): readonly string[] {
  const words = STATE_WORDS[job.state];
  const start = view.needsStart ? "Start sluice, then: " : "";
  const name = shortId(job.id);
  return [
    `${view.style(words.tone, words.icon)} ${words.line(job, view.now)}`,
    job.state === "paused"
      ? `  ${start}sluice resume ${name}     or     sluice stop ${name}`
      : `  ${visibleLine(job)}`,
  ];
}

function balanceLine({ job, receipt }: ReceiptFacts): string {
  const { read, written, rejected, filtered } = receipt.records;
  const parts = [
    `${formatCount(written)} ${writtenWord(job)}`,
    `${formatCount(rejected)} rejected`,
    ...(filtered === 0 ? [] : [`${formatCount(filtered)} filtered`]),
  ];
  const sign = receipt.isBalanced ? "=" : "≠";
  // Of two files each has a line of its own, with its hash.
  const hash = receipt.output === null ? hashOf(receipt.file) : "";
  return `  ${formatCount(read)} read ${sign} ${parts.join(" + ")}${hash}`;
}

function writtenWord(job: JobView): string {
  if (job.kind === "process") return "done";
  return job.kind === "import" && job.isDryRun ? "fit" : "written";
}

/** What written records came to, where that is not one new row for each. */
function rowsLine({ job, receipt: { rows, records } }: ReceiptFacts): readonly string[] {
  if (job.kind !== "import" || job.state !== "succeeded" || rows === null) return [];
  const { inserted, updated, unchanged } = rows;
  if (job.mode === "replace")
    return [
      `  ${formatCounted(inserted, "row")} in the place of ${formatCount(job.result?.rowsReplaced ?? 0)}`,
    ];
  if (job.mode !== "upsert" && updated + unchanged === 0) return [];
  const parts = [
    `${formatCount(inserted)} new`,
    `${formatCount(updated)} updated`,
    `${formatCount(unchanged)} unchanged`,
  ];
  return [`  ${formatCount(records.written)} written = ${parts.join(" + ")}`];
}

function hashOf(file: { readonly sha256: string | null } | null): string {
  const sha256 = file?.sha256 ?? null;
  return sha256 === null ? "" : `   sha256 ${formatHash(sha256)}`;
}

/** The file that was read and the one that was made of it, or where the only one that there is has been saved. */
function fileLines({ job, receipt }: ReceiptFacts, savedAs: string | undefined): readonly string[] {
  const path = savedAs === "-" || resultFileOf(job) === null ? undefined : savedAs;
  const { file, output } = receipt;
  if (file === null || output === null) return path === undefined ? [] : [`  ${printable(path)}`];
  const names = [file.name, path ?? output.name].map(printable);
  const width = Math.max(...names.map(textWidth));
  return [file, output].map((each, at) =>
    `  ${at === 0 ? "read" : "made"}  ${padText(names[at] ?? "", width)}${hashOf(each)}`.trimEnd(),
  );
}

function rejectedLines(facts: ReceiptFacts, style: Style): readonly string[] {
  const total = facts.job.progress.recordsRejected;
  if (total === 0) return [];
  const were = total === 1 ? "was" : "were";
  const fixed = facts.job.kind === "export" ? 0 : facts.job.retries.recordsFixed;
  const later = fixed === 0 ? "" : `, ${formatCount(fixed)} fixed later`;
  const among =
    facts.rejected.length < total ? ` (of the first ${formatCount(facts.rejected.length)})` : "";
  return [
    `${style("warn", "!")} ${formatCounted(total, "row")} ${were} rejected${later}:  ` +
      `${summarize(facts.rejected)}${among}`,
  ];
}

/** Rejected rows counted by column and reason, the most frequent first: `9 age "not a whole number"`. */
export function summarize(rejected: readonly RejectedRecordView[]): string {
  const counts = new Map<string, number>();
  for (const { column, code, message } of rejected) {
    const reason = reasonOf(code, message);
    const key = column === null ? reason : `${printable(column)} ${reason}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted(([, left], [, right]) => right - left);
  const shown = sorted
    .slice(0, SUMMARY_REASONS)
    .map(([key, count]) => `${formatCount(count)} ${key}`);
  const more = sorted.length - shown.length;
  return [...shown, ...(more > 0 ? [formatCounted(more, "more reason")] : [])].join(" · ");
}

/** Codes whose reason is in the words of a process. */
const OWN_WORDS: ReadonlySet<RejectionCode> = new Set(["refused_by_process", "against_schema"]);

function reasonOf(code: RejectionCode, message: string): string {
  if (code === "required_value_missing") return "required";
  return `"${OWN_WORDS.has(code) ? printable(message) : REJECTION_CODES[code]}"`;
}

/** Failures that are in the file itself: resumed, the job fails there again. */
const FILE_FAILURES: ReadonlySet<string> = new Set<ErrorCode>([
  "unclosed_quote",
  "text_after_quote",
  "record_too_large",
  "inflate_failed",
  "nested_compression",
  "source_changed",
]);

function isResumable(job: JobView): boolean {
  return job.failure === null || !FILE_FAILURES.has(job.failure.code);
}

function limitFlag(job: JobView): string {
  return job.failure?.code === "too_many_rejected" ? " --max-rejected N" : "";
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** For how long a job can be undone. */
function timeToUndo({ undo }: JobView, now: number): string {
  if (undo.until === null) return "possible at any time";
  const leftMs = Date.parse(undo.until) - now;
  const days = Math.round(leftMs / DAY_MS);
  return days < 1
    ? `possible for ${formatDuration(Math.ceil(leftMs / 1000))}`
    : `possible for ${formatCounted(days, "day")}`;
}

function nextLines(
  facts: ReceiptFacts,
  {
    needsStart,
    savedAs,
    now,
  }: { readonly needsStart: boolean; readonly savedAs?: string; readonly now: number },
): readonly string[] {
  const { job } = facts;
  const name = shortId(job.id);
  const after = needsStart ? "     (while sluice runs)" : "";
  const lines: string[] = [];
  if (isDoneDryRun(job))
    lines.push(
      needsStart
        ? "  Import it     the same command without --dry-run"
        : `  Import it     sluice rerun ${name}`,
    );
  const file = resultFileOf(job);
  if (file !== null && savedAs === undefined)
    lines.push(`  Download      sluice result ${name} -o ${printable(file.name)}${after}`);
  if (job.progress.recordsRejected > 0)
    lines.push(`  See them      sluice rejected ${name}${after}`);
  if (job.actions.includes("retry"))
    lines.push(
      `  Fix, retry    sluice retry ${name} --file fixed.csv${after || "     or in the dashboard"}`,
    );
  if (job.actions.includes("resume") && isResumable(job))
    lines.push(`  Go on         sluice resume ${name}${limitFlag(job)}${after}`);
  if (job.kind === "process" && job.actions.includes("undo"))
    lines.push(`  Undo it       sluice undo ${name}${after}`);
  else if (job.actions.includes("undo"))
    lines.push(
      job.state === "failed"
        ? `  Discard them  sluice undo ${name}${after}`
        : `  Undo it all   sluice undo ${name}     (${timeToUndo(job, now)}${needsStart ? ", while sluice runs" : ""})`,
    );
  if (job.kind !== "export" && job.state !== "succeeded" && job.actions.includes("rerun"))
    lines.push(`  Begin anew    sluice rerun ${name}${after}`);
  return lines;
}
