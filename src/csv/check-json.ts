/** Whether a value is JSON. What `jsonb` cannot hold beyond that, such as \u0000, is for the server to refuse. */
import type { RejectionCode } from "../core/rejection.ts";
import {
  BACKSLASH,
  byteAt,
  byteClasses,
  COLON,
  COMMA,
  CR,
  DOT,
  DOUBLE_QUOTE,
  grownBytes,
  isDigit,
  LF,
  MINUS,
  PLAIN,
  PLUS,
  SPACE,
  TAB,
  ZERO,
} from "./bytes.ts";

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
/** From an opening bracket or brace to the closing one. */
const TO_CLOSING = 2;
const LETTER_E = 0x65;
const LETTER_U = 0x75;
const WHITE_SPACE = byteClasses([SPACE, TAB, LF, CR]);
const WORDS = ["true", "false", "null"].map((word) => new TextEncoder().encode(word));
/** What may follow a backslash, besides `u` and four digits to base 16. */
const ESCAPES = byteClasses([...new TextEncoder().encode('"\\/bfnrt')]);
const HEX_DIGITS = byteClasses([...new TextEncoder().encode("0123456789abcdefABCDEF")]);
const UNICODE_DIGITS = 4;

/** The brackets and braces that are open, the innermost last. It grows to the deepest value that was met. */
let open: Uint8Array = new Uint8Array(256);

/** JSON as RFC 8259 has it, with white space around it, in bytes that were found to be UTF-8 before. */
export function checkJson(bytes: Uint8Array, start: number, end: number): RejectionCode | null {
  return isJsonSpan(bytes, start, end) ? null : "invalid_json";
}

/** Whether the text is JSON. */
export function isJson(text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  return isJsonSpan(bytes, 0, bytes.length);
}

function isJsonSpan(bytes: Uint8Array, start: number, end: number): boolean {
  let depth = 0;
  let at = skipSpace(bytes, start, end);
  for (;;) {
    // A value begins here; it is a whole one, or the beginning of one that holds others.
    const first = at < end ? byteAt(bytes, at) : 0;
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      at = skipSpace(bytes, at + 1, end);
      const isEmpty = at < end && byteAt(bytes, at) === first + TO_CLOSING;
      if (!isEmpty) {
        if (depth === open.length) open = grownBytes(open, depth + 1);
        open[depth++] = first;
        if (first === OPEN_BRACE) at = skipName(bytes, at, end);
        if (at < 0) return false;
        continue;
      }
      at++;
    } else {
      at = skipScalar(bytes, at, end);
      if (at < 0) return false;
    }
    // A value has ended here, and so may have those that hold it.
    at = skipSpace(bytes, at, end);
    while (depth > 0 && at < end && byteAt(bytes, at) === byteAt(open, depth - 1) + TO_CLOSING) {
      depth--;
      at = skipSpace(bytes, at + 1, end);
    }
    if (depth === 0) return at === end;
    if (at >= end || byteAt(bytes, at) !== COMMA) return false;
    at = skipSpace(bytes, at + 1, end);
    if (byteAt(open, depth - 1) === OPEN_BRACE) at = skipName(bytes, at, end);
    if (at < 0) return false;
  }
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && byteAt(WHITE_SPACE, byteAt(bytes, at)) !== PLAIN) at++;
  return at;
}

/** Where the value behind a name and its colon begins; -1 when there is none. */
function skipName(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || byteAt(bytes, start) !== DOUBLE_QUOTE) return -1;
  const afterName = skipString(bytes, start, end);
  if (afterName < 0) return -1;
  const at = skipSpace(bytes, afterName, end);
  return at < end && byteAt(bytes, at) === COLON ? skipSpace(bytes, at + 1, end) : -1;
}

/** Where the string, number or word ends that begins at `start`; -1 when there is none. */
function skipScalar(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  const first = byteAt(bytes, start);
  if (first === DOUBLE_QUOTE) return skipString(bytes, start, end);
  if (first === MINUS || isDigit(first)) return skipNumber(bytes, start, end);
  for (const word of WORDS) {
    let length = 0;
    while (length < word.length && byteAt(bytes, start + length) === byteAt(word, length)) length++;
    if (length === word.length && start + length <= end) return start + length;
  }
  return -1;
}

function skipString(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    const byte = byteAt(bytes, at);
    if (byte === DOUBLE_QUOTE) return at + 1;
    if (byte < SPACE) return -1;
    if (byte !== BACKSLASH) continue;
    at++;
    const escaped = at < end ? byteAt(bytes, at) : 0;
    if (byteAt(ESCAPES, escaped) !== PLAIN) continue;
    if (escaped !== LETTER_U || at + UNICODE_DIGITS >= end) return -1;
    for (let digit = 1; digit <= UNICODE_DIGITS; digit++)
      if (byteAt(HEX_DIGITS, byteAt(bytes, at + digit)) === PLAIN) return -1;
    at += UNICODE_DIGITS;
  }
  return -1;
}

function skipNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = byteAt(bytes, start) === MINUS ? start + 1 : start;
  const isZero = at < end && byteAt(bytes, at) === ZERO;
  at = isZero ? at + 1 : skipDigits(bytes, at, end);
  if (at >= 0 && at < end && byteAt(bytes, at) === DOT) at = skipDigits(bytes, at + 1, end);
  if (at < 0 || at >= end || (byteAt(bytes, at) | 0x20) !== LETTER_E) return at;
  at++;
  const sign = at < end ? byteAt(bytes, at) : 0;
  return skipDigits(bytes, sign === PLUS || sign === MINUS ? at + 1 : at, end);
}

/** Where the digits end that begin at `start`; -1 when there is none. */
function skipDigits(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isDigit(byteAt(bytes, at))) at++;
  return at === start ? -1 : at;
}
