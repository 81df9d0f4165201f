/** Chooses how the values of a column are written in the binary format of COPY. */
import { byteAt, isDigit, MINUS } from "./bytes.ts";
import { checkBytea, writeBytea } from "./check-bytea.ts";
import { BOOLEAN, makeCellCheck } from "./cell-check.ts";
import type { CellCheck } from "./check-number.ts";
import type { SqlType } from "./sql-type.ts";
import {
  writeBigint,
  writeFloatingPoint,
  writeNumeric,
  writeSmallInteger,
} from "./write-number.ts";
import { writeDate, writeTime, writeTimestamp } from "./write-time.ts";

/**
 * Writes one value at `at` of `out` and returns where it ended. The column's check has passed the same span right before
 * and left there what it read. `out` has room for the
 * span and `GROWTH_BYTES`.
 */
export type CellWriter = (
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
) => number;

/** The check of a column with its writer. */
export interface BinaryCell {
  readonly check: CellCheck;
  readonly write: CellWriter;
}

/** How much longer than its text a value can be, in bytes: the head of a `numeric` is 8 bytes. */
export const GROWTH_BYTES = 16;

/** Null for a type that has no writer: its values go to the server as text. */
export function makeBinaryCell(type: SqlType): BinaryCell | null {
  if (type.binaryForm === "bytea") return { check: withTextCheck(type), write: writeBytea };
  const write = makeWriter(type);
  return write === null ? null : { check: makeCellCheck(type), write };
}

/** A value that no text can hold has a reason of its own, whatever the type. */
function withTextCheck(type: SqlType): CellCheck {
  const checkText = makeCellCheck(type);
  return (bytes, start, end) => checkText(bytes, start, end) ?? checkBytea(bytes, start, end);
}

function makeWriter(type: SqlType): CellWriter | null {
  switch (type.type) {
    case "integer":
    case "bigint": {
      const size = type.integerBytes ?? (type.type === "bigint" ? 8 : 4);
      return size === 8 ? writeBigint : writeSmallInteger(size);
    }
    case "numeric":
      return writeNumeric;
    case "double precision":
      return writeFloatingPoint(type.floatBytes ?? 8);
    case "boolean":
      return writeBoolean;
    case "date":
      return writeDate;
    case "timestamp":
    case "timestamptz":
      return writeTimestamp;
    case "time":
      return writeTime;
    case "uuid":
      return writeUuid;
    case "json":
    case "enum":
      return writeText;
    case "jsonb":
      return writeJsonb;
    case "text":
      return type.isText && type.binaryForm === "text" ? writeText : null;
    default:
      return type.type satisfies never;
  }
}

const writeBoolean: CellWriter = (_bytes, _start, _end, out, at) => {
  out[at] = BOOLEAN.value;
  return at + 1;
};

/** From here on a copy by the engine is faster than a loop. */
const LONG_TEXT_BYTES = 64;

const writeText: CellWriter = (bytes, start, end, out, at) => {
  const length = end - start;
  if (length >= LONG_TEXT_BYTES) out.set(bytes.subarray(start, end), at);
  else for (let index = 0; index < length; index++) out[at + index] = byteAt(bytes, start + index);
  return at + length;
};

const JSONB_VERSION = 1;

const writeJsonb: CellWriter = (bytes, start, end, out, at) => {
  out[at] = JSONB_VERSION;
  return writeText(bytes, start, end, out, at + 1);
};

const writeUuid: CellWriter = (bytes, start, _end, out, at) => {
  let index = start;
  for (let target = at; target < at + 16; target++) {
    if (byteAt(bytes, index) === MINUS) index++;
    const high = byteAt(bytes, index++);
    out[target] = hexValue(high) * 16 + hexValue(byteAt(bytes, index++));
  }
  return at + 16;
};

function hexValue(byte: number): number {
  return isDigit(byte) ? byte & 0x0f : (byte & 0x0f) + 9;
}
