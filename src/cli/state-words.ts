/** The one map from states to what people read: icon, word, tone, terminal progress, and the line under the bar. */
import type { JobState } from "../core/job-state.ts";
import type { ImportJobView, JobView } from "../client/index.ts";
import { dryRunLine } from "./dry-run-view.ts";
import { exportLine } from "./export-words.ts";
import { formatAgo, formatCount, formatCounted, formatDuration } from "./format.ts";
import {
  byWhom,
  hasUndone,
  isPausedAsAsked,
  isWithoutRows,
  rowsRead,
  tableOf,
} from "./job-facts.ts";
import { processLine, processVisibleLine } from "./process-words.ts";
import type { Tone } from "./terminal/style.ts";
import { printable } from "./terminal/text.ts";

/** How a terminal that knows OSC 9;4 shows a job. */
export type TerminalProgress = "none" | "normal" | "error" | "paused";

/** What people read of a state. */
export interface StateWords {
  readonly icon: string;
  readonly word: string;
  readonly tone: Tone;
  readonly terminalProgress: TerminalProgress;
  /** The line that says where the job is, what is safe and what is visible. `now` is in milliseconds. */
  readonly line: (job: JobView, now: number) => string;
}

type ImportWords = Omit<StateWords, "line"> & {
  readonly line: (job: ImportJobView, now: number) => string;
};

const WORDS: Readonly<Record<JobState, ImportWords>> = {
  queued: {
    icon: "◷",
    word: "Waiting",
    tone: "idle",
    terminalProgress: "normal",
    line: (job) =>
      job.progress.recordsRead === 0
        ? "Waits its turn."
        : `Continues in a moment after ${rowsRead(job)}; nothing is lost.`,
  },
  running: {
    icon: "▶",
    word: "Running",
    tone: "run",
    terminalProgress: "normal",
    line: runningLine,
  },
  pausing: {
    icon: "❚❚",
    word: "Pausing…",
    tone: "pause",
    terminalProgress: "paused",
    line: () => "Saving the rows in hand.",
  },
  paused: {
    icon: "❚❚",
    word: "Paused",
    tone: "pause",
    terminalProgress: "paused",
    line: pausedLine,
  },
  stopping: {
    icon: "■",
    word: "Stopping…",
    tone: "idle",
    terminalProgress: "normal",
    line: (job) =>
      job.phase === "publishing"
        ? `Publishing the ${formatCounted(job.progress.recordsWritten, "row")} that are ready.`
        : undoingLine(job),
  },
  stopped: {
    icon: "■",
    word: "Stopped",
    tone: "idle",
    terminalProgress: "none",
    line: (job) => `Stopped${byWhom(job)} after ${rowsRead(job)}. ${leftBehind(job)}`,
  },
  succeeded: {
    icon: "✓",
    word: "Done",
    tone: "ok",
    terminalProgress: "none",
    line: (job) =>
      job.isDryRun
        ? dryRunLine(job)
        : isWithoutRows(job)
          ? `Imported nothing into ${tableOf(job)}: no row fit, ${rowsRead(job)} read.`
          : `Imported ${formatCounted(job.progress.recordsWritten, "row")} into ${tableOf(job)} in ` +
            formatDuration(Math.max(0.1, job.timing.runningSeconds)),
  },
  failed: {
    icon: "!",
    word: "Failed",
    tone: "bad",
    terminalProgress: "error",
    line: failedLine,
  },
  undoing: {
    icon: "↶",
    word: "Undoing…",
    tone: "idle",
    terminalProgress: "normal",
    line: undoingLine,
  },
  undone: {
    icon: "↶",
    word: "Undone",
    tone: "idle",
    terminalProgress: "none",
    line: leftBehind,
  },
};

/** The words of every state. */
export const STATE_WORDS: Readonly<Record<JobState, StateWords>> = Object.fromEntries(
  Object.entries(WORDS).map(([state, words]) => [
    state,
    {
      ...words,
      line: (job: JobView, now: number) => lineOf(words, job, now),
    },
  ]),
) as Record<JobState, StateWords>; // the keys of the table above

