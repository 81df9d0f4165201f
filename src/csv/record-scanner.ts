/**
 * Finds one record at a time in a window of bytes.
 *
 * The scanner is given a window and the place where a record starts. It either finds the whole record and leaves the
 * spans of its fields in arrays that it uses again for the next one, or says that it needs a longer window; then the
 * caller reads more and scans the record again from its start. It keeps nothing from one call to the next, so what it
 * finds depends on the bytes alone and never on how they were cut into windows.
 *
 * What must always hold: a record ends at LF, CRLF or CR outside quotes; a quote opens a field only as its first byte;
 * after a closing quote only a delimiter or a record end may follow. A record that breaks the last rule ends at the
 * next line break, quotes not looked at. No string, object or promise is made here.
 */
import { byteAt, byteClasses, CR, LF, lineBreakAt, PLAIN } from "./bytes.ts";
import {
  FIELD_ESCAPED,
  FIELD_QUOTED,
  FIELD_UNQUOTED,
  SCAN_OUTCOMES,
  type ScannedRecord,
  type Scanner,
  type ScannerOptions,
  type ScanOutcome,
} from "./scanned-record.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Room for the records of any table, so that padding a record never needs more. */
const INITIAL_FIELDS = 2048;

/** Why a pass over fields stopped. */
const AT_WINDOW_END = 0;
const AT_LINE_END = 1;
const AT_QUOTE = 2;
const AT_DELIMITER = 3;
const AT_OTHER_TEXT = 4;

/**
 * A scanner of one dialect whose delimiter is one byte, without comments and trimming. One scan at a time; not shared
 * between sources that are read at once.
 */
export class RecordScanner implements Scanner {
  readonly #options: ScannerOptions;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #stopsUnquoted: Uint8Array;
  readonly #stopsQuoted: Uint8Array;
  readonly #found: Writable<ScannedRecord>;
  readonly #maxFieldBytes: number;
  #capacity = 0;
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  #kinds = new Uint8Array(0);
  #stop = AT_WINDOW_END;
  #highBits = 0;

