/**
 * Checks of numbers, straight from bytes. What they pass is what PostgreSQL stores without changing the value; where it
 * would round, wrap or refuse, they say so first. Parsing is the checking: what a check that passes has read is left in
 * `DECIMAL` and `INTEGER` for the writer of the binary format (`write-number.ts`).
 */
import type { RejectionCode } from "../core/rejection.ts";
import { asciiText, byteAt, DOT, isDigit, MINUS, PLUS, ZERO } from "./bytes.ts";

/** A check of one value: null when the column takes it, otherwise why not. The span is never empty. */
export type CellCheck = (bytes: Uint8Array, start: number, end: number) => RejectionCode | null;

const INT2_MAX = 32_767;
const INT4_MAX = 2_147_483_647;
const INT8_MAX_DIGITS = asciiBytes("9223372036854775807");

/** The integer of two or four bytes that was checked last. */
export const INTEGER = { value: 0 };

/** Integers with an optional sign and leading zeros, in the range of the type. */
export function makeIntegerCheck(integerBytes: 2 | 4 | 8): CellCheck {
  if (integerBytes === 8) return checkBigint;
  const max = integerBytes === 2 ? INT2_MAX : INT4_MAX;
  return (bytes, start, end) => {
    const first = byteAt(bytes, start);
    let index = first === MINUS || first === PLUS ? start + 1 : start;
    if (index === end) return "invalid_integer";
    let value = 0;
    for (; index < end; index++) {
      const digit = byteAt(bytes, index) - ZERO;
      if (digit < 0 || digit > 9) return "invalid_integer";
      if (value <= max + 1) value = value * 10 + digit;
    }
    INTEGER.value = first === MINUS ? -value : value;
    return value > (first === MINUS ? max + 1 : max) ? "out_of_range" : null;
  };
}

function checkBigint(bytes: Uint8Array, start: number, end: number): RejectionCode | null {
  const first = byteAt(bytes, start);
  let index = first === MINUS || first === PLUS ? start + 1 : start;
  if (index === end) return "invalid_integer";
  for (let each = index; each < end; each++)
    if (!isDigit(byteAt(bytes, each))) return "invalid_integer";
  while (index < end && byteAt(bytes, index) === ZERO) index++;
  const digits = end - index;
  if (digits !== INT8_MAX_DIGITS.length)
    return digits > INT8_MAX_DIGITS.length ? "out_of_range" : null;
  for (let each = 0; each < digits; each++) {
    const difference = byteAt(bytes, index + each) - byteAt(INT8_MAX_DIGITS, each);
    const isLast = each === digits - 1;
    if (difference > (isLast && first === MINUS ? 1 : 0)) return "out_of_range";
    if (difference < 0) return null;
  }
  return null;
}

/** A decimal number taken apart, without its sign. Exponents of ten; of no use when `isZero`. */
interface Decimal {
  /** `NaN`, `Infinity` or `-Infinity`: then nothing else counts. */
  isSpecial: boolean;
  isZero: boolean;
  /** Where the first and the last digit are that are not zero. */
  firstDigit: number;
  lastDigit: number;
  /** Exponent of the first and of the last digit that is not zero. */
  highest: number;
  lowest: number;
  /** Digits behind the point as written, after the exponent is applied. */
  fractionDigits: number;
}

/** The number that was checked last. One object for all calls: it is read before anything else can run. */
export const DECIMAL: Decimal = {
  isSpecial: false,
  isZero: true,
  firstDigit: -1,
  lastDigit: -1,
  highest: 0,
  lowest: 0,
  fractionDigits: 0,
};

/** Larger exponents are refused unread; every type's range ends far below. */
const MAX_EXPONENT = 200_000;
/** What an unconstrained `numeric` holds before and behind the point. */
const NUMERIC_MAX_HIGHEST = 131_071;
const NUMERIC_MAX_FRACTION = 16_383;

/**
 * Numbers for `numeric` and `numeric(p,s)`: digits with an optional sign, point and exponent; `NaN`; and `Infinity`
 * where no precision is declared. A value that would be rounded is `too_precise`.
 */
