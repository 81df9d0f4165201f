/** Texts, and what is told from words: read at `p`, written at `out`. */
import { delimiter, inputEnd, quote } from "./dialect";
import { isUtf8 } from "./utf8";

const NUL: u32 = 0x00;
const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
/** LF, CR and NUL are not above it. So are bytes of no meaning, which are rare. */
const CONTROL: u8 = 0x0d;
const BLOCK: usize = 16;

/** How long the last text has become. */
export let textBytes: usize = 0;
/** Whether an unquoted text had a quote inside, which is data. Set back for each record. */
export let hasBareQuote: bool = false;
/** Line ends inside quotes that were met. Set back for each record. */
export let lineBreaks: i32 = 0;

export function beginRecord(): void {
  hasBareQuote = false;
  lineBreaks = 0;
}

/** Copies an unquoted text and returns where it ended: at a delimiter or a line end. 0: it holds a NUL, or is not UTF-8. */
export function copyUnquoted(start: usize, out: usize): usize {
  const delimiters = i8x16.splat(<i8>delimiter);
  const quotes = i8x16.splat(<i8>quote);
  const controls = i8x16.splat(CONTROL);
  let p = start;
  let to = out;
  let high: u32 = 0;
  for (;;) {
    const stops = copyBlocks(p, to, delimiters, quotes, controls);
    if (stops === 0) {
      high |= copiedHighs;
      p += 2 * BLOCK;
      to += 2 * BLOCK;
      continue;
    }
    const length = ctz<u32>(stops);
    high |= copiedHighs & (stops - 1);
    p += length;
    to += length;
    const byte: u32 = load<u8>(p);
    if (byte === delimiter || byte === LF || byte === CR) break;
    if (byte === NUL) return 0;
    if (byte === quote) hasBareQuote = true;
    p++;
    to++;
  }
  textBytes = to - out;
  return high === 0 || isUtf8(start, p) ? p : 0;
}

/**
 * Copies the text behind an opening quote, doubled quotes as one, and returns where the closing quote is. 0: it holds a
 * NUL, is not UTF-8, or the input ends first.
 */
export function copyQuoted(start: usize, out: usize): usize {
  const quotes = i8x16.splat(<i8>quote);
  const controls = i8x16.splat(CONTROL);
  let p = start;
  let to = out;
  let high: u32 = 0;
  for (;;) {
    const stops = copyBlocks(p, to, quotes, quotes, controls);
    if (stops === 0) {
      high |= copiedHighs;
      p += 2 * BLOCK;
      to += 2 * BLOCK;
      continue;
    }
    const length = ctz<u32>(stops);
    high |= copiedHighs & (stops - 1);
    p += length;
    to += length;
    if (p >= inputEnd) return 0;
    const byte: u32 = load<u8>(p);
    if (byte === quote) {
      if (load<u8>(p + 1) !== quote) break;
      p++;
    } else if (byte === LF) {
      lineBreaks++;
    } else if (byte === CR) {
      if (load<u8>(p + 1) !== LF) lineBreaks++;
    } else if (byte === NUL) {
      return 0;
    }
    p++;
    to++;
  }
  textBytes = to - out;
  return high === 0 || isUtf8(start, p) ? p : 0;
}

/** Which of the bytes that `copyBlocks` has copied are above ASCII. */
let copiedHighs: u32 = 0;

/**
 * Copies two blocks, and returns which of their bytes are one of two or not above `CONTROL`. Two at once: most texts are
 * shorter, and whether they are is hard to foretell for one. What is copied behind a text is overwritten by the next value.
 */
function copyBlocks(start: usize, out: usize, some: v128, others: v128, controls: v128): u32 {
  const left = v128.load(start);
  const right = v128.load(start, BLOCK);
  v128.store(out, left);
  v128.store(out, right, BLOCK);
  copiedHighs = v128.bitmask<u8>(left) | (v128.bitmask<u8>(right) << 16);
  return stopsOf(left, some, others, controls) | (stopsOf(right, some, others, controls) << 16);
}

function stopsOf(block: v128, some: v128, others: v128, controls: v128): u32 {
  return v128.bitmask<u8>(
    v128.or(
      v128.or(v128.eq<u8>(block, some), v128.eq<u8>(block, others)),
      v128.le<u8>(block, controls),
    ),
  );
}

