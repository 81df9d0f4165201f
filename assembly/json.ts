/** Whether a text is JSON, as `src/csv/check-json.ts` has it. */
import { OPEN_BRACKETS, OPEN_BRACKETS_BYTES } from "./layout";

const TAB: u32 = 0x09;
const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const SPACE: u32 = 0x20;
const QUOTE: u32 = 0x22;
const PLUS: u32 = 0x2b;
const COMMA: u32 = 0x2c;
const MINUS: u32 = 0x2d;
const DOT: u32 = 0x2e;
const ZERO: u32 = 0x30;
const COLON: u32 = 0x3a;
const OPEN_BRACKET: u32 = 0x5b;
const BACKSLASH: u32 = 0x5c;
const LETTER_E: u32 = 0x65;
const LETTER_U: u32 = 0x75;
const OPEN_BRACE: u32 = 0x7b;
/** From an opening bracket or brace to the closing one. */
const TO_CLOSING: u32 = 2;
/** `true`, `null`, and `fals` of `false`, lowest byte first. */
const WORD_TRUE: u32 = 0x6575_7274;
const WORD_NULL: u32 = 0x6c6c_756e;
const WORD_FALS: u32 = 0x736c_6166;
const BLOCK: usize = 16;

/** Where the text ends. What is behind it in memory is overwritten by what ends every search. */
let end: usize = 0;

/** Nested deeper than there is room for, it is not. */
export function isJson(start: usize, length: usize): bool {
  end = start + length;
  store<u32>(end, 0);
  let depth: usize = 0;
  let p = skipSpace(start);
  while (p !== 0) {
    // A value begins here; it is a whole one, or the beginning of one that holds others.
    const first: u32 = load<u8>(p);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      p = skipSpace(p + 1);
      if (load<u8>(p) !== first + TO_CLOSING) {
        if (depth === OPEN_BRACKETS_BYTES) return false;
        store<u8>(OPEN_BRACKETS + depth, <u8>first);
        depth++;
        if (first === OPEN_BRACE) p = skipName(p);
        continue;
      }
      p++;
    } else {
      p = skipScalar(p);
      if (p === 0) return false;
    }
    // A value has ended here, and so may have those that hold it.
    p = skipSpace(p);
    while (depth > 0 && load<u8>(p) === <u32>load<u8>(OPEN_BRACKETS + depth - 1) + TO_CLOSING) {
      depth--;
      p = skipSpace(p + 1);
    }
    if (depth === 0) return p === end;
    if (load<u8>(p) !== COMMA) return false;
    p = skipSpace(p + 1);
    if (<u32>load<u8>(OPEN_BRACKETS + depth - 1) === OPEN_BRACE) p = skipName(p);
  }
  return false;
}

function skipSpace(start: usize): usize {
  let p = start;
  while (isSpace(load<u8>(p))) p++;
  return p;
}

function isSpace(byte: u32): bool {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

/** Where the value behind a name and its colon begins; 0 when there is none. */
function skipName(start: usize): usize {
  if (load<u8>(start) !== QUOTE) return 0;
  let p = skipString(start);
  if (p === 0) return 0;
  p = skipSpace(p);
  return load<u8>(p) === COLON ? skipSpace(p + 1) : 0;
}

/** Where the string, number or word ends that begins at `start`; 0 when there is none. */
function skipScalar(start: usize): usize {
  const first: u32 = load<u8>(start);
  if (first === QUOTE) return skipString(start);
  if (first === MINUS || first - ZERO <= 9) return skipNumber(start);
  const word = load<u32>(start);
  let p: usize = 0;
  if (word === WORD_TRUE || word === WORD_NULL) p = start + 4;
  if (word === WORD_FALS && load<u8>(start + 4) === LETTER_E) p = start + 5;
  return p <= end ? p : 0;
}

function skipString(start: usize): usize {
  const quotes = i8x16.splat(<i8>QUOTE);
  const backslashes = i8x16.splat(<i8>BACKSLASH);
  const spaces = i8x16.splat(<i8>SPACE);
  let p = start + 1;
  while (p < end) {
    const block = v128.load(p);
    const stops = v128.bitmask<u8>(
      v128.or(
        v128.or(v128.eq<u8>(block, quotes), v128.eq<u8>(block, backslashes)),
        v128.lt<u8>(block, spaces),
      ),
    );
    if (stops === 0) {
      p += BLOCK;
      continue;
    }
    p += ctz<i32>(stops);
    const byte: u32 = load<u8>(p);
    if (byte === QUOTE) return p < end ? p + 1 : 0;
    if (byte !== BACKSLASH) return 0;
    const escaped: u32 = load<u8>(p + 1);
    if (escaped === LETTER_U) {
      for (let digit: usize = 2; digit < 6; digit++) if (!isHexDigit(load<u8>(p + digit))) return 0;
      p += 6;
    } else {
      if (!isEscape(escaped)) return 0;
      p += 2;
    }
  }
  return 0;
}

function isEscape(byte: u32): bool {
  return (
    byte === QUOTE ||
    byte === BACKSLASH ||
    byte === 0x2f || // a slash
    byte === 0x62 || // b
    byte === 0x66 || // f
    byte === 0x6e || // n
    byte === 0x72 || // r
    byte === 0x74 // t
  );
}

function isHexDigit(byte: u32): bool {
  return byte - ZERO <= 9 || (byte | 0x20) - 0x61 <= 5;
}

function skipNumber(start: usize): usize {
  let p = load<u8>(start) === MINUS ? start + 1 : start;
  p = load<u8>(p) === ZERO ? p + 1 : skipDigits(p);
  if (p !== 0 && load<u8>(p) === DOT) p = skipDigits(p + 1);
  if (p === 0 || ((<u32>load<u8>(p)) | 0x20) !== LETTER_E) return p;
  p++;
  const sign: u32 = load<u8>(p);
  return skipDigits(sign === PLUS || sign === MINUS ? p + 1 : p);
}

/** Where the digits end that begin at `start`; 0 when there is none. */
function skipDigits(start: usize): usize {
  let p = start;
  while (<u32>load<u8>(p) - ZERO <= 9) p++;
  return p === start ? 0 : p;
}