export function makeNumericCheck(precision?: number, scale?: number): CellCheck {
  const highest = precision === undefined ? NUMERIC_MAX_HIGHEST : precision - (scale ?? 0) - 1;
  const lowest = precision === undefined ? -NUMERIC_MAX_FRACTION : -(scale ?? 0);
  return (bytes, start, end) => {
    const problem = readDecimal(bytes, start, end);
    if (problem === "invalid_number" && isSpecialNumber(bytes, start, end)) {
      const isInfinite = !isWord(bytes, start, end, NAN);
      return isInfinite && precision !== undefined ? "out_of_range" : null;
    }
    if (problem !== null) return problem;
    if (DECIMAL.fractionDigits > NUMERIC_MAX_FRACTION) return "out_of_range";
    if (DECIMAL.isZero) return null;
    if (DECIMAL.highest > highest) return "out_of_range";
    return DECIMAL.lowest < lowest ? "too_precise" : null;
  };
}

/**
 * Numbers for `double precision` and `real`: as for `numeric`, rounded to the nearest as the type must. A value that
 * would become infinite, or zero without being zero, is `out_of_range`.
 */
export function makeFloatCheck(floatBytes: 4 | 8): CellCheck {
  // Well inside these exponents nothing overflows or underflows, and no number has to be made.
  const safe = floatBytes === 4 ? 30 : 300;
  return (bytes, start, end) => {
    const problem = readDecimal(bytes, start, end);
    if (problem !== null)
      return problem === "invalid_number" && isSpecialNumber(bytes, start, end) ? null : problem;
    if (DECIMAL.isZero || (DECIMAL.highest < safe && DECIMAL.highest > -safe)) return null;
    const wide = Number(asciiText(bytes, start, end));
    const value = floatBytes === 4 ? Math.fround(wide) : wide;
    return value === 0 || !Number.isFinite(value) ? "out_of_range" : null;
  };
}

/** Takes the number apart into `DECIMAL`. */
function readDecimal(bytes: Uint8Array, start: number, end: number): RejectionCode | null {
  const first = byteAt(bytes, start);
  const from = first === MINUS || first === PLUS ? start + 1 : start;
  let point = -1;
  let firstDigit = -1;
  let lastDigit = -1;
  let index = from;
  for (; index < end; index++) {
    const byte = byteAt(bytes, index);
    if (byte === DOT && point < 0) {
      point = index;
      continue;
    }
    if (!isDigit(byte)) break;
    if (byte === ZERO) continue;
    if (firstDigit < 0) firstDigit = index;
    lastDigit = index;
  }
  const isDigitless = index === from || (point >= 0 && index === from + 1);
  if (isDigitless) return "invalid_number";
  const exponent = index === end ? 0 : readExponent(bytes, index, end);
  if (Number.isNaN(exponent)) return "invalid_number";
  if (Math.abs(exponent) > MAX_EXPONENT) return "out_of_range";

  const pointAt = point < 0 ? index : point;
  DECIMAL.isSpecial = false;
  DECIMAL.isZero = firstDigit < 0;
  DECIMAL.firstDigit = firstDigit;
  DECIMAL.lastDigit = lastDigit;
  DECIMAL.highest = placeOf(firstDigit, pointAt) + exponent;
  DECIMAL.lowest = placeOf(lastDigit, pointAt) + exponent;
  DECIMAL.fractionDigits = Math.max(0, (point < 0 ? 0 : index - point - 1) - exponent);
  return null;
}

/** The power of ten of the digit at `index`, by its distance from the point. */
function placeOf(index: number, pointAt: number): number {
  return index < pointAt ? pointAt - index - 1 : pointAt - index;
}

/** The exponent that starts at `start` with `e` or `E`; NaN when it is not one. */
function readExponent(bytes: Uint8Array, start: number, end: number): number {
  if ((byteAt(bytes, start) | 0x20) !== 0x65) return Number.NaN;
  let index = start + 1;
  const sign = index < end ? byteAt(bytes, index) : 0;
  if (sign === MINUS || sign === PLUS) index++;
  if (index >= end) return Number.NaN;
  let value = 0;
  for (; index < end; index++) {
    const byte = byteAt(bytes, index);
    if (!isDigit(byte)) return Number.NaN;
    if (value <= MAX_EXPONENT) value = value * 10 + (byte - ZERO);
  }
  return sign === MINUS ? -value : value;
}

const NAN = asciiBytes("NaN");
const SPECIAL_NUMBERS = [NAN, asciiBytes("Infinity"), asciiBytes("-Infinity")];

function isSpecialNumber(bytes: Uint8Array, start: number, end: number): boolean {
  DECIMAL.isSpecial = SPECIAL_NUMBERS.some((word) => isWord(bytes, start, end, word));
  return DECIMAL.isSpecial;
}

function isWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false;
  for (let index = 0; index < word.length; index++)
    if (byteAt(bytes, start + index) !== byteAt(word, index)) return false;
  return true;
}

function asciiBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
