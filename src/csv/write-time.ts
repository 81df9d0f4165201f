/**
 * Dates and times in the binary format of COPY: days, or microseconds, since 2000-01-01. Each writer is called when the
 * check of the same column has passed the same span, and takes over what the check has read.
 */
import { writeInt32, writeInt64 } from "./big-endian.ts";
import type { CellWriter } from "./cell-writer.ts";
import { TIME } from "./check-time.ts";

const DAY_SECONDS = 86_400;
const MICROSECONDS = 1_000_000;
/** A million is 15,625 times this. */
const FACTOR = 64;
const TWO_26 = 0x400_0000;
const TWO_32 = 0x1_0000_0000;

/** A `date`. */
export const writeDate: CellWriter = (_bytes, _start, _end, out, at) =>
  writeInt32(out, at, TIME.day);

/** A `timestamp` or a `timestamptz`, which is kept as UTC. */
export const writeTimestamp: CellWriter = (_bytes, _start, _end, out, at) => {
  const seconds = TIME.day * DAY_SECONDS + TIME.second - TIME.offsetSeconds;
  // Microseconds of all years would be no exact number; a sixty-fourth of them is.
  const parts = seconds * (MICROSECONDS / FACTOR);
  const high = Math.floor(parts / TWO_26);
  const low = (parts - high * TWO_26) * FACTOR + TIME.microsecond;
  return writeInt32(out, writeInt32(out, at, high + Math.floor(low / TWO_32)), low % TWO_32);
};

/** A `time`. */
export const writeTime: CellWriter = (_bytes, _start, _end, out, at) =>
  writeInt64(out, at, TIME.second * MICROSECONDS + TIME.microsecond);