function lineOf(words: ImportWords, job: JobView, now: number): string {
  switch (job.kind) {
    case "import":
      return words.line(job, now);
    case "export":
      return exportLine(job, now);
    case "process":
      return processLine(job, now);
    default:
      return job satisfies never;
  }
}

/** Says what of a job that is not over can be seen. */
export function visibleLine(job: JobView): string {
  if (job.kind === "export") return "The file appears at the end.";
  if (job.kind === "process") return processVisibleLine(job);
  if (job.isDryRun) return `A dry run: ${tableOf(job)} ${isLeft(job)}.`;
  return job.delivery === "direct"
    ? `${formatCounted(job.progress.recordsWritten, "row")} visible in ${tableOf(job)} so far.`
    : `Nothing is visible in ${tableOf(job)} until the end.`;
}

function undoingLine(job: ImportJobView): string {
  const rows = formatCounted(job.progress.recordsWritten, "row");
  return job.phase === "undoing"
    ? `Taking ${rows} out of ${tableOf(job)} again.`
    : `Discarding ${rows}.`;
}

function runningLine(job: ImportJobView, now: number): string {
  if (job.phase === "publishing" && job.isDryRun)
    return (
      `Counting what ${formatCounted(job.progress.recordsWritten, "row")} would change in ` +
      `${tableOf(job)}, which ${isLeft(job)}.`
    );
  if (job.phase === "publishing")
    return (
      `Making ${formatCounted(job.progress.recordsWritten, "row")} visible in ${tableOf(job)} ` +
      "in one step: all of them or none."
    );
  const savedAt = job.checkpoint.at;
  const saved = savedAt === null ? "" : `Saved ${formatAgo(Date.parse(savedAt), now)}. `;
  return `${saved}${visibleLine(job)}`;
}

function isLeft({ mode }: ImportJobView): string {
  return mode === "create" ? "is not made" : "stays as it is";
}

function pausedLine(job: ImportJobView, now: number): string {
  if (isPausedAsAsked(job)) return `Paused after ${rowsRead(job)}, as asked. ${visibleLine(job)}`;
  const since = formatAgo(Date.parse(job.stateReason.at), now);
  return `Paused${byWhom(job)} ${since}, after ${rowsRead(job)}. Nothing runs and no lock is held.`;
}

function failedLine(job: ImportJobView): string {
  const cause = printable(job.failure?.message ?? "The job failed.");
  if (job.phase === "undoing") return cause;
  if (job.progress.recordsRead === 0) return `${cause} No row was read.`;
  return job.progress.recordsRead === 1
    ? `${cause} The 1 row read so far is saved.`
    : `${cause} All ${rowsRead(job)} read so far are saved.`;
}

/** Says what a job that was stopped or undone left in its table. */
function leftBehind(job: ImportJobView): string {
  const { result } = job;
  const table = tableOf(job);
  if (result?.rows === "kept")
    return `${formatCounted(job.progress.recordsWritten, "row")} kept in ${table}.`;
  if (result !== null && hasUndone(result)) return undoneLine(table, result);
  return job.mode === "create" ? `${table} was not made.` : `${table} is as it was.`;
}

/** What an undo took out of the table, and why it left the rest. */
function undoneLine(table: string, result: NonNullable<ImportJobView["result"]>): string {
  const { rowsRemoved, rowsRestored, rowsLeft, rowsFailed, isTableDropped } = result;
  const removed = `Removed ${formatCounted(rowsRemoved, "row")}`;
  const restored = rowsRestored > 0 ? `, restored ${formatCount(rowsRestored)}` : "";
  return [
    isTableDropped ? `${removed}; ${table} is dropped.` : `${removed} from ${table}${restored}.`,
    ...(rowsLeft > 0
      ? [`${wereCounted(rowsLeft)} changed or deleted by others since and left.`]
      : []),
    ...(rowsFailed > 0 ? [`${wereCounted(rowsFailed)} left, because the table refused.`] : []),
  ].join(" ");
}

function wereCounted(rows: number): string {
  return `${formatCounted(rows, "row")} ${rows === 1 ? "was" : "were"}`;
}
