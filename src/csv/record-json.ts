/**
 * Writes records as JSON, straight from bytes: one array of strings a line. Bytes are UTF-8 that was checked before.
 */
import { BACKSLASH, byteAt, byteClasses, DOUBLE_QUOTE, PLAIN } from "./bytes.ts";
import { unescapeField } from "./field-text.ts";
import type { OutputBuffer } from "./output-buffer.ts";
import { FIELD_ESCAPED, type ScannedRecord } from "./scanned-record.ts";

const CONTROLS = Array.from({ length: 0x20 }, (_, byte) => byte);
const SPECIAL = byteClasses([...CONTROLS, DOUBLE_QUOTE, BACKSLASH]);
/** `\u` and four digits. */
const LONGEST_ESCAPE = 6;
const ENCODER = new TextEncoder();
/** What stands for each special byte. */
const ESCAPES = Array.from({ length: 0x80 }, (_, byte) =>
  ENCODER.encode(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
);
const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const LINE_END = 0x0a;

/** A writer for one dialect. */
export class RecordJsonWriter {
  readonly #escape: number;
  #scratch: Uint8Array = new Uint8Array(1024);

  constructor(escape: number) {
    this.#escape = escape;
  }

  /**
   * Appends the fields of a record from `fromField` on, and returns the field to go on with: the output is let out when
   * it has `enough` bytes, also in the middle of a record. Equal to the number of fields when the record is written.
   */
  write(
    bytes: Uint8Array,
    found: ScannedRecord,
    fromField: number,
    { into, enough }: { readonly into: OutputBuffer; readonly enough: number },
  ): number {
    const { fieldCount, fieldStart, fieldEnd, fieldKind } = found;
    let field = fromField;
    for (; field < fieldCount && (field === fromField || into.length < enough); field++) {
      into.reserve(4);
      into.bytes[into.length++] = field === 0 ? OPEN : COMMA;
      const start = fieldStart[field] as number; // spans of every field are kept
      const end = fieldEnd[field] as number; // as above
      if (fieldKind[field] === FIELD_ESCAPED) {
        const value = this.#unescape(bytes, start, end);
        writeString(value, 0, value.length, into);
      } else writeString(bytes, start, end, into);
    }
    if (field < fieldCount) return field;
    into.reserve(2);
    into.bytes[into.length++] = CLOSE;
    into.bytes[into.length++] = LINE_END;
    return field;
  }

  #unescape(bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (this.#scratch.length < end - start) this.#scratch = new Uint8Array((end - start) * 2);
    const length = unescapeField(bytes, { start, end, escape: this.#escape }, this.#scratch);
    return this.#scratch.subarray(0, length);
  }
}

function writeString(bytes: Uint8Array, start: number, end: number, into: OutputBuffer): void {
  into.reserve((end - start) * LONGEST_ESCAPE + 2);
  const out = into.bytes;
  let at = into.length;
  out[at++] = DOUBLE_QUOTE;
  for (let index = start; index < end; index++) {
    const byte = byteAt(bytes, index);
    if (byteAt(SPECIAL, byte) === PLAIN) {
      out[at++] = byte;
      continue;
    }
    for (const each of ESCAPES[byte] ?? []) out[at++] = each;
  }
  out[at++] = DOUBLE_QUOTE;
  into.length = at;
}
