/**
 * What a runner does with the part of a process: batch after batch it notes what it is about to do, lets user code do it,
 * and commits what came of it with the checkpoint. When the process dies at any line here, the batch in hand is known by
 * its row, nothing of it is in the database or all of it is, and whoever takes the part next gives user code the same
 * records with the same key.
 */
import { SluiceError, tooManyRejected } from "../core/errors.ts";
import type { ExportFiles } from "../core/export-ports.ts";
import type { Failpoints } from "../core/failpoint.ts";
import type { OpenBatches, ReadBatch } from "../core/process-ports.ts";
import { batchAt, batchKeyOf, type BatchRecords } from "../core/process-plan.ts";
import type { ProcessAssignment, RunBatch } from "../core/process-store-ports.ts";
import type { Rejection } from "../core/rejection.ts";
import { mostRecordsIn, percentageOf, rejectionLimit } from "../core/rejection-limit.ts";
import { BatchWork, type BatchTools, type HostDone } from "./batch-work.ts";
import type { PartSpeed } from "./part-speed.ts";
import { undoBatches } from "./undo-process.ts";
import { OutputSegment } from "./output-segment.ts";
import { rangeOf, sizeOf, splitBatch } from "./batch-range.ts";

/** What a runner works with in a process. */
export interface ProcessTools extends BatchTools {
  readonly openBatches: OpenBatches;
  readonly files: ExportFiles;
  readonly failpoints: Failpoints;
  readonly speed: PartSpeed;
}

/** Why a runner let go of the part of a process. */
export type ProcessPartOutcome =
  | { readonly kind: "done"; readonly published: boolean }
  | { readonly kind: "left" }
  | { readonly kind: "pause_after" }
  | { readonly kind: "drained" };

/** Runs a part from its checkpoint or undoes it, and ends the job. Errors: those of the ports, `process_failed`. */
export async function runProcessPart(
  tools: ProcessTools,
  assignment: ProcessAssignment,
  drain: AbortSignal,
): Promise<ProcessPartOutcome> {
  const work = new BatchWork(tools, assignment, drain);
  const run = new PartRun(tools, assignment, work);
  try {
    if (assignment.task === "undo") return await undoBatches(tools, assignment, work, drain);
    const outcome = await run.all(drain);
    if (outcome.kind !== "done") return outcome;
  } finally {
    await work.end();
    await run.close();
  }
  const publishing = await tools.store.publish(assignment, tools.files);
  return publishing === "left"
    ? { kind: "left" }
    : { kind: "done", published: publishing === "published" };
}

class PartRun {
  readonly #tools: ProcessTools;
  readonly #assignment: ProcessAssignment;
  readonly #work: BatchWork;
  readonly #output: OutputSegment;

  constructor(tools: ProcessTools, assignment: ProcessAssignment, work: BatchWork) {
    this.#tools = tools;
    this.#assignment = assignment;
    this.#work = work;
    this.#output = new OutputSegment(tools.files, assignment);
  }

  async all(drain: AbortSignal): Promise<ProcessPartOutcome> {
    const { plan, checkpoint, endByte, recordsUntilPause } = this.#assignment;
    let { record, byte } = checkpoint;
    const last = recordsUntilPause === null ? Infinity : record - 1 + recordsUntilPause;
    let mayBeBegun = true;
    const reader = await this.#tools.openBatches(plan, checkpoint, endByte);
    try {
      for (;;) {
        if (drain.aborted) return { kind: "drained" };
        if (record > last) return { kind: "pause_after" };
        // Behind the last batch there is nothing left to hold back.
        const held = byte < endByte ? await this.#tools.speed.paid() : null;
        if (held !== null) return { kind: held };
        const begun: BatchRecords | null = mayBeBegun ? await this.#begunAt(record) : null;
        mayBeBegun = begun !== null;
        const wanted = Math.min(plan.batchSize, last - record + 1);
        const batch = await reader.next(begun === null ? wanted : begun.lastRecord - record + 1);
        if (batch === null) return { kind: "done", published: false };
        const ended = await this.#run(batch);
        if (ended !== null) return ended;
        this.#tools.speed.take(sizeOf(batch));
        ({ record, byte } = batch.to);
      }
    } finally {
      await reader.close();
    }
  }

  /** Frees the file of what was emitted. */
  close(): Promise<void> {
    return this.#output.close();
  }

