/**
 * Stopping and undoing jobs whose rows are in the target already.
 *
 * The request moves the job to `stopping` or `undoing`, phase `undoing`, under the barrier: from there no chunk commits.
 * Then the rows are taken out stretch by stretch, each in a transaction under the barrier that keeps its place. Nobody
 * owns this work: whoever asked goes on with it, and when that process dies the sweep of any supervisor does.
 */
import type { Job } from "../core/job.ts";
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

/** Begins to undo a direct job that failed, under the barrier. */
export async function undoDirect(tx: BarrierTransaction): Promise<void> {
  await tx.setSignal("stop");
  await tx.beginUndo();
  await tx.change(["undoing"], { wish: "stop", phase: "undoing", raiseEpoch: true });
}

/**
 * Undoes stretch after stretch until nothing is left of it, or `forMs` have passed. Nothing happens to a job that is not
 * being undone. Returns whether it is over.
 */
export async function undoRows(
  store: ControlStore,
  jobId: string,
  forMs = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const until = performance.now() + forMs;
  for (;;) {
    if (await store.underBarrier(jobId, undoOnce)) return true;
    if (performance.now() >= until) return false;
  }
}

/** One stretch; the last one ends the job. Returns whether it has ended. */
async function undoOnce(tx: BarrierTransaction): Promise<boolean> {
  const { state, phase, progress } = tx.job;
  if (phase !== "undoing" || (state !== "stopping" && state !== "undoing")) return true;
  const { removed, isDone } = await tx.undoStretch();
  if (!isDone) return false;
  await tx.change([state === "stopping" ? "stopped" : "undone"], {
    phase: null,
    failure: null,
    result: {
      rows: "undone",
      rowsInserted: 0,
      rowsRemoved: removed,
      rowsLeft: progress.written - removed,
    },
  });
  return true;
}
