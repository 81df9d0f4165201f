/**
 * Reads the records of a process's source in batches, by the rules of imports: a record of another width, with bytes that
 * are not of the encoding or with text behind a quote is a rejection, and user code never sees it.
 *
 * What must always hold: from one place on the same number of records is the same batch, however often it is read, and
 * batches follow each other without a gap. What is no record, such as a blank line, belongs to the batch before it.
 */
import { setImmediate } from "node:timers/promises";
import type { ReadingPlan } from "../../core/import-plan.ts";
import type { FileStore } from "../../core/ports.ts";
import type { BatchReader, OpenBatches, ReadBatch } from "../../core/process-ports.ts";
import type { RecordPlace } from "../../core/record-ranges.ts";
import { RAW_TEXT_LIMIT_BYTES, type Rejection } from "../../core/rejection.ts";
import { recordTexts } from "../../csv/field-text.ts";
import { checkRecord, rejectBroken, type RecordRules } from "../../csv/make-rejection.ts";
import { SCAN_OUTCOMES, type ScanOutcome } from "../../csv/scanned-record.ts";
import { checkSource } from "../import/check-source.ts";
import { RecordCursor } from "../import/record-cursor.ts";
import { sourceOpening } from "../import/source-opening.ts";

const READ_BYTES = 256 * 1024;
/** Source bytes between two turns of other work. */
const SLICE_BYTES = 64 * 1024;
/** A batch of large records ends here rather than fill the memory. */
const MAX_BATCH_BYTES = 32 * 1024 * 1024;

/** Opens readers over the files of a store. */
export function createOpenBatches(files: FileStore): OpenBatches {
  return async (plan, from, end = plan.source.bytes) => {
    await checkSource(files, plan);
    const cursor = new RecordCursor(plan, sourceOpening(files, plan), READ_BYTES);
    try {
      await cursor.moveTo(from);
    } catch (error) {
      await cursor.close();
      throw error;
    }
    return new ProcessBatchReader(plan, cursor, end);
  };
}

class ProcessBatchReader implements BatchReader {
  readonly #cursor: RecordCursor;
  readonly #end: number;
  readonly #escape: number;
  readonly #rules: RecordRules;

  constructor(plan: ReadingPlan, cursor: RecordCursor, end: number) {
    const { dialect, encoding, width, reading } = plan;
    this.#cursor = cursor;
    this.#end = end;
    this.#escape = dialect.escape;
    const { maxFieldBytes } = reading;
    this.#rules = { dialect, encoding, width, maxFieldBytes, columns: [] };
  }

  async next(records: number): Promise<ReadBatch | null> {
    const cursor = this.#cursor;
    const from = cursor.place;
    const read: Reading = { records: [], rejections: [] };
    let sliceEnd = from.byte + SLICE_BYTES;
    while (cursor.byte < this.#end) {
      const outcome = cursor.scan();
      if (outcome === SCAN_OUTCOMES.more) {
        await cursor.readMore();
        continue;
      }
      if (outcome === SCAN_OUTCOMES.end) break;
      const isFull =
        cursor.place.record - from.record >= records || cursor.byte - from.byte >= MAX_BATCH_BYTES;
      if (cursor.isRecord && isFull) break;
      if (cursor.isFailure) {
        // What was read before it is committed first, however batches are cut.
        if (cursor.byte > from.byte) break;
        throw cursor.failure;
      }
      if (cursor.isRecord) this.#take(outcome, read);
      cursor.pass();
      if (cursor.byte < sliceEnd) continue;
      sliceEnd = cursor.byte + SLICE_BYTES;
      await setImmediate();
    }
    return this.#batch(from, read);
  }

  close(): Promise<void> {
    return this.#cursor.close();
  }

  #batch(from: RecordPlace, read: Reading): ReadBatch | null {
    const to = this.#cursor.place;
    return to.byte === from.byte ? null : { from, to, ...read };
  }

  #take(outcome: ScanOutcome, read: Reading): void {
    const { placed } = this.#cursor;
    const { bytes, found, origin, text } = placed;
    const rejection =
      outcome === SCAN_OUTCOMES.broken ? rejectBroken(placed) : checkRecord(placed, this.#rules);
    if (rejection !== null) return void read.rejections.push(rejection);
    read.records.push({
      ...origin,
      byteLength: text.offsetOf(found.end) - origin.byte,
      values: recordTexts(bytes, found, this.#escape),
      raw: bytes.slice(found.start, Math.min(found.end, found.start + RAW_TEXT_LIMIT_BYTES)),
    });
  }
}

interface Reading {
  readonly records: ReadBatch["records"][number][];
  readonly rejections: Rejection[];
}
