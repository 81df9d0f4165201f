/**
 * What happens to a job from outside its runners: pause, resume, stop, undo, failure, rescue.
 *
 * Every request is made durable by the signal first, and carried out under the barrier after. If the process dies in
 * between, the sweep of any supervisor finds the difference and carries it out. What is decided under the barrier is
 * decided from the job as it is there: a request that came too late is a normal case, answered by the state it met.
 */
import { SluiceError, type Failure } from "../core/errors.ts";
import type { EngineSettings } from "../core/engine-settings.ts";
import { judgeAction, type Signal, type StateAction } from "../core/job-state.ts";
import type { Job, RowsOnStop } from "../core/job.ts";
import { situationOf } from "../core/job-actions.ts";
import type { ActionOutcome, Actor } from "../core/job-service.ts";
import type { MaxRejected } from "../core/rejection-limit.ts";
import type { BarrierTransaction, ControlStore } from "../core/control-ports.ts";
import type { EpochOfJob } from "../core/runner-ports.ts";
import type { JobStore } from "../core/store-ports.ts";
import {
  failNow,
  isEndedByRunner,
  pauseNow,
  requeueNow,
  resumeNow,
  stopNow,
  undoNow,
} from "./control-steps.ts";
import { isPublishingStop, refuseKeep } from "./keep-staged.ts";
import { undoFailed, waitUntilSettled } from "./process-control.ts";
import { refuseUndo, refuseUnknown } from "./refuse-undo.ts";
import { isDirect, undoRows } from "./undo-import.ts";
import { conflict } from "./conflict.ts";
import { getJob } from "./get-job.ts";

/** Options of an action, see `JobService.act`. */
export interface ActOptions {
  readonly reason?: string | null;
  /** Of a stop: what becomes of rows that are visible. Default: they are undone. */
  readonly rows?: RowsOnStop;
  readonly maxRejected?: MaxRejected | null;
  readonly pauseAfter?: number | null;
  /** Of a pause: does not wait for the batch in hand, which is done again on resume. */
  readonly force?: boolean;
}

/** Control over jobs. */
export interface Control {
  /** See `JobService.act`. */
  act(
    jobId: string,
    action: StateAction,
    actor: Actor,
    options?: ActOptions,
  ): Promise<ActionOutcome>;
  /** Pauses a job that reached its `pauseAfter`. */
  pauseAfter(jobId: string): Promise<void>;
  /** Ends a job by an error; its checkpoint and staged rows are kept. No effect when the epoch is over. */
  fail(jobId: string, epoch: number, failure: Failure): Promise<void>;
  /**
   * Gives the work of a lost runner back: nothing of the old epoch commits after it. No effect when the epoch is over:
   * of any number of workers that notice one loss, the first rescues, and a runner that was rescued while it was frozen
   * takes nothing from its successor. `isCounted` when the loss may be the work's own fault; a job that is lost again
   * and again at one place fails.
   */
  rescue(work: EpochOfJob, isCounted: boolean): Promise<void>;
  /** Ends the pausing of a process whose runner has let go of it. */
  letGo(jobId: string): Promise<void>;
  /** Lets a job wait again when its last runner has drained. */
  requeueIdle(jobId: string): Promise<void>;
  /** Carries out a request whose process died. */
  settle(jobId: string, signal: Signal): Promise<void>;
  /** Goes on for `forMs` with undoing rows of a job whose process died. */
  continueUndo(jobId: string, forMs: number): Promise<void>;
}

/** Called when a change may let a supervisor do something. */
export type Nudge = () => void;

export function createControl(
  jobs: JobStore,
  store: ControlStore,
  settings: EngineSettings,
  nudge: Nudge,
): Control {
  const settle = async (jobId: string, signal: Signal): Promise<void> => {
    if (signal === "run") return;
    await store.underBarrier(jobId, (tx) =>
      signal === "pause"
        ? pauseNow(tx)
        : signal === "stop"
          ? stopNow(tx)
          : requeueNow(tx, { epoch: tx.job.epoch, isCounted: false }),
    );
    nudge();
  };
  return {
    settle,
    continueUndo: async (jobId, forMs) => {
      await undoRows(store, jobId, forMs);
    },
    act: (jobId, action, actor, options = {}) =>
      act({ jobs, store, settings, nudge }, { jobId, action, actor, options }),
    pauseAfter: async (jobId) => {
      await store.signal(jobId, "pause", { actor: null, reason: "pauseAfter" });
      await settle(jobId, "pause");
    },
    fail: async (jobId, epoch, failure) => {
      if ((await jobs.findJob(jobId))?.epoch !== epoch) return;
      await store.signal(jobId, "hold", { actor: null, reason: failure.code });
      await store.underBarrier(jobId, (tx) => failNow(tx, epoch, failure));
      nudge();
    },
    rescue: (work, isCounted) => rescue({ jobs, store, settings, nudge }, work, isCounted),
    letGo: async (jobId) => {
      if ((await jobs.findJob(jobId))?.state !== "pausing") return;
      await store.underBarrier(jobId, async (tx) => {
        if (tx.job.state === "pausing") await pauseNow(tx);
      });
    },
    requeueIdle: async (jobId) => {
      await store.underBarrier(jobId, async (tx) => {
        if (tx.job.state !== "running" || tx.job.wish !== "run") return;
        if (await tx.hasClaimedParts()) return;
        await tx.change(["queued"], { phase: null });
      });
    },
  };
}

