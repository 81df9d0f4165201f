/**
 * UTF-8, exactly as PostgreSQL takes it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
import { isUtf8 } from "node:buffer";
import { byteAt } from "./bytes.ts";

/** From here on the check of Node, which says yes or no, costs less than a look at each byte. */
const LONG_BYTES = 256;

/**
 * The position of the first byte that does not belong to a character of UTF-8, or -1. A character that is cut off by
 * `end` counts as wrong, at its first byte.
 */
export function findInvalidUtf8(bytes: Uint8Array, start: number, end: number): number {
  if (end - start >= LONG_BYTES && isUtf8(bytes.subarray(start, end))) return -1;
  let position = start;
  while (position < end) {
    const lead = byteAt(bytes, position);
    if (lead < 0x80) {
      position++;
      continue;
    }
    const length = sequenceLength(lead);
    if (length === 0 || position + length > end || !isSequence(bytes, position, length))
      return position;
    position += length;
  }
  return -1;
}

/**
 * Where the bytes before `end` stop being whole characters: `end`, or the start of a character that goes on behind it.
 * For samples that were cut anywhere.
 */
export function wholeCharactersEnd(bytes: Uint8Array, end: number): number {
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = byteAt(bytes, end - back);
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? end - back : end;
  }
  return end;
}

/** How many characters the valid UTF-8 of the span has. */
export function countCharacters(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let position = start; position < end; position++)
    if ((byteAt(bytes, position) & 0xc0) !== 0x80) count++;
  return count;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

function isSequence(bytes: Uint8Array, position: number, length: number): boolean {
  for (let index = 1; index < length; index++)
    if ((byteAt(bytes, position + index) & 0xc0) !== 0x80) return false;
  const lead = byteAt(bytes, position);
  const second = byteAt(bytes, position + 1);
  if (lead === 0xe0) return second >= 0xa0; // below: overlong
  if (lead === 0xed) return second <= 0x9f; // above: surrogates
  if (lead === 0xf0) return second >= 0x90; // below: overlong
  if (lead === 0xf4) return second <= 0x8f; // above: past U+10FFFF
  return true;
}
