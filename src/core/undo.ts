/** Whether what a job has done can be undone, until when, and why not. The one place that decides it. */
import { isDryRun } from "./dry-run.ts";
import { allowedActions } from "./job-state.ts";
import type { Job } from "./job.ts";
import { situationOf } from "./job-actions.ts";

/** Why a job cannot be undone, each with the sentence that explains it. */
export const UNDO_REFUSALS = {
  underway: "it is being undone",
  already_undone: "nothing of it is left to be undone",
  dry_run: "a dry run has written nothing",
  file_made: "the file of an export is deleted, not undone",
  no_undo: "the process has no `undo`",
  rows_overwritten: "an upsert or a replace has written over rows that are not kept any more",
  expired: "`SLUICE_UNDO_DAYS` have passed since its end",
  table_gone: "the table has been dropped since",
  rows_unknown:
    "its rows are not told from others any more: the table was emptied or written anew, the numbers of transactions have come round, or an older version of Sluice ended the job",
} as const;

/** Why a job cannot be undone. */
export type UndoRefusal = keyof typeof UNDO_REFUSALS;

/** Whether a job can be undone. */
export interface UndoOutlook {
  /** Null: it can. */
  readonly refusal: UndoRefusal | null;
  /** When it ends that it can, or has ended; null where no time is set. */
  readonly until: Date | null;
}

/** Whether a job can be undone: by `stop` while it is active, by `undo` after it has ended. */
export function undoOutlook(job: Job): UndoOutlook {
  if (job.kind === "import" && job.kept !== null)
    return { refusal: job.kept.refusal, until: job.kept.undoableUntil };
  return { refusal: refusalOf(job), until: null };
}

function refusalOf(job: Job): UndoRefusal | null {
  if (job.state === "stopping" || job.state === "undoing") return "underway";
  if (job.state === "undone") return "already_undone";
  if (job.kind === "export" ? job.result !== null : job.result?.rows === "undone")
    return job.kind === "export" ? "file_made" : "already_undone";
  if (isDryRun(job) && job.result !== null) return "dry_run";
  if (job.kind === "process") return job.plan.hasUndo ? null : "no_undo";
  // What is left can be undone: by `stop` while the job is active, by `undo` after it failed.
  return allowedActions(situationOf(job)).some((action) => action === "stop" || action === "undo")
    ? null
    : "already_undone";
}

/** What undoing a job would come to. */
export interface UndoPreview {
  /** Rows that would be taken out of the table, discarded, or given to the process's own undo. */
  readonly rowsRemoved: number;
  /** Rows that would have again what they had before, or come back. */
  readonly rowsRestored: number;
  /** Rows that would be left, because they were changed or deleted since. */
  readonly rowsLeft: number;
  /** Whether that is what was written and not what is there: it cannot be counted, or not in a few seconds. */
  readonly isEstimate: boolean;
  /** Whether the table goes, too: the job has made it, nothing else is in it, and nobody depends on it. */
  readonly dropsTable: boolean;
}
