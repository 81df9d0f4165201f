/** The one map from states to what people read: icon, word, tone, and the lines under the bar. */
import type { Job, JobState } from "../api/types.ts";
import { formatAgo, formatCount, formatCounted, formatDuration } from "../format.ts";

/** Color of a state: beside icon and word, never alone. */
export type Tone = "run" | "pause" | "ok" | "bad" | "idle";

/** What people read of a state. */
export interface StateWords {
  readonly icon: string;
  readonly word: string;
  readonly tone: Tone;
  /** Where the job is, what is safe and what is visible, a sentence or two a line. `now` is in milliseconds. */
  readonly lines: (job: Job, now: number) => readonly string[];
}

/** The words of every state. */
const STATE_WORDS: Readonly<Record<JobState, StateWords>> = {
  queued: {
    icon: "◷",
    word: "Waiting",
    tone: "idle",
    lines: (job) =>
      job.progress.recordsRead === 0
        ? ["Waits its turn."]
        : [`Continues in a moment after ${rowsRead(job)}; nothing is lost.`],
  },
  running: { icon: "▶", word: "Running", tone: "run", lines: runningLines },
  pausing: {
    icon: "❚❚",
    word: "Pausing…",
    tone: "pause",
    lines: () => ["Saving the rows in hand."],
  },
  paused: { icon: "❚❚", word: "Paused", tone: "pause", lines: pausedLines },
  stopping: {
    icon: "■",
    word: "Stopping…",
    tone: "idle",
    lines: undoingLines,
  },
  stopped: {
    icon: "■",
    word: "Stopped",
    tone: "idle",
    lines: (job) => [`Stopped${byWhom(job)} after ${rowsRead(job)}. ${leftBehind(job)}`],
  },
  succeeded: { icon: "✓", word: "Done", tone: "ok", lines: doneLines },
  failed: { icon: "!", word: "Failed", tone: "bad", lines: failedLines },
  undoing: {
    icon: "↶",
    word: "Undoing…",
    tone: "idle",
    lines: undoingLines,
  },
  undone: { icon: "↶", word: "Undone", tone: "idle", lines: (job) => [leftBehind(job)] },
};

/** The words of the job's state, with what belongs to the word: `Publishing`, `Done, 12 rejected`. */
export function wordsOf(job: Job): StateWords {
  const words = STATE_WORDS[job.state];
  if (job.state === "running" && job.phase === "publishing")
    return { ...words, word: "Publishing" };
  const { recordsRejected } = job.progress;
  if (job.state === "succeeded" && recordsRejected > 0)
    return { ...words, word: `Done, ${formatCount(recordsRejected)} rejected` };
  return words;
}

/** Says what of a job that is not over can be seen. */
function visibleLine(job: Job): string {
  return job.delivery === "direct"
    ? `Rows are visible in ${job.table} as they are saved.`
    : `Nothing is visible in ${job.table} until the end.`;
}

/** Says what a job that was stopped or undone left in its table. */
function leftBehind(job: Job): string {
  const { result } = job;
  if (result?.rows === "kept")
    return `${formatCounted(result.rowsInserted, "row")} kept in ${job.table}.`;
  if (result !== null && result.rowsLeft > 0)
    return `Took ${formatCounted(result.rowsRemoved, "row")} out of ${job.table} again. ${formatCounted(result.rowsLeft, "row")} left, because they were changed or are referred to.`;
  return job.mode === "create" ? `${job.table} was not made.` : `${job.table} is as it was.`;
}

function undoingLines(job: Job): readonly string[] {
  const verb = job.delivery === "direct" ? "Undoing" : "Discarding";
  return [`${verb} ${formatCounted(job.progress.recordsWritten, "row")}.`];
}

function runningLines(job: Job, now: number): readonly string[] {
  if (job.phase === "publishing")
    return [
      `Making ${formatCounted(job.progress.recordsWritten, "row")} visible in ${job.table} in one step: all of them or none.`,
    ];
  const savedAt = job.checkpoint.at;
  const saved =
    savedAt === null
      ? []
      : [
          `✓ Saved ${formatAgo(savedAt, now)}: all ${rowsRead(job)}. You can close this page or restart the server; nothing is lost.`,
        ];
  return [...saved, visibleLine(job)];
}

function pausedLines(job: Job, now: number): readonly string[] {
  const isAsAsked =
    job.stateReason.by === null &&
    job.pauseAfter !== null &&
    job.progress.recordsRead >= job.pauseAfter;
  const first = isAsAsked
    ? `Paused after ${rowsRead(job)}, as asked. Look at them, then resume or stop.`
    : `Paused${byWhom(job)} ${formatAgo(job.stateReason.at, now)}, after ${rowsRead(job)}. Nothing runs and no lock is held.`;
  return [first, visibleLine(job)];
}

function doneLines(job: Job): readonly string[] {
  const { recordsRead, recordsWritten, recordsRejected } = job.progress;
  if (recordsWritten === 0 && recordsRejected > 0)
    return [`Imported nothing into ${job.table}: no row fit.`];
  return [
    `Imported ${formatCounted(recordsWritten, "row")} into ${job.table} in ${formatDuration(Math.max(0.1, job.timing.runningSeconds))}.`,
    `${formatCount(recordsRead)} read = ${formatCount(recordsWritten)} written + ${formatCount(recordsRejected)} rejected`,
  ];
}

function failedLines(job: Job): readonly string[] {
  const { failure, progress } = job;
  const safe =
    progress.recordsRead === 0
      ? "No row was read."
      : `${progress.recordsRead === 1 ? "The 1 row" : `All ${rowsRead(job)}`} read so far ${progress.recordsRead === 1 ? "is" : "are"} saved.`;
  return [`${failure?.message ?? "The job failed."} ${safe}`, ...(failure ? [failure.advice] : [])];
}

function rowsRead(job: Job): string {
  return formatCounted(job.progress.recordsRead, "row");
}

function byWhom(job: Job): string {
  const { by } = job.stateReason;
  return by === null || by === "local" || by === "anybody" ? "" : ` by ${by}`;
}
