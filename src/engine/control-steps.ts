/**
 * The steps of control: what is done to a job under the barrier. Each decides from the job as it is there, and does
 * nothing to one that is past it.
 */
import { SluiceError, type Failure } from "../core/errors.ts";
import { judgeAction } from "../core/job-state.ts";
import type { Job } from "../core/job.ts";
import type { JobResult } from "../core/job-result.ts";
import { situationOf } from "../core/job-actions.ts";
import type { MaxRejected } from "../core/rejection-limit.ts";
import type { BarrierTransaction } from "../core/control-ports.ts";
import {
  giveEndBack,
  isProcessAtWork,
  isProcessUndoing,
  pauseProcess,
  stopProcess,
  undoProcess,
} from "./process-control.ts";
import { isPublishingStop, keepStaged } from "./keep-staged.ts";
import { isDirect, stopDirect, undoVisible } from "./undo-import.ts";

/** What a resume may change. */
interface ResumeOptions {
  readonly maxRejected?: MaxRejected | null;
  readonly pauseAfter?: number | null;
}

/**
 * Pauses. A process goes on with the batch in hand until that has ended, unless its runner is lost or it is forced: then
 * nothing of it commits, and it is done again.
 */
export async function pauseNow(
  tx: BarrierTransaction,
  how: { readonly isAtOnce?: boolean } = {},
): Promise<void> {
  const { state } = tx.job;
  if (isProcessAtWork(tx.job)) return pauseProcess(tx, how.isAtOnce ?? false);
  if (state === "queued") await tx.change(["paused"], { wish: "pause" });
  else if (state === "running" && tx.job.phase !== "publishing")
    await tx.change(["pausing", "paused"], { wish: "pause", phase: null });
  else if (state === "running") return tx.setSignal("run", { insteadOf: "pause" });
  // A stop that was asked for meanwhile is carried out next.
  if (tx.job.signal !== "stop") await tx.setSignal("pause");
  await tx.releaseParts();
}

/** Lets a job wait for a runner again, at its checkpoint. */
export async function resumeNow(tx: BarrierTransaction, options: ResumeOptions): Promise<void> {
  const { state } = tx.job;
  if (state !== "paused" && state !== "failed") return;
  if (state === "paused" && tx.job.signal === "stop") return;
  if (judgeAction("resume", situationOf(tx.job)) !== "allowed") return;
  await tx.change(["queued"], {
    wish: "run",
    phase: null,
    raiseEpoch: true,
    failure: null,
    pauseAfter: options.pauseAfter ?? null,
    ...(options.maxRejected === undefined ? {} : { maxRejected: options.maxRejected }),
  });
  await tx.setSignal("run");
  await tx.releaseParts();
  await tx.dispatchUnfinished();
}

const STOPPABLE = ["queued", "running", "pausing", "paused"];

/** Stops a job that is not over, with what becomes of its rows. */
export async function stopNow(tx: BarrierTransaction): Promise<void> {
  if (!STOPPABLE.includes(tx.job.state)) return;
  await tx.releaseParts();
  if (tx.job.kind === "process") return stopProcess(tx, tx.job);
  if (isDirect(tx.job)) return stopDirect(tx);
  const isKept = tx.job.kind === "import" && tx.rowsOnStop === "keep";
  if (isKept && tx.job.progress.written > 0) return keepStaged(tx);
  await tx.dropStaging();
  await tx.change(["stopping", "stopped"], {
    wish: "stop",
    phase: null,
    raiseEpoch: true,
    result: resultOfNothing(tx.job),
  });
}

/** What a job that was stopped or undone says of its end. */
function resultOfNothing({ kind }: Job): JobResult | null {
  return kind === "import" ? { rows: "undone", rowsInserted: 0 } : null;
}

/**
 * Undoing takes out the rows that an import has in its target; of one that failed before it published, and of an export,
 * it drops what was staged. A process is reversed batch by batch.
 */
export async function undoNow(tx: BarrierTransaction): Promise<void> {
  if (tx.job.kind === "process") return undoProcess(tx, tx.job);
  const { state, phase } = tx.job;
  const isKept = tx.job.kind === "import" && tx.job.kept?.refusal === null;
  if (state !== "failed" && !isKept) return;
  await tx.releaseParts();
  if (isKept || isDirect(tx.job) || phase === "undoing") return undoVisible(tx);
  await tx.dropStaging();
  await tx.change(["undoing", "undone"], {
    wish: "stop",
    phase: null,
    raiseEpoch: true,
    failure: null,
    result: resultOfNothing(tx.job),
  });
  await tx.setSignal("stop");
}

/** Ends a job by an error, unless its epoch is over. */
export async function failNow(
  tx: BarrierTransaction,
  epoch: number,
  failure: Failure,
): Promise<void> {
  const { job } = tx;
  const isTheirs = job.epoch === epoch && mayFail(job);
  if (!isTheirs) return endHold(tx);
  await tx.change(["failed"], { raiseEpoch: true, failure });
  await tx.releaseParts();
}

/** A process that is paused or undone has a runner until that has let go, and so has a stop that publishes. */
function mayFail(job: Job): boolean {
  return (
    job.state === "running" ||
    job.state === "queued" ||
    (job.kind === "process" && job.state === "pausing") ||
    isEndedByRunner(job)
  );
}

/** Whether a runner carries out what a stop or an undo has asked for. */
export function isEndedByRunner(job: Job): boolean {
  return isProcessUndoing(job) || isPublishingStop(job);
}

/** Puts the wish back in the place of a hold. A request that a person made meanwhile stays, and is carried out next. */
function endHold(tx: BarrierTransaction): Promise<void> {
  return tx.setSignal(tx.job.wish, { insteadOf: "hold" });
}

/** Gives work back that a runner has lost: it waits for another, and nothing of the old epoch commits. */
export async function requeueNow(
  tx: BarrierTransaction,
  loss: { readonly epoch: number; readonly isCounted: boolean; readonly maxRescues?: number },
): Promise<void> {
  const { job } = tx;
  const { isCounted, maxRescues = Number.POSITIVE_INFINITY } = loss;
  if (job.epoch === loss.epoch && isEndedByRunner(job)) return giveEndBack(tx);
  const isTheirs = job.epoch === loss.epoch && (job.state === "running" || job.state === "queued");
  if (!isTheirs) return endHold(tx);
  const readAtLast = tx.rescues > 0 && tx.readSinceRescue === 0;
  if (isCounted && readAtLast && tx.rescues >= maxRescues) {
    await tx.change(["failed"], {
      raiseEpoch: true,
      failure: lostTooOften(job, tx.rescues),
    });
    return tx.releaseParts();
  }
  await tx.change(job.state === "running" ? ["queued"] : [], {
    wish: "run",
    phase: null,
    raiseEpoch: true,
    ...(isCounted ? { countRescue: true } : {}),
  });
  await endHold(tx);
  await tx.releaseParts();
  await tx.dispatchUnfinished();
}

function lostTooOften(job: Job, rescues: number): Failure {
  const error = new SluiceError(
    "runner_lost",
    `The runner was lost ${rescues} times after ${job.progress.read} rows. What was committed is kept.`,
  );
  return { code: error.code, message: error.message, advice: error.advice };
}
