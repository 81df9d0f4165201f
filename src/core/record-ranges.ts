/**
 * Where in a source the records of each outcome are.
 *
 * What a job committed is a range of each part, up to its checkpoint, and in it the records that were rejected are
 * known one by one. Everything else follows: `written` is what is committed without the rejected, `unprocessed` is what
 * no checkpoint has passed, the stretch that the search for parts has not reached included. Of a file that still arrives
 * that stretch has no end yet, so only what was found of it counts. When the rows were undone
 * nothing is written any more, so what is not rejected is unprocessed again.
 *
 * What must always hold: a record of the source is in exactly one outcome, whatever the state of the job, and the
 * ranges of an outcome follow each other in the order of the source.
 */

import { OPEN_END } from "./job.ts";

/** What became of a record, as people ask for it. Together they are all data records of the source. */
export const RECORD_OUTCOMES = ["rejected", "written", "unprocessed"] as const;
export type RecordOutcome = (typeof RECORD_OUTCOMES)[number];

/** Where a record starts: offset in the source, number among the data records and physical line, both from 1. */
export interface RecordPlace {
  readonly byte: number;
  readonly record: number;
  readonly line: number;
}

/** A part as the books have it at one moment. Part 0 is the search for parts, and reads no records. */
export interface BookedPart {
  readonly partNo: number;
  readonly first: RecordPlace;
  /** The checkpoint. */
  readonly next: RecordPlace;
  readonly endByte: number;
  /** Rejected records between `first` and `next`. */
  readonly rejected: number;
}

/** What the books say of the records of a job, read at one moment. Any order of parts. */
export interface BookedRecords {
  readonly parts: readonly BookedPart[];
  /** Whether what was written is undone: the job was stopped or undone. */
  readonly isUndone: boolean;
}

/** A stretch of a source that starts and ends where records do. */
export interface RecordRange {
  readonly start: RecordPlace;
  /** Where the first record behind it starts. */
  readonly endByte: number;
  /** Whether rejected records are among those of the range. Where they are not, nobody has to look for them. */
  readonly hasRejected: boolean;
}

/**
 * The ranges that hold the records of an outcome, in order and without empty ones. Of `rejected` the rejected records
 * of the ranges are meant, of the others all but them.
 */
export function rangesOf(books: BookedRecords, outcome: RecordOutcome): readonly RecordRange[] {
  const ranges = books.parts.flatMap((part) => {
    const committed = {
      start: part.first,
      endByte: part.partNo === 0 ? part.first.byte : part.next.byte,
      hasRejected: part.rejected > 0,
    };
    const endByte = part.endByte === OPEN_END ? part.next.byte : part.endByte;
    const rest = { start: part.next, endByte, hasRejected: false };
    switch (outcome) {
      case "rejected":
        return committed.hasRejected ? [committed] : [];
      case "written":
        return books.isUndone ? [] : [committed];
      case "unprocessed":
        return books.isUndone ? [committed, rest] : [rest];
      default:
        return outcome satisfies never;
    }
  });
  return ranges
    .filter((range) => range.start.byte < range.endByte)
    .toSorted((left, right) => left.start.byte - right.start.byte);
}

/**
 * The ranges from a record on that was named before: what is behind `from` in them. A range that holds `from` begins
 * there, and no range begins before it.
 */
export function rangesFrom(
  ranges: readonly RecordRange[],
  from: RecordPlace,
): readonly RecordRange[] {
  return ranges
    .filter((range) => range.endByte > from.byte)
    .map((range) => (range.start.byte >= from.byte ? range : { ...range, start: from }));
}
