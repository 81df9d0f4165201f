/**
 * Numbers in the binary format of COPY. Each writer is called when the check of the same column has passed the same
 * span, and takes over what the check has read.
 */
import { writeFloat, writeInt16, writeInt32 } from "./big-endian.ts";
import { asciiText, byteAt, DOT, isDigit, MINUS, ZERO } from "./bytes.ts";
import type { CellWriter } from "./cell-writer.ts";
import { DECIMAL, INTEGER } from "./check-number.ts";
import { toFloat4 } from "./float4.ts";

/** An integer of two or four bytes. */
export function writeSmallInteger(size: 2 | 4): CellWriter {
  return size === 2
    ? (_bytes, _start, _end, out, at) => writeInt16(out, at, INTEGER.value)
    : (_bytes, _start, _end, out, at) => writeInt32(out, at, INTEGER.value);
}

const TWO_32 = 0x1_0000_0000;
const LOW_DIGITS = 9;
const BILLION = 1e9;
const TWO_16 = 0x1_0000;

/** An integer of eight bytes: the last nine digits, and up to ten before them, in two halves of 32 bits. */
export const writeBigint: CellWriter = (bytes, start, end, out, at) => {
  const from = isDigit(byteAt(bytes, start)) ? start : start + 1;
  const middle = Math.max(from, end - LOW_DIGITS);
  const top = digitsValue(bytes, from, middle);
  // The product of billions would be no exact number: 16 bits at a time are.
  const topLow = top % TWO_16;
  const product = topLow * BILLION + digitsValue(bytes, middle, end);
  const productHigh = Math.floor(top / TWO_16) * BILLION + Math.floor(product / TWO_16);
  let high = Math.floor(productHigh / TWO_16);
  let low = (productHigh % TWO_16) * TWO_16 + (product % TWO_16);
  if (byteAt(bytes, start) === MINUS) {
    low = low === 0 ? 0 : TWO_32 - low;
    high = low === 0 ? -high : -high - 1;
  }
  return writeInt32(out, writeInt32(out, at, high), low);
};

function digitsValue(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index++) value = value * 10 + (byteAt(bytes, index) - ZERO);
  return value;
}

const LETTER_I = 0x49;
const LETTER_N = 0x4e;
const NUMERIC_NEGATIVE = 0x4000;
const NUMERIC_NAN = 0xc000;
const NUMERIC_INFINITY = 0xd000;
const NUMERIC_MINUS_INFINITY = 0xf000;
const GROUP_DIGITS = 4;

/** A `numeric`: how many digits to base 10,000, the power of the first, sign, digits behind the point; the digits. */
export const writeNumeric: CellWriter = (bytes, start, _end, out, at) => {
  const first = byteAt(bytes, start);
  const { isSpecial, isZero, firstDigit, lastDigit, highest, lowest, fractionDigits } = DECIMAL;
  if (isSpecial) return writeInt32(out, writeInt32(out, at, 0), specialSign(first) * TWO_16);
  if (isZero) return writeInt32(out, writeInt32(out, at, 0), fractionDigits);
  const weight = Math.floor(highest / GROUP_DIGITS);
  const count = weight - Math.floor(lowest / GROUP_DIGITS) + 1;
  const sign = first === MINUS ? NUMERIC_NEGATIVE : 0;
  let target = writeInt16(out, writeInt16(out, at, count), weight);
  target = writeInt16(out, writeInt16(out, target, sign), fractionDigits);
  /** How many digits of the group follow the one that is read next. */
  let follow = highest - weight * GROUP_DIGITS;
  let group = 0;
  for (let index = firstDigit; index <= lastDigit; index++) {
    const byte = byteAt(bytes, index);
    if (byte === DOT) continue;
    group = group * 10 + (byte - ZERO);
    if (follow > 0) {
      follow--;
      continue;
    }
    target = writeInt16(out, target, group);
    group = 0;
    follow = GROUP_DIGITS - 1;
  }
  if (follow === GROUP_DIGITS - 1) return target;
  for (; follow >= 0; follow--) group *= 10;
  return writeInt16(out, target, group);
};

/** Told by the first character of `NaN`, `Infinity` and `-Infinity`. */
function specialSign(first: number): number {
  if (first === LETTER_N) return NUMERIC_NAN;
  return first === MINUS ? NUMERIC_MINUS_INFINITY : NUMERIC_INFINITY;
}

/** Up to this many digits, and powers of ten up to this, are numbers of eight bytes exactly. */
const EXACT_DIGITS = 15;
const EXACT_POWER = 22;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_POWER + 1 }, (_, power) =>
  Number(`1e${power}`),
);

/** A floating-point number, rounded to the nearest as the server does. */
export function writeFloatingPoint(size: 4 | 8): CellWriter {
  return (bytes, start, end, out, at) => {
    const wide = readFloat8(bytes, start, end);
    const value = size === 8 ? wide : toFloat4(wide, bytes, start, end);
    return writeFloat(out, at, value, size);
  };
}

function readFloat8(bytes: Uint8Array, start: number, end: number): number {
  const { isSpecial, isZero, firstDigit, lastDigit, lowest } = DECIMAL;
  const first = byteAt(bytes, start);
  const isNegative = first === MINUS;
  if (isSpecial) {
    if (first === LETTER_N) return Number.NaN;
    return first === LETTER_I ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }
  if (isZero) return isNegative ? -0 : 0;
  const power = Math.abs(lowest);
  if (lastDigit - firstDigit >= EXACT_DIGITS || power > EXACT_POWER)
    return Number(asciiText(bytes, start, end));
  let digits = 0;
  for (let index = firstDigit; index <= lastDigit; index++) {
    const byte = byteAt(bytes, index);
    if (byte !== DOT) digits = digits * 10 + (byte - ZERO);
  }
  const scale = POWERS_OF_TEN[power] as number; // power is at most EXACT_POWER
  const size = lowest < 0 ? digits / scale : digits * scale;
  return isNegative ? -size : size;
}
