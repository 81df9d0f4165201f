/** What the lines under the bar say of each kind of job: where the rows go, what is visible, and what a stop leaves. */
import type { ExportJob, ImportJob, Job, ProcessJob } from "../api/types.ts";
import { formatBytes, formatCount, formatCounted, formatDuration } from "../format.ts";

/** Sentences about a job of one kind. */
interface KindWords<Kind extends Job> {
  /** Says what of a job that is not over can be seen. */
  readonly visible: (job: Kind) => string;
  readonly publishing: (job: Kind) => string;
  readonly undoing: (job: Kind) => string;
  /** Says what a job that was stopped or undone has left. */
  readonly leftBehind: (job: Kind) => string;
  readonly done: (job: Kind) => string;
}

/** Whether a job only says what it would do. */
export function isDryRun(job: Job): boolean {
  return "isDryRun" in job && job.isDryRun;
}

/** The sentence of this name about a job. */
export function kindLine(name: keyof KindWords<Job>, job: Job): string {
  switch (job.kind) {
    case "import":
      return job.isDryRun ? `A dry run: ${IMPORT_WORDS.leftBehind(job)}` : IMPORT_WORDS[name](job);
    case "export":
      return EXPORT_WORDS[name](job);
    case "process":
      return PROCESS_WORDS[name](job);
    default:
      return job satisfies never;
  }
}

function rowsWritten(job: Job): string {
  return formatCounted(job.progress.recordsWritten, "row");
}

/** With its verb: `1 row was`, `12 rows were`. */
function counted(count: number): string {
  return `${formatCounted(count, "row")} ${count === 1 ? "was" : "were"}`;
}

function runningTime(job: Job): string {
  return formatDuration(Math.max(0.1, job.timing.runningSeconds));
}

/** Whether rows of an import are, or were, in its table. */
export function isInTable({ delivery, result }: ImportJob): boolean {
  return (
    delivery === "direct" || (result !== null && (result.rows === "kept" || wasUndone(result)))
  );
}

/** Whether an undo has had to do with rows in the table. */
function wasUndone(result: NonNullable<ImportJob["result"]>): boolean {
  return result.rowsRemoved + result.rowsRestored + result.rowsLeft + result.rowsFailed > 0;
}

const IMPORT_WORDS: KindWords<ImportJob> = {
  visible: (job) =>
    job.delivery === "direct"
      ? `Rows are visible in ${job.table} as they are saved.`
      : `Nothing is visible in ${job.table} until the end.`,
  publishing: (job) =>
    `Making ${rowsWritten(job)} visible in ${job.table} in one step: all of them or none.`,
  undoing: (job) =>
    job.phase === "publishing"
      ? `Publishing the ${rowsWritten(job)} that are ready.`
      : `${job.phase === "undoing" ? "Undoing" : "Discarding"} ${rowsWritten(job)}.`,
  leftBehind: (job) => {
    const { result } = job;
    if (result?.rows === "kept")
      return `${counted(job.progress.recordsWritten)} kept in ${job.table}.`;
    if (result !== null && wasUndone(result))
      return [
        `Removed ${formatCounted(result.rowsRemoved, "row")}${result.isTableDropped ? `; ${job.table} is dropped` : ` from ${job.table}`}${result.rowsRestored > 0 ? `, restored ${formatCount(result.rowsRestored)}` : ""}.`,
        ...(result.rowsLeft > 0
          ? [`${counted(result.rowsLeft)} changed by others since and left.`]
          : []),
        ...(result.rowsFailed > 0
          ? [`${counted(result.rowsFailed)} left, as the receipt explains.`]
          : []),
      ].join(" ");
    return job.mode === "create" ? `${job.table} was not made.` : `${job.table} is as it was.`;
  },
  done: (job) =>
    job.progress.recordsWritten === 0 && job.progress.recordsRejected > 0
      ? `Imported nothing into ${job.table}: no row fit.`
      : `Imported ${rowsWritten(job)} into ${job.table} in ${runningTime(job)}.`,
};

const EXPORT_WORDS: KindWords<ExportJob> = {
  visible: (job) => `${job.fileName} appears at the end, whole.`,
  publishing: (job) =>
    `Putting ${job.fileName} together from ${rowsWritten(job)}: all of them or no file.`,
  undoing: (job) => `Deleting the ${rowsWritten(job)} that are in the file so far.`,
  leftBehind: () => "There is no file.",
  done: (job) => {
    const bytes = job.result === null ? "" : `, ${formatBytes(job.result.bytes)},`;
    return `Exported ${rowsWritten(job)} into ${job.fileName}${bytes} in ${runningTime(job)}.`;
  },
};

const PROCESS_WORDS: KindWords<ProcessJob> = {
  visible: (job) =>
    job.fileName === null
      ? "What it does is there batch by batch, as it is saved."
      : `${job.fileName} appears at the end, whole.`,
  publishing: (job) =>
    job.fileName === null ? "Closing the books." : `Putting ${job.fileName} together.`,
  undoing: (job) =>
    job.hasUndo
      ? `Undoing ${rowsWritten(job)} by the process's own undo, the newest first.`
      : "Ending the batch in hand.",
  leftBehind: (job) => {
    const { result } = job;
    if (result === null || result.rows === "kept")
      return `${rowsWritten(job)} ${job.progress.recordsWritten === 1 ? "is" : "are"} done and kept.`;
    return [
      `Undid ${formatCounted(result.recordsUndone, "row")}.`,
      ...(result.recordsKept > 0
        ? [`${counted(result.recordsKept)} left as the process's undo asked.`]
        : []),
      ...(result.recordsFailed > 0
        ? [`${formatCounted(result.recordsFailed, "row")} could not be undone: see the log.`]
        : []),
    ].join(" ");
  },
  done: (job) => `${job.title}: ${rowsWritten(job)} done in ${runningTime(job)}.`,
};