  async #begunAt(record: number): Promise<BatchRecords | null> {
    const begun = await this.#tools.store.findBegun(this.#assignment, record);
    const batch = batchAt(begun, record);
    if (batch === null || batch.firstRecord === record) return batch;
    throw new SluiceError(
      "balance_mismatch",
      `The batch of rows ${batch.firstRecord} to ${batch.lastRecord} was begun, but the checkpoint is at row ${record}.`,
    );
  }

  /** Runs a batch until it is committed. Returns an outcome when the part must be left. Errors: `process_failed`. */
  async #run(batch: ReadBatch, isHalf = false): Promise<ProcessPartOutcome | null> {
    const size = sizeOf(batch);
    if (batch.records.length === 0) return this.#runWithout(batch, []);
    const { retries, isolate } = await this.#work.rules();
    // A half is only on the way to the record at fault, and that has all its attempts.
    const attempts = isHalf && size > 1 ? 1 : retries + 1;
    let message = "";
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const resting = attempt === 1 ? null : await this.#work.rest(attempt - 1);
      if (resting !== null) return { kind: resting };
      const outcome = await this.#attempt(batch, attempt);
      if (outcome === null || outcome.kind !== "failed") return outcome;
      ({ message } = outcome);
    }
    if (!isolate) throw processFailed(batch, attempts, message);
    if (size === 1) return this.#runWithout(batch, [refusalOf(batch, message)]);
    if ((await this.#tools.store.splitRun(this.#assignment, batch)) === "left")
      return { kind: "left" };
    const [first, second] = splitBatch(batch);
    return (await this.#run(first, true)) ?? (await this.#run(second, true));
  }

  async #attempt(
    batch: ReadBatch,
    attempt: number,
  ): Promise<ProcessPartOutcome | { readonly kind: "failed"; readonly message: string } | null> {
    const { store, failpoints } = this.#tools;
    const { jobId } = this.#assignment;
    if ((await store.beginRun(this.#assignment, batch)) === "left") return { kind: "left" };
    const key = batchKeyOf(jobId, rangeOf(batch));
    const done = await this.#work.attempt("run", {
      jobId,
      key,
      attempt,
      isCommitted: false,
      result: null,
      records: batch.records.map(({ record, line, values }) => ({ record, line, values })),
    });
    if (done.kind === "over") return { kind: "left" };
    if (done.kind === "drained") return done;
    const failure = done.kind === "failed" ? done.message : await this.#commit(batch, done.answer);
    if (failure === null || typeof failure !== "string") return failure;
    this.#work.note(`attempt ${attempt} failed: ${failure}`, { batch: key });
    await this.#work.flush();
    await failpoints.hit("batch_failed");
    return { kind: "failed", message: failure };
  }

  /** Commits what user code did. Returns what the database said to it when it refuses that. */
  async #commit(batch: ReadBatch, answer: HostDone): Promise<ProcessPartOutcome | string | null> {
    const { failpoints } = this.#tools;
    await failpoints.hit("batch_run");
    const refused = answer.rejections.map((each): Rejection => {
      const record = batch.records[each.index];
      if (record === undefined) throw new RangeError("a rejection names a record of its batch");
      const { values: _values, ...place } = record;
      const { column, code, message } = each;
      return { ...place, column, value: null, code, message };
    });
    const output = await this.#output.add(answer);
    return this.#commitRun({
      from: batch.from,
      to: batch.to,
      read: sizeOf(batch),
      rejections: [...batch.rejections, ...refused],
      result: answer.result,
      output,
    });
  }

  /** Commits a batch that user code does not get: none of its records can be read, or the only one is refused. */
  async #runWithout(
    batch: ReadBatch,
    refused: readonly Rejection[],
  ): Promise<ProcessPartOutcome | null> {
    const { store } = this.#tools;
    const read = sizeOf(batch);
    if (read > 0 && (await store.beginRun(this.#assignment, batch)) === "left")
      return { kind: "left" };
    await store.openTransaction(SHORT_MS);
    const rejections = [...batch.rejections, ...refused];
    const { from, to } = batch;
    const outcome = await this.#commitRun({
      from,
      to,
      read,
      rejections,
      result: null,
      output: null,
    });
    if (typeof outcome === "string")
      throw new Error(`nothing was written, and refused: ${outcome}`);
    return outcome;
  }

  async #commitRun(run: RunBatch): Promise<ProcessPartOutcome | string | null> {
    const outcome = await this.#output.counting(() =>
      this.#tools.store.commitRun(this.#assignment, run),
    );
    if (outcome === "left") return { kind: "left" };
    if (outcome !== "done") return outcome.refused;
    await this.#work.flush();
    await this.#checkRejected(run.rejections.length);
    return null;
  }

  /** With every batch there is less left to make up for what was rejected before. */
  async #checkRejected(rejectedNow: number): Promise<void> {
    const { maxRejected, plan, jobId } = this.#assignment;
    if (maxRejected === null || (percentageOf(maxRejected) === null && rejectedNow === 0)) return;
    const { read, rejected, bytes } = await this.#tools.store.countRecords(jobId);
    const bytesLeft = plan.source.bytes - plan.start.byte - bytes;
    const limit = rejectionLimit(maxRejected, read + mostRecordsIn(plan, bytesLeft));
    if (rejected > limit.allowed) throw tooManyRejected(rejected, limit, "What was done is kept.");
  }
}

const SHORT_MS = 30_000;

function refusalOf({ records }: ReadBatch, message: string): Rejection {
  const [record] = records;
  if (record === undefined) throw new RangeError("the batch has one record");
  const { values: _values, ...place } = record;
  return { ...place, column: null, value: null, code: "refused_by_process", message };
}

function processFailed(batch: ReadBatch, attempts: number, message: string): SluiceError {
  const { firstRecord, lastRecord } = rangeOf(batch);
  const times = attempts === 1 ? "once" : `${attempts} times`;
  return new SluiceError(
    "process_failed",
    `The batch of rows ${firstRecord} to ${lastRecord} failed ${times}, last with: ${message}. What was committed before is kept.`,
    { details: { firstRecord, lastRecord } },
  );
}
