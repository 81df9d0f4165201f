/** What people read of an export in each state: where it is, and what is there of its file. */
import type { ExportJobView } from "../client/index.ts";
import { formatAgo, formatBytes, formatDuration } from "./format.ts";
import { byWhom, rowsRead } from "./job-facts.ts";
import { printable } from "./terminal/text.ts";

/** The line that says where an export is. `now` is in milliseconds. */
export function exportLine(job: ExportJobView, now: number): string {
  switch (job.state) {
    case "queued":
      return job.progress.recordsRead === 0
        ? "Waits its turn."
        : `Continues in a moment after ${rowsRead(job)}; nothing is lost.`;
    case "running":
      return runningLine(job, now);
    case "pausing":
      return "Saving the rows in hand.";
    case "paused":
      return (
        `Paused${byWhom(job)} ${formatAgo(Date.parse(job.stateReason.at), now)}, after ${rowsRead(job)}. ` +
        "Nothing runs and no lock is held."
      );
    case "stopping":
    case "undoing":
      return `Discarding ${rowsRead(job)}.`;
    case "stopped":
      return `Stopped${byWhom(job)} after ${rowsRead(job)}. No file was made.`;
    case "undone":
      return "No file was made.";
    case "succeeded":
      return (
        `Exported ${rowsRead(job)} from ${sourceOf(job)} in ` +
        formatDuration(Math.max(0.1, job.timing.runningSeconds)) +
        (job.result === null ? "" : `, ${formatBytes(job.result.bytes)}`)
      );
    case "failed":
      return failedLine(job);
    default:
      return job.state satisfies never;
  }
}

/** What is exported, harmless on a terminal. */
export function sourceOf(job: Pick<ExportJobView, "table">): string {
  return job.table === null ? "the query" : printable(job.table);
}

function runningLine(job: ExportJobView, now: number): string {
  if (job.phase === "publishing") return `Putting ${rowsRead(job)} together into one file.`;
  const savedAt = job.checkpoint.at;
  if (savedAt === null && job.method === "snapshot")
    return "Copying the rows into a private table first, so that all are of one moment.";
  const saved = savedAt === null ? "" : `Saved ${formatAgo(Date.parse(savedAt), now)}. `;
  return `${saved}The file appears at the end.`;
}

function failedLine(job: ExportJobView): string {
  const cause = printable(job.failure?.message ?? "The job failed.");
  return job.progress.recordsRead === 0
    ? `${cause} No row was read.`
    : `${cause} ${rowsRead(job)} so far ${job.progress.recordsRead === 1 ? "is" : "are"} saved.`;
}