  constructor(options: ScannerOptions) {
    const { delimiter, quote, escape } = options.dialect;
    this.#options = options;
    this.#delimiter = delimiter;
    this.#quote = quote;
    this.#escape = escape;
    this.#stopsUnquoted = byteClasses([delimiter, LF, CR, quote]);
    this.#stopsQuoted = byteClasses([quote, escape, LF, CR]);
    this.#maxFieldBytes = options.maxFieldBytes;
    this.#found = {
      fieldCount: 0,
      fieldStart: this.#starts,
      fieldEnd: this.#ends,
      fieldKind: this.#kinds,
      start: 0,
      end: 0,
      next: 0,
      lineBreaks: 0,
      hasHighBytes: false,
      hasBareQuote: false,
      largeField: -1,
      quoteAt: -1,
      quoteLine: 0,
    };
    this.#allocate(Math.min(options.maxFields, INITIAL_FIELDS));
  }

  get found(): ScannedRecord {
    return this.#found;
  }

  scan(bytes: Uint8Array, from: number, to: number, isFinal: boolean): ScanOutcome {
    const found = this.#found;
    found.fieldCount = 0;
    found.start = from;
    found.lineBreaks = 0;
    found.hasBareQuote = false;
    found.largeField = -1;
    found.quoteAt = -1;
    this.#highBits = 0;
    if (from >= to) return isFinal ? SCAN_OUTCOMES.end : SCAN_OUTCOMES.more;

    // Never looking further than this makes the outcome for a record that is too large the same in every window.
    const limit = from + this.#options.maxRecordBytes + 2;
    const isClipped = to > limit;
    const outcome = this.#scanRecord(bytes, isClipped ? limit : to, isFinal && !isClipped);

    if (outcome === SCAN_OUTCOMES.more) return isClipped ? SCAN_OUTCOMES.tooLarge : outcome;
    const length = (outcome === SCAN_OUTCOMES.unclosed ? to : found.end) - from;
    if (length > this.#options.maxRecordBytes) return SCAN_OUTCOMES.tooLarge;
    found.hasHighBytes = this.#highBits > 0x7f;
    return outcome;
  }

  #scanRecord(bytes: Uint8Array, to: number, isFinal: boolean): ScanOutcome {
    let position = this.#found.start;
    const first = byteAt(bytes, position);
    if (first === LF || first === CR)
      return this.#endRecord(bytes, position, to, isFinal)
        ? SCAN_OUTCOMES.blank
        : SCAN_OUTCOMES.more;

    this.#stop = first === this.#quote ? AT_QUOTE : AT_DELIMITER;
    for (;;) {
      if (this.#stop === AT_QUOTE) {
        position = this.#scanQuoted(bytes, position, to, isFinal);
        if (this.#found.quoteAt >= 0) return isFinal ? SCAN_OUTCOMES.unclosed : SCAN_OUTCOMES.more;
      } else {
        position = this.#scanUnquoted(bytes, position, to, isFinal);
      }
      switch (this.#stop) {
        case AT_WINDOW_END:
          if (!isFinal) return SCAN_OUTCOMES.more;
          this.#found.end = to;
          this.#found.next = to;
          return SCAN_OUTCOMES.record;
        case AT_LINE_END:
          return this.#endRecord(bytes, position, to, isFinal)
            ? SCAN_OUTCOMES.record
            : SCAN_OUTCOMES.more;
        case AT_OTHER_TEXT:
          return this.#skipBroken(bytes, position, to, isFinal);
      }
    }
  }

  /**
   * Reads fields from `start` up to a field that begins with a quote, the line end or the end of the window, and
   * returns where it stopped.
   */
  #scanUnquoted(bytes: Uint8Array, start: number, to: number, isFinal: boolean): number {
    const stopsUnquoted = this.#stopsUnquoted;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    let fieldStart = start;
    let highBits = this.#highBits;
    let position = start;
    for (; position < to; position++) {
      const byte = byteAt(bytes, position);
      highBits |= byte;
      if (byteAt(stopsUnquoted, byte) === PLAIN) continue;
      if (byte === quote) {
        this.#found.hasBareQuote = true;
        continue;
      }
      this.#addField(fieldStart, position, FIELD_UNQUOTED);
      fieldStart = position + 1;
      const isAtQuote = fieldStart < to && byteAt(bytes, fieldStart) === quote;
      if (byte === delimiter && !isAtQuote) continue;
      this.#highBits = highBits;
      this.#stop = byte === delimiter ? AT_QUOTE : AT_LINE_END;
      return byte === delimiter ? fieldStart : position;
    }
    this.#highBits = highBits;
    this.#stop = AT_WINDOW_END;
    if (isFinal) this.#addField(fieldStart, to, FIELD_UNQUOTED);
    return to;
  }

  /**
   * Reads the field whose quote is at `open`. Returns where the next field starts, or where the record ends or breaks.
   * When the window ends first, `quoteAt` says that the quote is open.
   */
  #scanQuoted(bytes: Uint8Array, open: number, to: number, isFinal: boolean): number {
    const found = this.#found;
    const quote = this.#quote;
    const escape = this.#escape;
    found.quoteAt = open;
    found.quoteLine = found.lineBreaks;
    this.#stop = AT_WINDOW_END;
    let kind = FIELD_QUOTED;
    let position = this.#nextQuotedStop(bytes, open + 1, to);
    while (position < to) {
      const byte = byteAt(bytes, position);
      const after = position + 1;
      const isDoubled = escape === quote && after < to && byteAt(bytes, after) === quote;
      if (byte === quote && !isDoubled) {
        // In a window that goes on, a quote at its end may be the first half of a doubled one.
        if (after >= to && !isFinal) return to;
        found.quoteAt = -1;
        this.#addField(open + 1, position, kind);
        return this.#afterQuote(bytes, after, to, isFinal);
      }
      if (after >= to) return to;
      kind = FIELD_ESCAPED;
      this.#highBits |= byteAt(bytes, after);
      found.lineBreaks += lineBreakAt(bytes, after, to);
      position = this.#nextQuotedStop(bytes, position + 2, to);
    }
    return to;
  }

  /** Skips to the next quote or escape inside quotes, counting line ends. Returns `to` when there is none. */
  #nextQuotedStop(bytes: Uint8Array, from: number, to: number): number {
    const stops = this.#stopsQuoted;
    let highBits = this.#highBits;
    let position = from;
    for (; position < to; position++) {
      const byte = byteAt(bytes, position);
      highBits |= byte;
      if (byteAt(stops, byte) === PLAIN) continue;
      if (byte !== LF && byte !== CR) break;
      this.#found.lineBreaks += lineBreakAt(bytes, position, to);
    }
    this.#highBits = highBits;
    return Math.min(position, to);
  }

  /** Decides what follows a closing quote. */
  #afterQuote(bytes: Uint8Array, position: number, to: number, isFinal: boolean): number {
    this.#stop = AT_WINDOW_END;
    if (position >= to) return to;
    const byte = byteAt(bytes, position);
    if (byte === LF || byte === CR) {
      this.#stop = AT_LINE_END;
      return position;
    }
    if (byte !== this.#delimiter) {
      this.#stop = AT_OTHER_TEXT;
      return position;
    }
    const next = position + 1;
    if (next < to) {
      this.#stop = byteAt(bytes, next) === this.#quote ? AT_QUOTE : AT_DELIMITER;
      return next;
    }
    if (isFinal) this.#addField(to, to, FIELD_UNQUOTED);
    return to;
  }

  #skipBroken(bytes: Uint8Array, from: number, to: number, isFinal: boolean): ScanOutcome {
    let position = from;
    while (position < to && byteAt(bytes, position) !== LF && byteAt(bytes, position) !== CR)
      position++;
    if (position < to)
      return this.#endRecord(bytes, position, to, isFinal)
        ? SCAN_OUTCOMES.broken
        : SCAN_OUTCOMES.more;
    if (!isFinal) return SCAN_OUTCOMES.more;
    this.#found.end = to;
    this.#found.next = to;
    return SCAN_OUTCOMES.broken;
  }

  /** Notes the line end at `position`. False when the window ends between what may be CR and LF. */
  #endRecord(bytes: Uint8Array, position: number, to: number, isFinal: boolean): boolean {
    const found = this.#found;
    let next = position + 1;
    if (byteAt(bytes, position) === CR) {
      if (next >= to && !isFinal) return false;
      if (next < to && byteAt(bytes, next) === LF) next++;
    }
    found.end = position;
    found.next = next;
    found.lineBreaks++;
    return true;
  }

  #addField(start: number, end: number, kind: number): void {
    const found = this.#found;
    const index = found.fieldCount;
    found.fieldCount = index + 1;
    if (end - start > this.#maxFieldBytes && found.largeField < 0) found.largeField = index;
    if (index >= this.#capacity && !this.#growSpans()) return;
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#kinds[index] = kind;
  }

  /** False when no more spans are kept. */
  #growSpans(): boolean {
    if (this.#capacity >= this.#options.maxFields) return false;
    const { fieldStart, fieldEnd, fieldKind } = this.#found;
    this.#allocate(Math.min(this.#capacity * 2, this.#options.maxFields));
    this.#starts.set(fieldStart);
    this.#ends.set(fieldEnd);
    this.#kinds.set(fieldKind);
    return true;
  }

  #allocate(capacity: number): void {
    this.#capacity = capacity;
    this.#starts = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
    this.#kinds = new Uint8Array(capacity);
    this.#found.fieldStart = this.#starts;
    this.#found.fieldEnd = this.#ends;
    this.#found.fieldKind = this.#kinds;
  }
}
