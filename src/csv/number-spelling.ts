/** Reads numbers that are written with a decimal comma or grouped digits, and writes them as PostgreSQL reads them. */
import type { ValueSpelling } from "../core/import-plan.ts";
import { asciiText, byteAt, COMMA, DOT, isDigit, MINUS, PLUS } from "./bytes.ts";

/**
 * Writes a value to the start of `into` as PostgreSQL reads it, and returns its length; -1 when the value is not
 * written as the spelling says. `into` has the `respellingRoom` of the value, which is not empty.
 */
export type Respelling = (
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
) => number;

/** Bytes that a rewritten value can take: times get a zone, and their digits are filled up. */
export function respellingRoom(length: number): number {
  return 2 * length + 32;
}

/** What may stand for a declared group character: a person sees no difference between the spaces. */
const GROUP_MARKS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  ".": [[0x2e]],
  ",": [[0x2c]],
  _: [[0x5f]],
  "'": [[0x27], [0xe2, 0x80, 0x99]],
  " ": [[0x20], [0xc2, 0xa0], [0xe2, 0x80, 0xaf]],
};
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "\u00A0": " ",
  "\u202F": " ",
  "\u2019": "'",
};
const GROUP_DIGITS = 3;

/** Whether digits may be declared to be grouped by this character. */
export function isGroupCharacter(text: string): boolean {
  return Object.hasOwn(GROUP_MARKS, OTHER_NAMES[text] ?? text);
}

/**
 * Numbers with the declared decimal and group characters; null where that is what PostgreSQL reads anyway. Groups have
 * three digits each, the first one to three: `1.23,4` is no number. What is no number passes for the check to refuse.
 */
export function makeNumberRespelling({ decimal, group }: ValueSpelling): Respelling | null {
  if (decimal === undefined && group === undefined) return null;
  const point = decimal === "," ? COMMA : DOT;
  const marks = group === undefined ? [] : (GROUP_MARKS[OTHER_NAMES[group] ?? group] ?? []);
  return (bytes, start, end, into) => {
    let length = 0;
    let index = start;
    const first = byteAt(bytes, start);
    if (first === MINUS || first === PLUS) into[length++] = byteAt(bytes, index++);
    /** Digits since the last group mark, and whether there was one. */
    let digits = 0;
    let isGrouped = false;
    for (; index < end; index++) {
      const byte = byteAt(bytes, index);
      if (isDigit(byte)) {
        digits++;
        into[length++] = byte;
        continue;
      }
      const markLength = markAt(bytes, index, end, marks);
      if (markLength === 0) break;
      if (digits === 0 || digits > GROUP_DIGITS || (isGrouped && digits !== GROUP_DIGITS))
        return -1;
      isGrouped = true;
      digits = 0;
      index += markLength - 1;
    }
    if (isGrouped && digits !== GROUP_DIGITS) return -1;
    if (index < end && byteAt(bytes, index) === point) {
      into[length++] = DOT;
      index++;
    }
    for (; index < end; index++) {
      const byte = byteAt(bytes, index);
      if (byte === DOT || byte === COMMA) return -1;
      into[length++] = byte;
    }
    return length;
  };
}

/** Length of the group mark at `index`; 0 when there is none. */
function markAt(
  bytes: Uint8Array,
  index: number,
  end: number,
  marks: readonly (readonly number[])[],
): number {
  for (const mark of marks) {
    if (index + mark.length > end) continue;
    let at = 0;
    while (at < mark.length && byteAt(bytes, index + at) === mark[at]) at++;
    if (at === mark.length) return at;
  }
  return 0;
}

const ENCODER = new TextEncoder();
const INFERENCE_BYTES = 1024;
const GIVEN = new Uint8Array(INFERENCE_BYTES);
const RESPELLED = new Uint8Array(respellingRoom(INFERENCE_BYTES));

/** The number as text for inference, by the same rule; null when it is not written so, or longer than any number. */
export function respellNumber(respelling: Respelling, value: string): string | null {
  const { read, written } = ENCODER.encodeInto(value, GIVEN);
  if (read < value.length) return null;
  const length = written === 0 ? 0 : respelling(GIVEN, 0, written, RESPELLED);
  return length < 0 ? null : asciiText(RESPELLED, 0, length);
}
