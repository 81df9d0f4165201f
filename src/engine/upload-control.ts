/**
 * What an upload does to the job that reads from it: ends it when it breaks off, and puts it at the start of a better
 * plan when the whole file tells one. By the signal and under the barrier, as everything that comes from outside a
 * job's runners. A stop that a person asked for goes first.
 */
import type { Failure } from "../core/errors.ts";
import type { ImportPlan } from "../core/import-plan.ts";
import type { JobState } from "../core/job-state.ts";
import type { BarrierTransaction, ControlStore } from "../core/control-ports.ts";

/** Control of jobs by their uploads. */
export interface UploadControl {
  /** Ends a job that is not over by an error of its upload. Its checkpoint and staged rows are kept. */
  fail(jobId: string, failure: Failure): Promise<void>;
  /** Drops what a job has read, and lets it begin again with another plan; one that failed when it is resumed. */
  beginAgain(jobId: string, plan: ImportPlan, waitsForByte: number): Promise<void>;
}

const OPEN_STATES: readonly JobState[] = ["queued", "running", "pausing", "paused"];

export function createUploadControl(store: ControlStore): UploadControl {
  const holding = async (
    jobId: string,
    reason: string,
    work: (tx: BarrierTransaction) => Promise<void>,
  ): Promise<void> => {
    await store.signal(jobId, "hold", { actor: null, reason });
    await store.underBarrier(jobId, work);
  };
  return {
    fail: (jobId, failure) =>
      holding(jobId, failure.code, async (tx) => {
        if (!mayChange(tx, OPEN_STATES)) return endHold(tx);
        await tx.change(["failed"], { raiseEpoch: true, failure });
        await tx.releaseParts();
      }),
    beginAgain: (jobId, plan, waitsForByte) =>
      holding(jobId, "replanned", async (tx) => {
        if (!mayChange(tx, [...OPEN_STATES, "failed"])) return endHold(tx);
        const { state } = tx.job;
        await tx.change(state === "running" ? ["queued"] : [], {
          raiseEpoch: true,
          ...(state === "failed" ? {} : { phase: null }),
        });
        await tx.beginAgain(plan, waitsForByte);
        await endHold(tx);
        if (state === "running" || state === "queued") await tx.dispatchUnfinished();
      }),
  };
}

function mayChange({ job }: BarrierTransaction, states: readonly JobState[]): boolean {
  return job.signal !== "stop" && states.includes(job.state);
}

/** Puts the wish back in the place of the hold. */
function endHold(tx: BarrierTransaction): Promise<void> {
  return tx.setSignal(tx.job.wish, { insteadOf: "hold" });
}
