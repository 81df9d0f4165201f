/** The one map from states to what people read: icon, word, tone, and the lines under the bar. */
import type { Activity, Job, JobState } from "../api/types.ts";
import { formatAgo, formatClock, formatCount, formatCounted, formatDuration } from "../format.ts";
import { lockText } from "./activity.ts";
import { isDryRun, kindLine } from "./kind-words.ts";

/** Color of a state: beside icon and word, never alone. */
export type Tone = "run" | "pause" | "ok" | "bad" | "idle";

/** What people read of a state. */
export interface StateWords {
  readonly icon: string;
  readonly word: string;
  readonly tone: Tone;
  /**
   * Where the job is, what is safe and what is visible, a sentence or two a line. `now` is in milliseconds, `activity`
   * null while nobody has asked for it.
   */
  readonly lines: (job: Job, now: number, activity: Activity | null) => readonly string[];
}

/** The words of every state. */
const STATE_WORDS: Readonly<Record<JobState, StateWords>> = {
  queued: {
    icon: "◷",
    word: "Waiting",
    tone: "idle",
    lines: queuedLines,
  },
  running: { icon: "▶", word: "Running", tone: "run", lines: runningLines },
  pausing: {
    icon: "❚❚",
    word: "Pausing…",
    tone: "pause",
    lines: pausingLines,
  },
  paused: { icon: "❚❚", word: "Paused", tone: "pause", lines: pausedLines },
  stopping: {
    icon: "■",
    word: "Stopping…",
    tone: "idle",
    lines: (job, _now, activity) => [undoingLine(job, activity)],
  },
  stopped: {
    icon: "■",
    word: "Stopped",
    tone: "idle",
    lines: (job) => [
      `Stopped${byWhom(job)} after ${rowsRead(job)}. ${kindLine("leftBehind", job)}`,
    ],
  },
  succeeded: { icon: "✓", word: "Done", tone: "ok", lines: doneLines },
  failed: { icon: "!", word: "Failed", tone: "bad", lines: failedLines },
  undoing: {
    icon: "↶",
    word: "Undoing…",
    tone: "idle",
    lines: (job, _now, activity) => [undoingLine(job, activity)],
  },
  undone: {
    icon: "↶",
    word: "Undone",
    tone: "idle",
    lines: (job) => [kindLine("leftBehind", job)],
  },
};

/** The words of the job's state, with what belongs to the word: `Publishing`, `Done, 12 rejected`. */
export function wordsOf(job: Job): StateWords {
  const words = STATE_WORDS[job.state];
  if (job.state === "running" && job.phase === "publishing" && !isDryRun(job))
    return { ...words, word: "Publishing" };
  const { recordsRejected } = job.progress;
  if (job.state === "succeeded" && recordsRejected > 0 && job.kind !== "export") {
    const fixed = job.retries.recordsFixed;
    const later = fixed > 0 ? `, ${formatCount(fixed)} fixed later` : "";
    return { ...words, word: `Done, ${formatCount(recordsRejected)} rejected${later}` };
  }
  return words;
}

function queuedLines(job: Job, _now: number, activity: Activity | null): readonly string[] {
  const lostAt = activity?.workerLostAt ?? null;
  if (lostAt !== null)
    return [
      `The worker was lost at ${formatClock(lostAt)}. Continues in a moment; nothing is lost.`,
    ];
  const ahead = activity?.jobsAhead ?? 0;
  const turn =
    ahead === 0 ? "Waits its turn." : `Waits its turn: ${formatCounted(ahead, "job")} ahead.`;
  if (job.progress.recordsRead === 0) return [turn];
  return [
    ...(ahead === 0 ? [] : [turn]),
    `Continues ${ahead === 0 ? "in a moment " : ""}after ${rowsRead(job)}; nothing is lost.`,
  ];
}

function runningLines(job: Job, now: number, activity: Activity | null): readonly string[] {
  if (job.phase === "publishing") {
    const lock = lockText(activity, now);
    return [kindLine("publishing", job), ...(lock === null ? [] : [`Waiting for ${lock}.`])];
  }
  const savedAt = job.checkpoint.at;
  const saved =
    savedAt === null
      ? []
      : [
          `✓ Saved ${formatAgo(savedAt, now)}: all ${rowsRead(job)}. You can close this page or restart the server; nothing is lost.`,
        ];
  return [...saved, kindLine("visible", job)];
}

/** Ten seconds are long for a batch. */
const LONG_MS = 10_000;

function pausingLines(job: Job, now: number, activity: Activity | null): readonly string[] {
  const isProcess = job.kind === "process";
  const since = now - Date.parse(job.stateReason.at);
  if (since < LONG_MS)
    return [isProcess ? "Finishing the current batch." : "Saving the rows in hand."];
  const lock = lockText(activity, now);
  if (lock !== null) return [`Still waiting for ${lock}.`];
  const what = isProcess ? "the batch has run" : "the rows in hand have been written";
  return [`Still waiting: ${what} for ${formatDuration(since / 1000)}.`];
}

/** How far an undo is; of what is thrown away whole, only how much it is. */
function undoingLine(job: Job, activity: Activity | null): string {
  const undone = activity?.recordsUndone ?? null;
  if (undone === null) return kindLine("undoing", job);
  return `Undoing: ${formatCount(undone)} of ${formatCounted(job.progress.recordsWritten, "row")}.`;
}

/** Whether a pause waits so long that a person may want it at any price: the open batch is done again on resume. */
export function canForcePause(job: Job, now: number): boolean {
  const since = now - Date.parse(job.stateReason.at);
  return job.kind === "process" && job.state === "pausing" && since >= LONG_MS;
}

function pausedLines(job: Job, now: number): readonly string[] {
  const isAsAsked =
    job.kind !== "export" &&
    job.stateReason.by === null &&
    job.pauseAfter !== null &&
    job.progress.recordsRead >= job.pauseAfter;
  const first = isAsAsked
    ? `Paused after ${rowsRead(job)}, as asked. Look at them, then resume or stop.`
    : `Paused${byWhom(job)} ${formatAgo(job.stateReason.at, now)}, after ${rowsRead(job)}. Nothing runs and no lock is held.`;
  return [first, kindLine("visible", job)];
}

function doneLines(job: Job): readonly string[] {
  const { recordsRead, recordsWritten, recordsRejected } = job.progress;
  const done = kindLine("done", job);
  if (isDryRun(job) || (recordsWritten === 0 && recordsRejected > 0)) return [done];
  return [
    done,
    `${formatCount(recordsRead)} read = ${formatCount(recordsWritten)} written + ${formatCount(recordsRejected)} rejected`,
  ];
}

function failedLines(job: Job): readonly string[] {
  const { failure, progress } = job;
  if (failure?.code === "undo_failed") return [failure.message, failure.advice];
  const safe =
    progress.recordsRead === 0
      ? "No row was read."
      : `What was read so far is saved: ${rowsRead(job)}.`;
  return [`${failure?.message ?? "The job failed."} ${safe}`, ...(failure ? [failure.advice] : [])];
}

function rowsRead(job: Job): string {
  return formatCounted(job.progress.recordsRead, "row");
}

function byWhom(job: Job): string {
  const { by } = job.stateReason;
  return by === null || by === "local" || by === "anybody" ? "" : ` by ${by}`;
}
