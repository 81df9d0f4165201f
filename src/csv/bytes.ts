/** Byte values and byte access for the code that reads records without making strings. */

export const NUL = 0x00;
export const TAB = 0x09;
export const LF = 0x0a;
export const FORM_FEED = 0x0c;
export const CR = 0x0d;
export const SPACE = 0x20;
export const DOUBLE_QUOTE = 0x22;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
const NINE = 0x39;
export const COLON = 0x3a;
export const BACKSLASH = 0x5c;

/**
 * The byte at `index`. The caller guarantees that the index is inside the array, which the compiler cannot see; this
 * is the one place that says so, and it costs nothing at run time.
 */
export function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number; // in range, by the caller's guarantee
}

/** The entry at `index` of a list of offsets. The same guarantee as for `byteAt`. */
export function offsetAt(offsets: Int32Array | Uint32Array, index: number): number {
  return offsets[index] as number; // in range, by the caller's guarantee
}

/** Whether the byte is an ASCII digit. */
export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Whether the byte is an ASCII letter. */
export function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** The bytes as text, one character a byte. For ASCII that was checked before. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let index = start; index < end; index++) text += String.fromCharCode(byteAt(bytes, index));
  return text;
}

/** A longer copy of a list that is full: at least twice as long, and at least `length` long. */
export function grownBytes(bytes: Uint8Array, length: number): Uint8Array {
  const grown = new Uint8Array(Math.max(bytes.length * 2, length));
  grown.set(bytes);
  return grown;
}

/**
 * From one read, 1 MiB, past a usual chunk in a single step, and past the longest record by default, 16 MiB, in the next.
 * Not by more: V8 counts what is not written too, and collects garbage when four such lists have come to 64 MiB.
 */
const GROWTH = 8;

/**
 * The list itself if it holds `length` bytes, otherwise a longer copy that does. It grows by much at once: memory that is
 * not written takes no room of the machine, while each copy leaves an old list behind that does until it is collected.
 */
export function withRoom(bytes: Uint8Array, length: number): Uint8Array {
  if (length <= bytes.length) return bytes;
  const grown = new Uint8Array(Math.max(length, bytes.length * GROWTH));
  grown.set(bytes);
  return grown;
}

/** A class table's entry for bytes of no meaning; 1 for the others. */
export const PLAIN = 0;

/** A table of 256 entries that tells the bytes of meaning from the plain ones. */
export function byteClasses(specials: readonly number[]): Uint8Array {
  const classes = new Uint8Array(256);
  for (const byte of specials) classes[byte] = 1;
  return classes;
}

/** 1 when the byte at `position` ends a physical line: LF, or CR without LF behind it before `to`. */
export function lineBreakAt(bytes: Uint8Array, position: number, to: number): number {
  const byte = byteAt(bytes, position);
  if (byte === LF) return 1;
  if (byte !== CR) return 0;
  return position + 1 < to && byteAt(bytes, position + 1) === LF ? 0 : 1;
}

/** How many LF there are. */
export function countLineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}
