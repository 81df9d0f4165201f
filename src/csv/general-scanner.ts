/**
 * The scanner of the rarer dialects: a delimiter of several bytes, comments, trimmed fields.
 *
 * It follows the same rules as `RecordScanner` and answers in the same way, for every dialect, byte by byte and with no
 * thought of speed. A property test holds the two against each other.
 */
import type { Dialect } from "../core/import-plan.ts";
import { byteAt, CR, LF, lineBreakAt, SPACE, TAB } from "./bytes.ts";
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

/** What stands at a place: nothing of meaning, a delimiter, a line end, or the end of the window. */
type Mark = "text" | "delimiter" | "line" | "end";

/** A scanner of any dialect. One scan at a time. */
export class GeneralScanner implements Scanner {
  readonly found: Writable<ScannedRecord>;
  readonly #options: ScannerOptions;
  readonly #dialect: Dialect;
  readonly #delimiter: readonly number[];
  #bytes: Uint8Array = new Uint8Array(0);
  #to = 0;
  #isFinal = false;
  /** Set where more bytes are needed to decide. */
  #isCut = false;

  constructor(options: ScannerOptions) {
    this.#options = options;
    this.#dialect = options.dialect;
    this.#delimiter = [options.dialect.delimiter, ...(options.dialect.delimiterRest ?? [])];
    const capacity = Math.min(options.maxFields, 2048);
    this.found = {
      fieldCount: 0,
      fieldStart: new Int32Array(capacity),
      fieldEnd: new Int32Array(capacity),
      fieldKind: new Uint8Array(capacity),
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
  }

  scan(bytes: Uint8Array, from: number, to: number, isFinal: boolean): ScanOutcome {
    const { found } = this;
    const { maxRecordBytes } = this.#options;
    found.fieldCount = 0;
    found.start = from;
    found.lineBreaks = 0;
    found.hasHighBytes = false;
    found.hasBareQuote = false;
    found.largeField = -1;
    found.quoteAt = -1;
    if (from >= to) return isFinal ? SCAN_OUTCOMES.end : SCAN_OUTCOMES.more;

    const limit = from + maxRecordBytes + 2;
    const isClipped = to > limit;
    this.#bytes = bytes;
    this.#to = isClipped ? limit : to;
    this.#isFinal = isFinal && !isClipped;
    this.#isCut = false;
    const outcome = this.#scanRecord(from);

    if (this.#isCut) return isClipped ? SCAN_OUTCOMES.tooLarge : SCAN_OUTCOMES.more;
    const length = (outcome === SCAN_OUTCOMES.unclosed ? to : found.end) - from;
    if (length > maxRecordBytes) return SCAN_OUTCOMES.tooLarge;
    for (let index = from; index < found.end && !found.hasHighBytes; index++)
      found.hasHighBytes = byteAt(bytes, index) > 0x7f;
    return outcome;
  }

  #scanRecord(from: number): ScanOutcome {
    if (this.#markAt(from) === "line") return this.#endRecord(from, SCAN_OUTCOMES.blank);
    if (byteAt(this.#bytes, from) === this.#dialect.comment)
      return this.#endRecord(this.#lineEnd(from), SCAN_OUTCOMES.comment);
    let position = from;
    for (;;) {
      position = this.#scanField(position);
      if (this.found.quoteAt >= 0) {
        this.#isCut ||= !this.#isFinal;
        return SCAN_OUTCOMES.unclosed;
      }
      const mark = this.#markAt(position);
      if (mark === "text") return this.#endRecord(this.#lineEnd(position), SCAN_OUTCOMES.broken);
      if (mark !== "delimiter") return this.#endRecord(position, SCAN_OUTCOMES.record);
      position += this.#delimiter.length;
    }
  }

  /** Reads the field at `from` and returns where it stopped: at a delimiter, a line end, the end, or text. */
  #scanField(from: number): number {
    const start = this.#skipBlanks(from);
    if (start < this.#to && byteAt(this.#bytes, start) === this.#dialect.quote)
      return this.#skipBlanks(this.#scanQuoted(start));
    let position = start;
    while (this.#markAt(position) === "text") {
      if (byteAt(this.#bytes, position) === this.#dialect.quote) this.found.hasBareQuote = true;
      position++;
    }
    let end = position;
    while (end > start && this.#isBlank(end - 1)) end--;
    this.#addField(start, end, FIELD_UNQUOTED);
    return position;
  }

  /** Reads to behind the closing quote. When there is none, `quoteAt` says that the quote is open. */
  #scanQuoted(open: number): number {
    const { found } = this;
    const { quote, escape } = this.#dialect;
    found.quoteAt = open;
    found.quoteLine = found.lineBreaks;
    let kind = FIELD_QUOTED;
    let position = open + 1;
    while (position < this.#to) {
      const byte = byteAt(this.#bytes, position);
      const after = position + 1;
      const isAtEnd = after >= this.#to;
      const isEscape =
        byte === escape && (escape !== quote || (!isAtEnd && byteAt(this.#bytes, after) === quote));
      if (byte === quote && !isEscape) {
        this.#isCut ||= isAtEnd && !this.#isFinal;
        found.quoteAt = this.#isCut ? open : -1;
        this.#addField(open + 1, position, kind);
        return after;
      }
      if (isEscape && isAtEnd) return this.#to;
      if (isEscape) kind = FIELD_ESCAPED;
      position = isEscape ? after : position;
      found.lineBreaks += lineBreakAt(this.#bytes, position, this.#to);
      position++;
    }
    return this.#to;
  }

  #markAt(position: number): Mark {
    if (position >= this.#to) {
      this.#isCut ||= !this.#isFinal;
      return "end";
    }
    const byte = byteAt(this.#bytes, position);
    if (isLineEnd(byte)) return "line";
    for (const [index, expected] of this.#delimiter.entries()) {
      const isPastEnd = position + index >= this.#to;
      if (isPastEnd && !this.#isFinal) {
        this.#isCut = true;
        return "end";
      }
      if (isPastEnd || this.#bytes[position + index] !== expected) return "text";
    }
    return "delimiter";
  }

  #isBlank(position: number): boolean {
    const byte = byteAt(this.#bytes, position);
    return this.#dialect.trim === true && (byte === SPACE || byte === TAB);
  }

  #skipBlanks(from: number): number {
    let position = from;
    while (position < this.#to && this.#isBlank(position) && this.#markAt(position) === "text")
      position++;
    return position;
  }

  #lineEnd(from: number): number {
    let position = from;
    while (position < this.#to && !isLineEnd(byteAt(this.#bytes, position))) position++;
    this.#isCut ||= position >= this.#to && !this.#isFinal;
    return position;
  }

  /** Notes that the record ends at `position`, and how long its line end is. */
  #endRecord(position: number, outcome: ScanOutcome): ScanOutcome {
    const { found } = this;
    found.end = position;
    found.next = position;
    if (position >= this.#to) return outcome;
    found.next = position + 1;
    found.lineBreaks++;
    if (byteAt(this.#bytes, position) !== CR) return outcome;
    this.#isCut ||= found.next >= this.#to && !this.#isFinal;
    if (found.next < this.#to && byteAt(this.#bytes, found.next) === LF) found.next++;
    return outcome;
  }

  #addField(start: number, end: number, kind: number): void {
    const { found } = this;
    const index = found.fieldCount++;
    if (end - start > this.#options.maxFieldBytes && found.largeField < 0) found.largeField = index;
    if (index >= this.#options.maxFields) return;
    if (index >= found.fieldStart.length) this.#growSpans();
    found.fieldStart[index] = start;
    found.fieldEnd[index] = end;
    found.fieldKind[index] = kind;
  }

  #growSpans(): void {
    const { found } = this;
    const { fieldStart, fieldEnd, fieldKind } = found;
    const capacity = Math.min(fieldStart.length * 2, this.#options.maxFields);
    found.fieldStart = new Int32Array(capacity);
    found.fieldEnd = new Int32Array(capacity);
    found.fieldKind = new Uint8Array(capacity);
    found.fieldStart.set(fieldStart);
    found.fieldEnd.set(fieldEnd);
    found.fieldKind.set(fieldKind);
  }
}

function isLineEnd(byte: number): boolean {
  return byte === LF || byte === CR;
}
