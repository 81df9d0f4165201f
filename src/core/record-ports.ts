/** Ports for reading the records of a job again, by what became of them. */
import type { RecordFix } from "./correction.ts";
import type { Failure } from "./errors.ts";
import type { ReadingPlan } from "./import-plan.ts";
import type { RecordPlace, RecordRange } from "./record-ranges.ts";
import type { Rejection } from "./rejection.ts";

/** A record as it is in the source, read again after the job. */
export interface SourceRecord extends RecordPlace {
  /** Bytes in the source, without its line end. */
  readonly byteLength: number;
  /**
   * The fields as texts, as many as the record has; null when it cannot be told where they end. Bytes that are not of
   * the encoding are U+FFFD here, and as they are in the bytes.
   */
  readonly fields: readonly string[] | null;
  /** Why nothing behind this can be told apart: then this is all that is left of the range. Null for a record. */
  readonly failure: Failure | null;
  /** Why the job rejected it; null when it did not. */
  readonly rejection: Rejection | null;
  /** Of a rejected record as it is shown: its correction, and the retry that has it. */
  readonly fix?: RecordFix;
}

/** The offsets of the rejected records of a range, in order, in pages that need not be full. */
export type RejectedOffsets = (range: RecordRange) => AsyncIterable<readonly number[]>;

/**
 * Reads the records of a job's source again. What is returned is read as it is taken; leaving a loop early frees what it
 * held. Blank lines are no records and are left out. Errors while reading: `source_changed`, `storage_failed`.
 */
export interface RecordSource {
  /** The header's texts; made-up names for a file without header. */
  readonly header: readonly string[];
  /** Name of the encoding of the bytes. */
  readonly encoding: string;
  /**
   * The bytes before the first record: byte order mark, header. With `withReasons` the header begins with the names of
   * the columns that `copyRejected` then adds.
   */
  headBytes(withReasons: boolean): Uint8Array;
  /** The records of the ranges without the rejected ones. */
  readRecords(
    ranges: readonly RecordRange[],
    rejected: RejectedOffsets,
  ): AsyncIterable<readonly SourceRecord[]>;
  /** The bytes of the same records, line ends included. */
  copyRecords(ranges: readonly RecordRange[], rejected: RejectedOffsets): AsyncIterable<Uint8Array>;
  /** The rejected records themselves. */
  readRejected(pages: AsyncIterable<readonly Rejection[]>): AsyncIterable<readonly SourceRecord[]>;
  /** Their bytes, line ends included. With `withReasons` each begins with line, column, code and message. */
  copyRejected(
    pages: AsyncIterable<readonly Rejection[]>,
    withReasons: boolean,
  ): AsyncIterable<Uint8Array>;
}

/** Opens sources to read their records again. */
export interface RecordReading {
  /** Errors: `source_changed` when the file is gone or has another size than the plan was made for. */
  open(plan: ReadingPlan): Promise<RecordSource>;
}
