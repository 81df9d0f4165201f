/**
 * Turns UTF-16 into UTF-8. A surrogate without its other half is invalid, and so is a byte that is left over at the end;
 * each becomes one `INVALID`.
 */
import { byteAt } from "./bytes.ts";
import { INVALID, type ByteSpan, type Transcoded, type Transcoder } from "./transcoder.ts";

const REPLACEMENT = 0xfffd;

/** See `Transcoder`. */
export class Utf16Transcoder implements Transcoder {
  readonly growth = 2;
  readonly #isBigEndian: boolean;
  readonly #nul: number;

  constructor(isBigEndian: boolean, replacesNul: boolean) {
    this.#isBigEndian = isBigEndian;
    this.#nul = replacesNul ? REPLACEMENT : 0;
  }

  transcode(from: ByteSpan, into: ByteSpan, isFinal: boolean): Transcoded {
    const out = into.bytes;
    const isCounting = out.length === 0;
    let position = from.start;
    let at = into.start;
    while (position < from.end) {
      const isOdd = position + 1 === from.end;
      if (isOdd && !isFinal) break;
      let point = isOdd ? -1 : this.#unitAt(from.bytes, position);
      let used = isOdd ? 1 : 2;
      if (point >= 0xd800 && point <= 0xdfff) {
        if (point < 0xdc00 && position + 3 >= from.end && !isFinal) break;
        point = this.#pairAt(from, position);
        used = point < 0 ? 2 : 4;
      }
      if (point === 0) point = this.#nul;
      const length = utf8Length(point);
      if (at + length > into.end) break;
      position += used;
      if (!isCounting) writePoint(out, at, point);
      at += length;
    }
    return { read: position - from.start, written: at - into.start };
  }

  #unitAt(bytes: Uint8Array, position: number): number {
    const first = byteAt(bytes, position);
    const second = byteAt(bytes, position + 1);
    return this.#isBigEndian ? (first << 8) | second : (second << 8) | first;
  }

  /** The character of two surrogates, or -1. */
  #pairAt({ bytes, end }: ByteSpan, position: number): number {
    const high = this.#unitAt(bytes, position);
    if (high >= 0xdc00 || position + 3 >= end) return -1;
    const low = this.#unitAt(bytes, position + 2);
    if (low < 0xdc00 || low > 0xdfff) return -1;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  }
}

/** Bytes of a code point in UTF-8; -1, which is none, becomes one byte. */
function utf8Length(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

function writePoint(out: Uint8Array, at: number, point: number): void {
  if (point < 0) {
    out[at] = INVALID;
    return;
  }
  if (point < 0x80) {
    out[at] = point;
    return;
  }
  const length = utf8Length(point);
  out[at] = (LEADS[length] ?? 0) | (point >> (6 * (length - 1)));
  for (let index = 1; index < length; index++)
    out[at + index] = 0x80 | ((point >> (6 * (length - 1 - index))) & 0x3f);
}

/** What marks the first byte of a character of so many bytes. */
const LEADS = [0, 0, 0xc0, 0xe0, 0xf0];