/** Characters of valid UTF-8: bytes that do not go on with one. */
export function countCharacters(start: usize, length: usize): usize {
  let count: usize = 0;
  for (let p = start; p < start + length; p++) count += <usize>((load<u8>(p) & 0xc0) !== 0x80);
  return count;
}

/** Whether the text is one of `count` labels from `labels` on: the length in two bytes, then the bytes. */
export function isLabel(text: usize, length: usize, labels: usize, count: i32): bool {
  let label = labels;
  for (let index = 0; index < count; index++) {
    const labelBytes = <usize>load<u16>(label);
    if (labelBytes === length && memory.compare(label + 2, text, length) === 0) return true;
    label += 2 + labelBytes;
  }
  return false;
}

const MAX_WORD_BYTES: i32 = 3;

const LOWER: u32 = 0x2020_2020;
/** Their first four letters, the first one lowest. */
const TRUE: u32 = 0x6575_7274;
const FALSE: u32 = 0x736c_6166;

/** A boolean by its word in any case. Returns where the word ended; 0 for another one. */
export function writeBoolean(start: usize, out: usize): usize {
  const letters = load<u32>(start) | LOWER;
  const isLong = letters === FALSE;
  const isRight = isLong ? ((<u32>load<u8>(start + 4)) | 0x20) === 0x65 : letters === TRUE;
  if (!isRight) return writeShortBoolean(start, out);
  store<u8>(out, <u8>!isLong);
  return start + 4 + <usize>isLong;
}

function writeShortBoolean(start: usize, out: usize): usize {
  let p = start;
  /** The letters in lower case, the last one lowest. */
  let word: u64 = 0;
  for (;;) {
    let byte: u32 = load<u8>(p);
    if (byte - 0x41 < 26) byte |= 0x20;
    if (byte - 0x61 >= 26 && byte - 0x30 >= 10) break;
    if (<i32>(p - start) === MAX_WORD_BYTES) return 0;
    word = (word << 8) | byte;
    p++;
  }
  const isTrue =
    word === 0x74 || // t
    word === 0x31 || // 1
    word === 0x79 || // y
    word === 0x79_6573 || // yes
    word === 0x6f6e; // on
  const isFalse =
    word === 0x66 || // f
    word === 0x30 || // 0
    word === 0x6e || // n
    word === 0x6e6f || // no
    word === 0x6f_6666; // off
  store<u8>(out, <u8>isTrue);
  return isTrue || isFalse ? p : 0;
}

const UUID_BYTES: usize = 36;
const DASH: u32 = 0x2d;

/** A UUID written 8-4-4-4-12. Returns where it ended; 0 when it is none. */
export function writeUuid(start: usize, out: usize): usize {
  const dashes =
    ((<u32>load<u8>(start + 8)) ^ DASH) |
    ((<u32>load<u8>(start + 13)) ^ DASH) |
    ((<u32>load<u8>(start + 18)) ^ DASH) |
    ((<u32>load<u8>(start + 23)) ^ DASH);
  // The digits without the dashes, in two halves.
  // prettier-ignore
  const left = v128.shuffle<u8>(
    v128.load(start), v128.load(start + 16), 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17,
  );
  // prettier-ignore
  const right = v128.shuffle<u8>(
    v128.load(start + 19), v128.load(start + 20), 0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 31,
  );
  if (dashes !== 0 || !isHex(left) || !isHex(right)) return 0;
  v128.store(out, v128.narrow<u16>(hexPairs(left), hexPairs(right)));
  return start + UUID_BYTES;
}

function isHex(digits: v128): bool {
  const isDigit = v128.lt<u8>(v128.sub<u8>(digits, i8x16.splat(0x30)), i8x16.splat(10));
  const letters = v128.sub<u8>(v128.or(digits, i8x16.splat(0x20)), i8x16.splat(0x61));
  return v128.all_true<u8>(v128.or(isDigit, v128.lt<u8>(letters, i8x16.splat(6))));
}

/** The values of pairs of digits to base 16, each in a lane of two bytes. */
function hexPairs(digits: v128): v128 {
  // A letter has the bit 40, and its low bits count from 1.
  const isLetter = v128.shr<u8>(digits, 6);
  const low = v128.and(digits, i8x16.splat(0x0f));
  const values = v128.add<u8>(low, v128.add<u8>(v128.shl<u8>(isLetter, 3), isLetter));
  const pairs = v128.or(v128.shl<u16>(values, 4), v128.shr<u16>(values, 8));
  return v128.and(pairs, i16x8.splat(0xff));
}
