/** Chooses the check of a column's values by its type. */
import type { RejectionCode } from "../core/rejection.ts";
import { byteAt, isDigit, MINUS, NUL } from "./bytes.ts";
import {
  makeFloatCheck,
  makeIntegerCheck,
  makeNumericCheck,
  type CellCheck,
} from "./check-number.ts";
import { checkJson } from "./check-json.ts";
import { checkDate, makeTimeCheck, makeTimestampCheck } from "./check-time.ts";
import type { SqlType } from "./sql-type.ts";
import { countCharacters } from "./utf8.ts";

/** The words of yes and no, in turns. */
const BOOLEAN_WORDS = ["t", "f", "true", "false", "yes", "no", "y", "n", "on", "off", "1", "0"].map(
  (word) => new TextEncoder().encode(word),
);
/** The boolean that was checked last: 1 for yes, 0 for no. */
export const BOOLEAN = { value: 0 };
const UUID_LENGTH = 36;

/**
 * The check for values of a type. A value that passes is taken by PostgreSQL 14 and later as it is written, for every
 * type that Sluice checks; of the others only what no text can hold is refused here.
 */
export function makeCellCheck(type: SqlType): CellCheck {
  switch (type.type) {
    case "integer":
    case "bigint":
      return makeIntegerCheck(type.integerBytes ?? (type.type === "bigint" ? 8 : 4));
    case "numeric":
      return makeNumericCheck(type.precision, type.scale);
    case "double precision":
      return makeFloatCheck(type.floatBytes ?? 8);
    case "boolean":
      return checkBoolean;
    case "date":
      return checkDate;
    case "timestamp":
      return makeTimestampCheck("none", type.secondDigits ?? 6);
    case "timestamptz":
      return makeTimestampCheck("named", type.secondDigits ?? 6);
    case "time":
      return makeTimeCheck(type.secondDigits ?? 6);
    case "uuid":
      return checkUuid;
    case "json":
    case "jsonb":
      return checkJson;
    case "enum":
      return makeLabelCheck(type.labels ?? []);
    case "text":
      return makeTextCheck(type.maxLength, type.maxBytes);
    default:
      return type.type satisfies never;
  }
}

function checkBoolean(bytes: Uint8Array, start: number, end: number): RejectionCode | null {
  const word = BOOLEAN_WORDS.findIndex((each) => isSameWord(bytes, start, end, each));
  BOOLEAN.value = 1 - (word % 2);
  return word < 0 ? "invalid_boolean" : null;
}

/** The values of an enum, which are compared as they are. */
function makeLabelCheck(labels: readonly string[]): CellCheck {
  const words = labels.map((label) => new TextEncoder().encode(label));
  return (bytes, start, end) => {
    for (const word of words) {
      if (word.length !== end - start) continue;
      let at = 0;
      while (at < word.length && byteAt(bytes, start + at) === byteAt(word, at)) at++;
      if (at === word.length) return null;
    }
    return "invalid_value";
  };
}

/** Whether the span is `word`, which is in lower case, in any case. */
function isSameWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false;
  for (let index = 0; index < word.length; index++) {
    const byte = byteAt(bytes, start + index);
    const isUpperCase = byte >= 0x41 && byte <= 0x5a;
    if ((isUpperCase ? byte | 0x20 : byte) !== byteAt(word, index)) return false;
  }
  return true;
}

function checkUuid(bytes: Uint8Array, start: number, end: number): RejectionCode | null {
  if (end - start !== UUID_LENGTH) return "invalid_uuid";
  for (let index = 0; index < UUID_LENGTH; index++) {
    const byte = byteAt(bytes, start + index);
    const isDash = index === 8 || index === 13 || index === 18 || index === 23;
    const isRight = isDash ? byte === MINUS : isHexDigit(byte);
    if (!isRight) return "invalid_uuid";
  }
  return null;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

/** Text that was found to be UTF-8 before; NUL and too many characters are what can still be wrong. */
function makeTextCheck(maxLength: number | undefined, maxBytes = Infinity): CellCheck {
  return (bytes, start, end) => {
    for (let index = start; index < end; index++)
      if (byteAt(bytes, index) === NUL) return "nul_byte";
    if (end - start > maxBytes) return "too_long";
    if (maxLength === undefined || end - start <= maxLength) return null;
    return countCharacters(bytes, start, end) > maxLength ? "too_long" : null;
  };
}
