/** Turns the span of a field into its value: takes escapes out, and makes strings where a person reads them. */
import { byteAt } from "./bytes.ts";
import { FIELD_ESCAPED, type ScannedRecord } from "./scanned-record.ts";

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Writes the value of an escaped field to the start of `into` and returns its length. Inside quotes the escape and the
 * character behind it stand for that character. `into` must hold `end - start` bytes.
 */
export function unescapeField(
  bytes: Uint8Array,
  span: { readonly start: number; readonly end: number; readonly escape: number },
  into: Uint8Array,
): number {
  let length = 0;
  for (let index = span.start; index < span.end; index++) {
    if (byteAt(bytes, index) === span.escape) index++;
    into[length++] = byteAt(bytes, index);
  }
  return length;
}

/**
 * The value of a field as a string, for samples, messages and headers; bytes that are not UTF-8 show as U+FFFD.
 * `maxBytes` cuts what is decoded. `index` is below the number of kept spans. ASCII in a Buffer is read the fastest.
 */
export function fieldText(
  bytes: Uint8Array,
  found: ScannedRecord,
  index: number,
  options: { readonly escape: number; readonly maxBytes?: number },
): string {
  const start = found.fieldStart[index] ?? 0;
  const end = Math.min(found.fieldEnd[index] ?? 0, start + (options.maxBytes ?? Infinity));
  if (found.fieldKind[index] !== FIELD_ESCAPED) {
    const isFast = bytes instanceof Buffer && !found.hasHighBytes;
    return isFast
      ? bytes.toString("latin1", start, end)
      : DECODER.decode(bytes.subarray(start, end));
  }
  const value = new Uint8Array(end - start);
  const length = unescapeField(bytes, { start, end, escape: options.escape }, value);
  return DECODER.decode(value.subarray(0, length));
}

/** All kept fields of the record as strings. */
export function recordTexts(bytes: Uint8Array, found: ScannedRecord, escape: number): string[] {
  const count = Math.min(found.fieldCount, found.fieldStart.length);
  return Array.from({ length: count }, (_, index) => fieldText(bytes, found, index, { escape }));
}
