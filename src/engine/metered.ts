/** What is counted and timed, in the two places that all of it passes: the commits of a runner, and the actions of people. */
import type { ActionOutcome } from "../core/job-service.ts";
import type { StateAction } from "../core/job-state.ts";
import type { ExportedChunk } from "../core/export-ports.ts";
import type { EncodedChunk } from "../core/ports.ts";
import type { RunBatch } from "../core/process-store-ports.ts";
import type { ChunkOutcome, RunnerStore } from "../core/runner-ports.ts";
import type { MeteredChunk, WorkMeter } from "../core/work-meter.ts";
import type { JobKind } from "../core/job.ts";
import { sizeOf } from "./batch-range.ts";

type Size = Omit<MeteredChunk, "seconds">;

/** `store`, whose commits are counted by `meter` when the server has answered that they hold. */
export function meteredStore(store: RunnerStore, meter: WorkMeter): RunnerStore {
  /** `sizeIn` answers null for what was not committed. */
  const timed = async <T>(
    kind: JobKind,
    commit: () => Promise<T>,
    sizeIn: (outcome: T) => Size | null,
  ): Promise<T> => {
    const begun = performance.now();
    const outcome = await commit();
    const size = sizeIn(outcome);
    if (size !== null) meter.chunk(kind, { ...size, seconds: (performance.now() - begun) / 1000 });
    return outcome;
  };
  return {
    ...store,
    commitChunk: (...commit) =>
      timed(
        "import",
        () => store.commitChunk(...commit),
        (outcome) => sizeOfChunk(commit[3], outcome),
      ),
    exports: {
      ...store.exports,
      commit: (assignment, chunk) =>
        timed(
          "export",
          () => store.exports.commit(assignment, chunk),
          (outcome) => (outcome === "done" ? sizeOfStretch(chunk) : null),
        ),
    },
    processes: {
      ...store.processes,
      commitRun: (assignment, batch) =>
        timed(
          "process",
          () => store.processes.commitRun(assignment, batch),
          (outcome) => (outcome === "done" ? sizeOfBatch(batch) : null),
        ),
    },
  };
}

function sizeOfChunk(
  { counts, fromByte, toByte }: EncodedChunk,
  outcome: ChunkOutcome,
): Size | null {
  if (outcome.kind !== "committed") return null;
  return {
    recordsRead: counts.read,
    recordsWritten: counts.written - outcome.rejectedByDatabase,
    recordsRejected: counts.rejected + outcome.rejectedByDatabase,
    bytes: toByte - fromByte,
  };
}

function sizeOfStretch({ rows, fromByte, toByte }: ExportedChunk): Size {
  return { recordsRead: rows, recordsWritten: rows, recordsRejected: 0, bytes: toByte - fromByte };
}

function sizeOfBatch(batch: RunBatch): Size {
  const recordsRead = sizeOf(batch);
  const recordsRejected = batch.rejections.length;
  const bytes = batch.to.byte - batch.from.byte;
  return { recordsRead, recordsWritten: recordsRead - recordsRejected, recordsRejected, bytes };
}

/** Carries an action out; a pause is timed until its answer, unless the job was paused already. */
export async function meteredAct(
  { meter }: { readonly meter: WorkMeter },
  action: StateAction,
  act: () => Promise<ActionOutcome>,
): Promise<ActionOutcome> {
  const begun = performance.now();
  const outcome = await act();
  if (action === "pause" && !outcome.wasSo) meter.pause((performance.now() - begun) / 1000);
  return outcome;
}
