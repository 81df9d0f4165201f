/** What undoing a job would come to, before anything is asked of it. Nothing is written. */
import type { UndoPreview } from "../core/undo.ts";
import { judgeAction } from "../core/job-state.ts";
import { rowsAdded, type Job } from "../core/job.ts";
import { situationOf } from "../core/job-actions.ts";
import type { JobStore } from "../core/store-ports.ts";
import { conflict } from "./conflict.ts";
import { getJob } from "./get-job.ts";
import { refuseUndo, refuseUnknown } from "./refuse-undo.ts";
import { isDirect } from "./undo-import.ts";

/** See `JobService.previewUndo`. */
export async function previewUndo(jobs: JobStore, jobId: string): Promise<UndoPreview> {
  const job = await getJob(jobs, jobId);
  refuseUndo(job, "undo", undefined);
  if (judgeAction("undo", situationOf(job)) !== "allowed") throw conflict("undo", job);
  const { written } = job.progress;
  if (job.kind === "import" && areVisible(job)) {
    const counted = await jobs.countKept(jobId);
    if (counted?.isKnown === false) throw refuseUnknown(job);
    const own = counted === null ? 0 : counted.own;
    const { rowsUpdated = 0 } = job.result ?? {};
    return {
      rowsRemoved: own === null ? rowsAdded(job) : own - (counted?.changed ?? 0),
      rowsRestored: counted?.restorable ?? 0,
      rowsLeft: own === null ? 0 : Math.max(rowsAdded(job) + rowsUpdated - own, 0),
      isEstimate: own === null,
      dropsTable: counted?.dropsTable ?? false,
    };
  }
  // Of a process its own code decides what it leaves.
  return {
    rowsRemoved: written,
    rowsRestored: 0,
    rowsLeft: 0,
    isEstimate: job.kind === "process",
    dropsTable: false,
  };
}

/** Whether rows of an import are in its target. */
function areVisible(job: Job): boolean {
  return isDirect(job) || job.phase === "undoing" || (job.kind === "import" && job.kept !== null);
}
