/**
 * Undoing a process: `undo` gets its batches from the newest to the oldest, those that were committed and the one that was
 * interrupted, each in a transaction of its own that also notes it. Like running it can die at any line and goes on. A
 * batch that cannot be undone keeps no other from being undone.
 */
import { SluiceError } from "../core/errors.ts";
import { keptReasonsOf } from "../core/kept-reasons.ts";
import { batchKeyOf } from "../core/process-plan.ts";
import type { HostBatch, ReadBatch } from "../core/process-ports.ts";
import type { ProcessAssignment, UndoableBatch } from "../core/process-store-ports.ts";
import type { BatchWork } from "./batch-work.ts";
import type { ProcessPartOutcome, ProcessTools } from "./run-process-part.ts";

const SHORT_MS = 30_000;

/** Undoes batch after batch and ends the job. Errors: `undo_failed` when the process itself cannot be started. */
export async function undoBatches(
  tools: ProcessTools,
  assignment: ProcessAssignment,
  work: BatchWork,
  drain: AbortSignal,
): Promise<ProcessPartOutcome> {
  for (;;) {
    if (drain.aborted) return { kind: "drained" };
    const batch = await tools.store.findUndoable(assignment);
    if (batch === null) {
      const end = await tools.store.endUndo(assignment);
      return end === "done" ? { kind: "done", published: true } : { kind: "left" };
    }
    const left = await undoBatch(tools, assignment, work, batch);
    if (left !== null) return left;
  }
}

async function undoBatch(
  tools: ProcessTools,
  assignment: ProcessAssignment,
  work: BatchWork,
  batch: UndoableBatch,
): Promise<ProcessPartOutcome | null> {
  const read = await readAgain(tools, assignment, batch);
  if (typeof read === "string") return noteFailure(tools, assignment, batch, read);
  if (read.length === 0) {
    await tools.store.openTransaction(SHORT_MS);
    const outcome = { kind: "undone", records: 0, kept: 0, keptReasons: [] } as const;
    const end = await tools.store.commitUndo(assignment, batch, outcome);
    return end === "left" ? { kind: "left" } : null;
  }
  const retries = await retriesOf(work);
  let message = "";
  for (let attempt = 1; attempt <= retries + 1; attempt += 1) {
    const resting = attempt === 1 ? null : await work.rest(attempt - 1);
    if (resting !== null) return { kind: resting };
    const outcome = await attemptUndo(tools, assignment, work, { batch, read, attempt });
    if (typeof outcome !== "string") return outcome;
    message = outcome;
    work.note(`undo, attempt ${attempt} failed: ${message}`, { batch: keyOf(assignment, batch) });
    await work.flush();
  }
  return noteFailure(tools, assignment, batch, message);
}

interface UndoAttempt {
  readonly batch: UndoableBatch;
  readonly read: ReadBatch["records"];
  readonly attempt: number;
}

/** One attempt. Returns what went wrong, or null when the batch is undone. */
async function attemptUndo(
  { store }: ProcessTools,
  assignment: ProcessAssignment,
  work: BatchWork,
  { batch, read, attempt }: UndoAttempt,
): Promise<ProcessPartOutcome | string | null> {
  if ((await store.beginUndo(assignment, batch)) === "left") return { kind: "left" };
  const given: HostBatch = {
    jobId: assignment.jobId,
    key: keyOf(assignment, batch),
    attempt,
    isCommitted: batch.isCommitted,
    result: batch.result,
    records: read.map(({ record, line, values }) => ({ record, line, values })),
  };
  const done = await work.attempt("undo", given);
  if (done.kind === "over") return { kind: "left" };
  if (done.kind === "drained") return done;
  if (done.kind === "failed") return done.message;
  const kept = done.answer.kept.flatMap(({ index, reason }) => {
    const record = read[index]?.record;
    return record === undefined ? [] : [{ record, reason }];
  });
  const outcome = await store.commitUndo(assignment, batch, {
    kind: "undone",
    records: read.length,
    kept: kept.length,
    keptReasons: keptReasonsOf(kept),
  });
  if (outcome === "left") return { kind: "left" };
  if (outcome !== "done") return outcome.refused;
  for (const { record, reason } of kept) work.note(`kept: ${reason}`, { record });
  await work.flush();
  return null;
}

async function noteFailure(
  { store }: ProcessTools,
  assignment: ProcessAssignment,
  batch: UndoableBatch,
  message: string,
): Promise<ProcessPartOutcome | null> {
  const outcome = await store.commitUndo(assignment, batch, { kind: "failed", message });
  return outcome === "left" ? { kind: "left" } : null;
}

/** The records of a batch but the rejected ones; what is wrong when they cannot be read any more. */
async function readAgain(
  { openBatches }: ProcessTools,
  { plan }: ProcessAssignment,
  { from, to, rejected }: UndoableBatch,
): Promise<ReadBatch["records"] | string> {
  const refused = new Set(rejected);
  try {
    const reader = await openBatches(plan, from, to.byte);
    try {
      const batch = await reader.next(to.record - from.record);
      return (batch?.records ?? []).filter(({ record }) => !refused.has(record));
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (error instanceof SluiceError && error.code === "source_changed") return error.message;
    throw error;
  }
}

/** A process whose file is gone or broken undoes nothing: the job fails, and its undo goes on when that is put right. */
async function retriesOf(work: BatchWork): Promise<number> {
  try {
    return (await work.rules()).retries;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw new SluiceError("undo_failed", `Nothing more could be undone: ${error.message}`, {
      cause: error,
    });
  }
}

function keyOf({ jobId }: ProcessAssignment, { from, to }: UndoableBatch): string {
  return batchKeyOf(jobId, { firstRecord: from.record, lastRecord: to.record - 1 });
}
