/**
 * Turns text of a single-byte or multi-byte encoding into UTF-8 by a table of its characters. The few characters of
 * three and four bytes (EUC-JP, GB 18030) are looked up one by one. A byte that begins no character is invalid alone:
 * what follows it is looked at anew, so a line end or a delimiter behind it keeps its meaning.
 */
import { byteAt } from "./bytes.ts";
import {
  decodeCharacter,
  encodingTable,
  packedText,
  pairEntry,
  type EncodingTable,
  type PackedText,
} from "./encoding-table.ts";
import { INVALID, type ByteSpan, type Transcoded, type Transcoder } from "./transcoder.ts";

/** U+FFFD in UTF-8, its first byte lowest. */
const REPLACEMENT_TEXT = 0xbdbfef;
const REPLACEMENT_LENGTH = 3;
/** GB 18030 has U+FFFD as a character of its own, which a decoder's mark for invalid bytes cannot be told from. */
const GB18030_REPLACEMENT = 0x8431a437;
const MAX_REMEMBERED = 10_000;

/** How long a character is that needs more than a pair, by its first two bytes; 0 when it does not. */
type LongForm = (lead: number, second: number) => number;

const LONG_FORMS: Readonly<Record<string, LongForm>> = {
  gb18030: (_, second) => (second >= 0x30 && second <= 0x39 ? 4 : 0),
  "euc-jp": (lead) => (lead === 0x8f ? 3 : 0),
};

/** See `Transcoder`. */
export class TableTranscoder implements Transcoder {
  readonly growth = 3;
  readonly #encoding: string;
  readonly #table: EncodingTable;
  readonly #longForm: LongForm | undefined;
  readonly #nulText: number;
  readonly #nulLength: number;
  /** Characters of more than two bytes that were met; null for bytes that are none. */
  readonly #remembered = new Map<number, PackedText | null>();

  constructor(encoding: string, replacesNul: boolean) {
    this.#encoding = encoding;
    this.#table = encodingTable(encoding);
    this.#longForm = LONG_FORMS[encoding];
    this.#nulText = replacesNul ? REPLACEMENT_TEXT : 0;
    this.#nulLength = replacesNul ? REPLACEMENT_LENGTH : 1;
  }

  transcode(from: ByteSpan, into: ByteSpan, isFinal: boolean): Transcoded {
    const { text, lengths } = this.#table;
    const source = from.bytes;
    const out = into.bytes;
    const isCounting = out.length === 0;
    let position = from.start;
    let at = into.start;
    while (position < from.end) {
      const first = byteAt(source, position);
      let character = text[first] as number; // the table has every byte
      let length = lengths[first] as number; // as above
      let used = 1;
      if (first === 0) {
        character = this.#nulText;
        length = this.#nulLength;
      } else if (length === 0) {
        const next = position + 1;
        const entry = first > 0x7f && next < from.end ? pairEntry(first, byteAt(source, next)) : 0;
        length = entry === 0 ? 0 : (lengths[entry] as number); // the table has every pair
        if (length > 0) {
          character = text[entry] as number; // as above
          used = 2;
        } else {
          const size = this.#sizeAt(from, position);
          if (position + size > from.end && !isFinal) break;
          const found = this.#findLong(from, position, size);
          character = found?.text ?? INVALID;
          length = found?.length ?? 1;
          used = found === null ? 1 : size;
        }
      }
      if (at + length > into.end) break;
      position += used;
      if (isCounting) {
        at += length;
        continue;
      }
      for (let rest = length; rest > 0; rest--) {
        out[at++] = character & 0xff;
        character >>>= 8;
      }
    }
    return { read: position - from.start, written: at - into.start };
  }

  /** How many bytes a character at `position` has that is not in the table, as far as they can be seen. */
  #sizeAt({ bytes, end }: ByteSpan, position: number): number {
    const lead = byteAt(bytes, position);
    if (lead < 0x80) return 1;
    const isCut = position + 1 >= end;
    const size = this.#longForm?.(lead, isCut ? 0 : byteAt(bytes, position + 1)) ?? 0;
    if (size > 0) return size;
    // A byte that leads nothing is invalid at once, and nothing more is waited for.
    return isCut && this.#table.leads[lead] === 1 ? 2 : 1;
  }

  #findLong({ bytes, end }: ByteSpan, position: number, size: number): PackedText | null {
    if (size < 3 || position + size > end) return null;
    return this.#lookUpLong(bytes.subarray(position, position + size));
  }

  #lookUpLong(bytes: Uint8Array): PackedText | null {
    const key = bytes.reduce((value, byte) => value * 0x100 + byte, 0);
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const isReplacement = key === GB18030_REPLACEMENT && bytes.length === 4;
    const character = isReplacement ? "\uFFFD" : decodeCharacter(bytes, this.#encoding);
    // Several characters mean that the bytes are not one of this length.
    const isOne = character !== null && Array.from(character).length === 1;
    const found = isOne ? packedText(character) : null;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, found);
    return found;
  }
}
