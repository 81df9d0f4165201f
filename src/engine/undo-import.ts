/**
 * Stopping and undoing imports whose rows are in the target already: those of direct delivery, and those that have ended
 * with their rows kept.
 *
 * The request moves the job to `stopping` or `undoing`, phase `undoing`, under the barrier: from there no chunk commits.
 * Then the rows are taken out stretch by stretch, each in a transaction under the barrier that keeps its place. Nobody
 * owns this work: whoever asked goes on with it, and when that process dies the sweep of any supervisor does.
 */
import { SluiceError, toFailure, type Failure } from "../core/errors.ts";
import { rowsAdded, type Job } from "../core/job.ts";
import type { BarrierTransaction, ControlStore } from "../core/control-ports.ts";

/** Whether the rows of a job are in the target as they are written. */
export function isDirect({ request }: Pick<Job, "request">): boolean {
  return request.kind === "import" && request.delivery === "direct";
}

/** Stops a direct job under the barrier: its rows stay when that was asked for, else their undoing begins. */
export async function stopDirect(tx: BarrierTransaction): Promise<void> {
  const { written } = tx.job.progress;
  if (tx.rowsOnStop === "keep") await tx.noteKeptRows();
  if (tx.rowsOnStop === "keep" || written === 0)
    return tx.change(["stopping", "stopped"], {
      wish: "stop",
      phase: null,
      raiseEpoch: true,
      result: { rows: tx.rowsOnStop === "keep" ? "kept" : "undone", rowsInserted: written },
    });
  await tx.beginUndo();
  await tx.change(["stopping"], { wish: "stop", phase: "undoing", raiseEpoch: true });
}

/** Begins to undo a job whose rows are in the target, or goes on where an undo failed. Under the barrier. */
export async function undoVisible(tx: BarrierTransaction): Promise<void> {
  await tx.setSignal("stop");
  await tx.beginUndo();
  await tx.change(["undoing"], {
    wish: "stop",
    phase: "undoing",
    raiseEpoch: true,
    failure: null,
  });
}

/**
 * Undoes stretch after stretch until nothing is left of it, or `forMs` have passed. Nothing happens to a job that is not
 * being undone. What does not pass by itself ends the job as `failed`, from where it can be undone further. Returns whether
 * it is over.
 */
export async function undoRows(
  store: ControlStore,
  jobId: string,
  forMs = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const until = performance.now() + forMs;
  for (;;) {
    try {
      if (await store.underBarrier(jobId, undoOnce)) return true;
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === "undo_failed")) throw error;
      await store.underBarrier(jobId, (tx) => failUndo(tx, toFailure(error)));
      return true;
    }
    if (performance.now() >= until) return false;
  }
}

function isUndoing({ state, phase }: Job): boolean {
  return phase === "undoing" && (state === "stopping" || state === "undoing");
}

async function failUndo(tx: BarrierTransaction, failure: Failure): Promise<void> {
  if (isUndoing(tx.job)) await tx.change(["failed"], { failure });
}

/** One stretch; the last one ends the job. Returns whether it has ended. */
async function undoOnce(tx: BarrierTransaction): Promise<boolean> {
  const { job } = tx;
  if (!isUndoing(job) || job.kind !== "import") return true;
  const undo = await tx.undoStretch();
  if (!undo.isDone) return false;
  const { removed, restored, failed } = undo;
  const written = rowsAdded(job) + (job.result?.rowsUpdated ?? 0);
  // The rows of a replace are removed, and others are restored.
  const touched = job.request.mode === "replace" ? removed : removed + restored + failed;
  await tx.change([job.state === "stopping" ? "stopped" : "undone"], {
    phase: null,
    failure: null,
    result: {
      rows: "undone",
      rowsInserted: 0,
      rowsRemoved: removed,
      ...(restored > 0 ? { rowsRestored: restored } : {}),
      rowsLeft: Math.max(written - touched, 0),
      ...(failed > 0 ? { rowsFailed: failed, failedReasons: undo.reasons } : {}),
      ...(undo.isTableDropped ? { isTableDropped: true } : {}),
    },
  });
  return true;
}
