/**
 * The two spellings that PostgreSQL takes for `bytea`: `\x` and pairs of digits to base 16, with white space between
 * pairs; or bytes as they are, where a backslash stands before another one or before three digits to base 8.
 */
import type { RejectionCode } from "../core/rejection.ts";
import { BACKSLASH, byteAt, byteClasses, CR, LF, PLAIN, SPACE, TAB, ZERO } from "./bytes.ts";
import type { CellWriter } from "./cell-writer.ts";

const LETTER_X = 0x78;
const BETWEEN_PAIRS = byteClasses([SPACE, TAB, LF, CR]);
const NOT_A_DIGIT = -1;

/** A value that the server would take. */
export function checkBytea(bytes: Uint8Array, start: number, end: number): RejectionCode | null {
  const isRight = isHex(bytes, start, end)
    ? checkHex(bytes, start + 2, end)
    : checkEscaped(bytes, start, end);
  return isRight ? null : "invalid_value";
}

/** Writes the bytes that a checked value stands for. */
export const writeBytea: CellWriter = (bytes, start, end, out, at) => {
  let target = at;
  if (isHex(bytes, start, end)) {
    for (let index = start + 2; index < end; index++) {
      const high = hexDigit(byteAt(bytes, index));
      if (high === NOT_A_DIGIT) continue;
      index++;
      out[target++] = high * 16 + hexDigit(byteAt(bytes, index));
    }
    return target;
  }
  for (let index = start; index < end; index++) {
    const byte = byteAt(bytes, index);
    if (byte !== BACKSLASH || byteAt(bytes, index + 1) === BACKSLASH) {
      out[target++] = byte;
      if (byte === BACKSLASH) index++;
      continue;
    }
    out[target++] =
      octalDigit(bytes, index + 1) * 64 +
      octalDigit(bytes, index + 2) * 8 +
      octalDigit(bytes, index + 3);
    index += 3;
  }
  return target;
};

function isHex(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= 2 && byteAt(bytes, start) === BACKSLASH && byteAt(bytes, start + 1) === LETTER_X
  );
}

function checkHex(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const byte = byteAt(bytes, index);
    if (byteAt(BETWEEN_PAIRS, byte) !== PLAIN) continue;
    index++;
    if (index >= end || hexDigit(byte) < 0 || hexDigit(byteAt(bytes, index)) < 0) return false;
  }
  return true;
}

function checkEscaped(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if (byteAt(bytes, index) !== BACKSLASH) continue;
    if (index + 1 < end && byteAt(bytes, index + 1) === BACKSLASH) {
      index++;
      continue;
    }
    if (index + 3 >= end) return false;
    const first = octalDigit(bytes, index + 1);
    const isByte = first >= 0 && first <= 3;
    if (!isByte || octalDigit(bytes, index + 2) < 0 || octalDigit(bytes, index + 3) < 0)
      return false;
    index += 3;
  }
  return true;
}

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= 0x39) return byte - ZERO;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : NOT_A_DIGIT;
}

function octalDigit(bytes: Uint8Array, index: number): number {
  const digit = byteAt(bytes, index) - ZERO;
  return digit >= 0 && digit <= 7 ? digit : NOT_A_DIGIT;
}
