/** When undoing is refused before anything is written: what a process without `undo` did, rows that are not known any more. */
import { SluiceError } from "../core/errors.ts";
import { isDryRun } from "../core/dry-run.ts";
import type { StateAction } from "../core/job-state.ts";
import { tableLabel, type ImportJob, type Job, type RowsOnStop } from "../core/job.ts";
import type { UndoRefusal } from "../core/undo.ts";

/** Errors: `undo_not_possible`, with the reason, when undoing is asked for and there is something that cannot be undone. */
export function refuseUndo(job: Job, action: StateAction, rows: RowsOnStop | undefined): void {
  if (job.kind === "process") return refuseProcess(job, action, rows);
  if (isDryRun(job) && action === "undo" && job.state === "succeeded")
    throw notPossible(
      job,
      "dry_run",
      "A dry run has written nothing, so there is nothing to undo.",
    );
  const refusal = job.kind === "import" && action === "undo" ? (job.kept?.refusal ?? null) : null;
  if (job.kind === "import" && refusal !== null)
    throw notPossible(job, refusal, SENTENCES[refusal](job));
}

/** `undo_not_possible`: the table is another than it was, and none of its rows is known as the job's. */
export function refuseUnknown(job: ImportJob): SluiceError {
  return notPossible(
    job,
    "rows_unknown",
    `${tableLabel(job.target)} was emptied or written anew since, so the rows of this job are not told from others any more.`,
  );
}

type KeptRefusal = NonNullable<NonNullable<ImportJob["kept"]>["refusal"]>;

const SENTENCES: Readonly<Record<KeptRefusal, (job: ImportJob) => string>> = {
  expired: ({ kept }) =>
    `Undo of this job ended at ${kept?.undoableUntil.toISOString().slice(0, 19)}Z.`,
  table_gone: ({ target }) => `${tableLabel(target)} has been dropped since.`,
  rows_overwritten: ({ target, request: { mode } }) =>
    `What an import of mode ${mode} has written over in ${tableLabel(target)} is not kept, so it cannot be undone.`,
  rows_unknown: ({ target }) =>
    `The rows of this job in ${tableLabel(target)} are not known any more: an older version of Sluice ended it, or billions of transactions have been since.`,
};

function refuseProcess(
  job: Job & { readonly kind: "process" },
  action: StateAction,
  rows: RowsOnStop | undefined,
): void {
  if (job.plan.hasUndo) return;
  const isAsked =
    (action === "stop" && rows === "undo" && job.progress.written > 0 && job.result === null) ||
    (action === "undo" && job.state !== "undone");
  if (!isAsked) return;
  throw notPossible(
    job,
    "no_undo",
    `The process ${job.plan.process} has no undo, and ${job.progress.written} rows were run.`,
  );
}

function notPossible({ state }: Job, reason: UndoRefusal, message: string): SluiceError {
  return new SluiceError("undo_not_possible", message, { details: { reason, state } });
}
