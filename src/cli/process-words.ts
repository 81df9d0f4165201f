/** What people read of a process in each state: where it is, what is safe, and what has become of what it did. */
import type { ProcessJobView } from "../client/index.ts";
import { formatAgo, formatBytes, formatCounted, formatDuration, shortId } from "./format.ts";
import { byWhom, isPausedAsAsked, isWithoutRows, rowsRead } from "./job-facts.ts";
import { printable } from "./terminal/text.ts";

/** A batch that takes longer than this is told to be waited for. */
const LONG_BATCH_MS = 10_000;

/** The line that says where a process is. `now` is in milliseconds. */
export function processLine(job: ProcessJobView, now: number): string {
  switch (job.state) {
    case "queued":
      return job.progress.recordsRead === 0
        ? "Waits its turn."
        : `Continues in a moment after ${rowsRead(job)}; nothing is lost.`;
    case "running":
      return runningLine(job, now);
    case "pausing":
      return pausingLine(job, now);
    case "paused":
      return isPausedAsAsked(job)
        ? `Paused after ${rowsRead(job)}, as asked. ${processVisibleLine(job)}`
        : `Paused${byWhom(job)} ${formatAgo(Date.parse(job.stateReason.at), now)}, after ${rowsRead(job)}. ` +
            "Nothing runs and no lock is held.";
    case "stopping":
    case "undoing":
      return `Undoing ${rowsDone(job)}, the newest batch first.`;
    case "stopped":
      return `Stopped${byWhom(job)} after ${rowsRead(job)}. ${leftBehind(job)}`;
    case "undone":
      return leftBehind(job);
    case "succeeded":
      if (isWithoutRows(job))
        return `Ran ${printable(job.process)} over ${rowsRead(job)}: every one was rejected.`;
      return (
        `Ran ${printable(job.process)} over ${rowsRead(job)} in ` +
        formatDuration(Math.max(0.1, job.timing.runningSeconds)) +
        (job.result?.output == null ? "" : `, ${formatBytes(job.result.output.bytes)}`)
      );
    case "failed":
      return failedLine(job);
    default:
      return job.state satisfies never;
  }
}

/** Says what of a process that is not over can be seen. */
export function processVisibleLine(job: ProcessJobView): string {
  return job.fileName === null
    ? "What a batch does counts as soon as it is saved."
    : "The file appears at the end.";
}

function runningLine(job: ProcessJobView, now: number): string {
  if (job.phase === "publishing")
    return job.fileName === null
      ? `Checking the books of ${rowsRead(job)}.`
      : `Putting ${rowsRead(job)} together into one file.`;
  const savedAt = job.checkpoint.at;
  const saved = savedAt === null ? "" : `Saved ${formatAgo(Date.parse(savedAt), now)}. `;
  return `${saved}${processVisibleLine(job)}`;
}

function pausingLine(job: ProcessJobView, now: number): string {
  const waitedMs = now - Date.parse(job.stateReason.at);
  if (waitedMs < LONG_BATCH_MS) return "Finishing the current batch.";
  return (
    `Still waiting for the current batch, ${formatDuration(Math.floor(waitedMs / 1000))} so far. ` +
    `sluice pause ${shortId(job.id)} --force does not wait.`
  );
}

function failedLine(job: ProcessJobView): string {
  const cause = printable(job.failure?.message ?? "The job failed.");
  // Both say themselves what is kept.
  if (job.phase === "undoing" || job.failure?.code === "process_failed") return cause;
  if (job.progress.recordsRead === 0) return `${cause} No row was run.`;
  return job.progress.recordsRead === 1
    ? `${cause} The 1 row before is saved.`
    : `${cause} All ${rowsRead(job)} before are saved.`;
}

/** Says what a process that was stopped or undone left. */
function leftBehind({ result, progress }: ProcessJobView): string {
  if (result === null) return "Nothing of it is left.";
  if (result.rows === "kept")
    return `What was done for ${formatCounted(result.recordsDone, "row")} is kept.`;
  if (progress.recordsWritten === 0 && result.recordsUndone === 0) return "Nothing of it is left.";
  const kept =
    result.recordsKept === 0
      ? ""
      : ` Of ${formatCounted(result.recordsKept, "row")} the process kept what was done.`;
  return `${formatCounted(result.recordsUndone, "row")} undone.${kept}`;
}

function rowsDone({ progress }: ProcessJobView): string {
  return formatCounted(progress.recordsWritten, "row");
}
