/**
 * What control does to a process under the barrier.
 *
 * User code takes its time, and what it does outside the database cannot be rolled back. So a pause lets the batch in hand
 * end: the job is `pausing` until its runner has let go. A stop does not wait: the epoch rises, the runner ends its host,
 * and then undoing goes from the newest batch to the oldest. Undoing is work for a runner, with the same claims and
 * leases as running: part 1 is claimed for it.
 */
import { SluiceError, type Failure } from "../core/errors.ts";
import { judgeAction } from "../core/job-state.ts";
import type { Job, ProcessJob } from "../core/job.ts";
import { situationOf } from "../core/job-actions.ts";
import type { ProcessResult } from "../core/process-plan.ts";
import type { BarrierTransaction } from "../core/control-ports.ts";
import type { JobStore } from "../core/store-ports.ts";

const LOOK_EVERY_MS = 50;

/** Whether a process may have a batch in hand that a pause has to wait for. */
export function isProcessAtWork({ kind, state, phase }: Job): boolean {
  return (
    kind === "process" && (state === "pausing" || (state === "running" && phase !== "publishing"))
  );
}

/** Whether what a process did is being reversed. */
export function isProcessUndoing({ kind, state, phase }: Job): boolean {
  return kind === "process" && phase === "undoing" && (state === "stopping" || state === "undoing");
}

/** Pauses a process that is at work: now, when nobody has its part or `isAtOnce`; else when its runner lets go. */
export async function pauseProcess(tx: BarrierTransaction, isAtOnce: boolean): Promise<void> {
  const isBusy = await tx.hasClaimedParts();
  if (tx.job.state === "running") await tx.change(["pausing"], { wish: "pause" });
  // A stop that was asked for meanwhile is carried out next.
  if (tx.job.signal !== "stop") await tx.setSignal("pause");
  if (isBusy && !isAtOnce) return;
  await tx.change(["paused"], {
    wish: "pause",
    phase: null,
    ...(isAtOnce ? { raiseEpoch: true as const } : {}),
  });
  await tx.releaseParts();
}

/** Stops a process: what it did is undone where that is possible and not unwanted, else kept. */
export async function stopProcess(tx: BarrierTransaction, job: ProcessJob): Promise<void> {
  const hasBatches = await tx.hasBatches();
  if (job.plan.hasUndo && tx.rowsOnStop === "undo" && hasBatches) {
    await tx.change(["stopping"], { wish: "stop", phase: "undoing", raiseEpoch: true });
    return tx.dispatchUnfinished();
  }
  return tx.change(["stopping", "stopped"], {
    wish: "stop",
    phase: null,
    raiseEpoch: true,
    result: resultOf(job, hasBatches ? "kept" : "undone"),
  });
}

/** Begins to undo a process that has ended, or goes on where an undo failed. */
export async function undoProcess(tx: BarrierTransaction, job: ProcessJob): Promise<void> {
  // One that is under way goes on by itself.
  if (job.state === "undoing") return;
  if (judgeAction("undo", situationOf(job)) !== "allowed") return;
  await tx.releaseParts();
  await tx.retryUndo();
  if (job.result?.output != null) await tx.forgetFile(job.result.output.file);
  if (await tx.hasBatches()) {
    await tx.change(["undoing"], {
      wish: "stop",
      phase: "undoing",
      raiseEpoch: true,
      failure: null,
      result: null,
    });
    await tx.dispatchUnfinished();
  } else
    await tx.change(["undoing", "undone"], {
      wish: "stop",
      phase: null,
      raiseEpoch: true,
      failure: null,
      result: resultOf(job, "undone"),
    });
  await tx.setSignal("stop");
}

/** Lets what a runner was lost at be taken by another: an undo, or the publishing of what a stop keeps. */
export async function giveEndBack(tx: BarrierTransaction): Promise<void> {
  await tx.releaseParts();
  await tx.change([], { raiseEpoch: true });
  await tx.dispatchFirst();
}

/** What a process that ends without undoing batches has to say. */
function resultOf({ progress }: ProcessJob, rows: ProcessResult["rows"]): ProcessResult {
  return {
    rows,
    recordsDone: progress.written,
    recordsUndone: 0,
    recordsKept: 0,
    recordsFailed: 0,
    output: null,
  };
}

/** The answer to a request whose undo ended with batches that could not be undone. */
export function undoFailed({ message }: Failure): SluiceError {
  return new SluiceError("undo_failed", message);
}

/** Waits until a runner has let go of a job, or its undo has ended; until `until` by `performance.now()`. */
export async function waitUntilSettled(
  jobs: Pick<JobStore, "findJob">,
  jobId: string,
  until: number,
): Promise<boolean> {
  for (;;) {
    const job = await jobs.findJob(jobId);
    const isMoving =
      job?.state === "pausing" || job?.state === "stopping" || job?.state === "undoing";
    if (!isMoving) return true;
    if (performance.now() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
