/** Facts of a job that lines of several kinds tell. */
import type { ExportJobView, ImportJobView, JobView } from "../client/index.ts";
import { formatCounted } from "./format.ts";
import { printable } from "./terminal/text.ts";

/** Whether a job is paused because it reached its `pauseAfter`. */
export function isPausedAsAsked(job: JobView): boolean {
  return (
    job.kind !== "export" &&
    job.state === "paused" &&
    job.stateReason.by === null &&
    job.pauseAfter !== null &&
    job.progress.recordsRead >= job.pauseAfter
  );
}

/** Whether a job came to its end and every row was rejected: done, and hardly what was wanted. */
export function isWithoutRows(job: JobView): boolean {
  const { recordsWritten, recordsRejected } = job.progress;
  return job.state === "succeeded" && recordsWritten === 0 && recordsRejected > 0;
}

/** The file that a job has made; null while there is none. */
export function resultFileOf(
  job: JobView,
): { readonly name: string; readonly sha256: string; readonly bytes: number } | null {
  if (job.kind === "export") return job.result;
  return job.kind === "process" ? (job.result?.output ?? null) : null;
}

/** How many rows were read, with the noun. */
export function rowsRead(job: JobView): string {
  return formatCounted(job.progress.recordsRead, "row");
}

/** Who brought a job into its state; empty for Sluice and for the person at this machine. */
export function byWhom(job: JobView): string {
  const { by } = job.stateReason;
  return by === null || by === "local" ? "" : ` by ${printable(by)}`;
}

/** The table of a job, harmless on a terminal. */
export function tableOf(job: ImportJobView | ExportJobView): string {
  return printable(job.table ?? "the query");
}

/** Modes that publish all rows of a file or none. */
const ALL_OR_NOTHING: readonly string[] = ["replace"];

/** Whether a stop can keep what a job has done so far. */
export function mayKeep(job: JobView): boolean {
  switch (job.kind) {
    case "export":
      return false;
    case "process":
      return true;
    case "import":
      return (
        job.delivery === "direct" ||
        (!job.isDryRun &&
          job.upload === null &&
          job.progress.recordsWritten > 0 &&
          !ALL_OR_NOTHING.includes(job.mode))
      );
    default:
      return job satisfies never;
  }
}

/** Whether rows of an import are in its table, or were there until it was undone. */
export function isInTable({ delivery, result }: ImportJobView): boolean {
  if (result === null) return delivery === "direct";
  return result.rows === "kept" || delivery === "direct" || hasUndone(result);
}

/** Whether an undo has found rows of the job in its table, or the places where they were. */
export function hasUndone(result: NonNullable<ImportJobView["result"]>): boolean {
  const { rowsRemoved, rowsRestored, rowsLeft, rowsFailed } = result;
  return rowsRemoved + rowsRestored + rowsLeft + rowsFailed > 0;
}