interface Deps {
  readonly jobs: JobStore;
  readonly store: ControlStore;
  readonly settings: EngineSettings;
  readonly nudge: Nudge;
}

interface Request {
  readonly jobId: string;
  readonly action: StateAction;
  readonly actor: Actor;
  readonly options: ActOptions;
}

const SIGNAL_OF: Readonly<Record<StateAction, Signal | null>> = {
  pause: "pause",
  stop: "stop",
  resume: null,
  undo: null,
};

async function act(deps: Deps, request: Request): Promise<ActionOutcome> {
  const { jobs, settings, nudge } = deps;
  const { jobId, action, options } = request;
  const before = await getJob(jobs, jobId);
  const verdict = judgeAction(action, situationOf(before));
  refuseUndo(before, action, options.rows);
  if (verdict === "conflict") throw conflict(action, before);
  if (verdict === "already") return { outcome: "reached", wasSo: true, job: before };
  if (options.rows === "keep") refuseKeep(before);
  if (action === "undo" && before.kind === "import" && before.kept !== null)
    if (!(await jobs.areKeptRowsKnown(jobId))) throw refuseUnknown(before);
  const until = performance.now() + settings.actionWaitMs;
  const isTaken = isPublishingStop(before) || (await take(deps, request, before));
  nudge();
  const isReached = isTaken && (await isCarriedThrough(deps, before, action, until));
  nudge();
  const after = await getJob(jobs, jobId);
  if (isReached && after.failure?.code === "undo_failed" && action !== "resume")
    throw undoFailed(after.failure);
  if (isReached && after.phase === "publishing" && after.wish === "stop" && after.failure !== null)
    throw new SluiceError(after.failure.code, after.failure.message);
  if (isReached && judgeAction(action, situationOf(after)) === "conflict")
    throw conflict(action, after);
  return { outcome: isReached ? "reached" : "underway", wasSo: false, job: after };
}

/** Makes a request durable and carries it out under the barrier. False: that is still to come, and comes by itself. */
async function take(
  { store, settings }: Deps,
  { jobId, action, actor, options }: Request,
  before: Job,
): Promise<boolean> {
  const signal = SIGNAL_OF[action];
  // Who repeats a stop and says nothing of the rows leaves them to the first one.
  const isSaid = before.state === "stopping" && options.rows === undefined;
  if (signal !== null && !isSaid) {
    const { reason = null, rows = "undo" } = options;
    await store.signal(jobId, signal, { actor: actor.by, reason, rows });
  }
  const carriedOut = store.underBarrier(jobId, (tx) => carryOut(tx, action, actor, options));
  if (signal !== null) return reachedWithin(carriedOut, settings.actionWaitMs);
  await carriedOut;
  return true;
}

async function rescue(
  { jobs, store, settings, nudge }: Deps,
  { jobId, epoch }: EpochOfJob,
  isCounted: boolean,
): Promise<void> {
  const before = await jobs.findJob(jobId);
  if (before?.epoch !== epoch) return;
  // A person's request goes first: it is carried out instead, and takes the parts back as well.
  const signal = before.signal === "run" ? "hold" : before.signal;
  if (before.signal === "run")
    await store.signal(jobId, "hold", { actor: null, reason: "runner lost" });
  await store.underBarrier(jobId, (tx) =>
    signal === "pause"
      ? pauseNow(tx, { isAtOnce: tx.job.epoch === epoch })
      : signal === "stop" && !isEndedByRunner(tx.job)
        ? stopNow(tx)
        : requeueNow(tx, { epoch, isCounted, maxRescues: settings.maxRescues }),
  );
  nudge();
}

/** What is left to do once the barrier was taken: rows that are taken out again, or a runner that has to let go. */
async function isCarriedThrough(
  { jobs, store, settings }: Deps,
  job: Job,
  action: StateAction,
  until: number,
): Promise<boolean> {
  if (isDirect(job) || (job.kind === "import" && action === "undo"))
    return reachedWithin(undoRows(store, job.id), settings.actionWaitMs);
  const isForRunner = job.kind === "process" || (job.kind === "import" && action === "stop");
  if (!isForRunner || action === "resume") return true;
  return waitUntilSettled(jobs, job.id, until);
}

async function carryOut(
  tx: BarrierTransaction,
  action: StateAction,
  actor: Actor,
  options: ActOptions,
): Promise<void> {
  await tx.attribute(actor.by, options.reason ?? null);
  switch (action) {
    case "pause":
      return pauseNow(tx, { isAtOnce: options.force ?? false });
    case "stop":
      return stopNow(tx);
    case "resume":
      return resumeNow(tx, options);
    case "undo":
      return undoNow(tx);
    default:
      return action satisfies never;
  }
}

/** Errors of the moment: a wish that is durable is carried out by the sweep when they pass. */
const PASSING = ["database_unavailable", "lock_timeout"];

/**
 * Waits for the barrier of a durable wish, at most `waitMs`. After that it is carried out by itself: by the transaction
 * that still waits, or by the sweep of a supervisor. A request without a signal must not be waited for like this: an
 * answer before its commit would promise what nobody does.
 */
async function reachedWithin(work: Promise<unknown>, waitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), waitMs);
  });
  const done = work.then(
    () => true,
    (error: unknown) => {
      if (error instanceof SluiceError && PASSING.includes(error.code)) return false;
      throw error;
    },
  );
  // When the time is over first, nobody waits for this any more.
  done.catch(() => undefined);
  try {
    return await Promise.race([done, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
