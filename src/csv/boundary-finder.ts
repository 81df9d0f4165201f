/**
 * Finds where records end, without looking at what they hold: the way to cut a file into parts.
 *
 * One pass from a known record start, with the scanner's own rules for every byte and not by counting quotes, because
 * a bare quote does not toggle anything. Unlike the scanner it keeps its state from one window to the next, so a window
 * is looked at once. What must always hold: each place it answers is one where the scanner ends a record or a blank
 * line, and the record and line numbers there are the ones that the scanner would have.
 */
import type { Dialect } from "../core/import-plan.ts";
import { byteAt, byteClasses, CR, LF, offsetAt, PLAIN } from "./bytes.ts";
import { hotModule, type HotModule } from "./hot-module.ts";

/** A place where a record starts: its offset in the source, the record's number and its physical line. */
export interface RecordStart {
  readonly byte: number;
  readonly record: number;
  readonly line: number;
}

/** Shorter stretches are not worth a call. */
const BULK_BYTES = 4096;

// As in `assembly/skip.ts`.
const RECORD_START = 0;
const FIELD_START = 1;
const UNQUOTED = 2;
const QUOTED = 3;
const AFTER_QUOTE = 4;
const AFTER_ESCAPE = 5;
const BROKEN = 6;

/** A pass over one source. Windows are fed in order, without gaps. */
export class BoundaryFinder {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #stopsUnquoted: Uint8Array;
  readonly #stopsQuoted: Uint8Array;
  /** Most bytes of a text are above every byte that stops the pass. */
  readonly #highestStop: number;
  #state = RECORD_START;
  #isAfterCr = false;
  #byte: number;
  /** Where the last record or blank line ended. */
  #openByte: number;
  #record: number;
  #line: number;

  readonly #bulkBytes: number;
  readonly #module: HotModule | null;

  /** `bulkBytes`: stretches of at least so many bytes before the target are passed over in WebAssembly, 0 for none. */
  constructor(dialect: Dialect, start: RecordStart, bulkBytes = BULK_BYTES) {
    this.#bulkBytes = bulkBytes;
    this.#module = bulkBytes > 0 && dialect.escape === dialect.quote ? hotModule() : null;
    this.#delimiter = dialect.delimiter;
    this.#quote = dialect.quote;
    this.#escape = dialect.escape;
    this.#stopsUnquoted = byteClasses([dialect.quote, LF, CR]);
    this.#stopsQuoted = byteClasses([dialect.quote, dialect.escape, LF, CR]);
    this.#highestStop = Math.max(dialect.quote, dialect.escape, LF, CR);
    this.#byte = start.byte;
    this.#openByte = start.byte;
    this.#record = start.record;
    this.#line = start.line;
  }

  /** Where the pass stands. A record start after `feed` answered one, and after `finish`. */
  get position(): RecordStart {
    return { byte: this.#byte, record: this.#record, line: this.#line };
  }

  /** How many bytes of a record were seen whose end was not. */
  get openBytes(): number {
    return this.#state === RECORD_START ? 0 : this.#byte - this.#openByte;
  }

  /**
   * Looks through the window for the first record start at or after the offset `target` of the source. Returns its
   * index in the window, where the next call goes on, or -1 when the whole window was used.
   */
  feed(bytes: Uint8Array, from: number, to: number, target: number): number {
    const base = this.#byte - from;
    let index = from;
    const bulkEnd = Math.min(to, target - base);
    if (this.#module !== null && bulkEnd - from >= this.#bulkBytes)
      index = this.#skip(this.#module, bytes.subarray(from, bulkEnd), from);
    while (index < to) {
      const mayEnd = this.#state === RECORD_START && !(this.#isAfterCr && bytes[index] === LF);
      if (mayEnd) this.#openByte = base + index;
      if (mayEnd && base + index >= target) {
        this.#isAfterCr = false;
        this.#byte = base + index;
        return index;
      }
      index = this.#advance(bytes, index, to);
    }
    this.#byte = base + to;
    return -1;
  }

  /** Says that the source ends here, which ends a last record without a line end. */
  finish(): void {
    if (this.#state !== RECORD_START) this.#record++;
    this.#state = RECORD_START;
    this.#isAfterCr = false;
  }

  /** Passes over all of `bytes`, which start at `from` of the window, and returns where they end there. */
  #skip(module: HotModule, bytes: Uint8Array, from: number): number {
    const { at, words } = module;
    const result = (name: string): number => offsetAt(words, at("PARAMETERS") / 4 + at(name));
    const step = at("INPUT_BYTES");
    // The memory held what the hot pass has copied.
    module.owner = null;
    for (let done = 0; done < bytes.length; done += step) {
      const block = bytes.subarray(done, done + step);
      module.bytes.set(block, at("INPUT"));
      module.skip(block.length, this.#state, Number(this.#isAfterCr), this.#delimiter, this.#quote);
      const lastStart = result("SKIP_LAST_START") | 0;
      if (lastStart >= 0) this.#openByte = this.#byte + done + lastStart;
      this.#state = result("SKIP_STATE");
      this.#record += result("SKIP_RECORDS");
      this.#line += result("SKIP_LINES");
      this.#isAfterCr = block.at(-1) === CR;
    }
    return from + bytes.length;
  }

  /** Takes the bytes at `index` that belong to one state, at least one, and returns the index behind them. */
  #advance(bytes: Uint8Array, index: number, to: number): number {
    switch (this.#state) {
      case UNQUOTED:
      case FIELD_START:
      case RECORD_START:
        return this.#advanceUnquoted(bytes, index, to);
      case QUOTED:
        return this.#advanceQuoted(bytes, index, to);
      case AFTER_ESCAPE:
        this.#countLine(byteAt(bytes, index));
        this.#state = QUOTED;
        return index + 1;
      case AFTER_QUOTE:
        return this.#advanceAfterQuote(bytes, index);
      default:
        return this.#advanceBroken(bytes, index, to);
    }
  }

  #advanceUnquoted(bytes: Uint8Array, from: number, to: number): number {
    const first = byteAt(bytes, from);
    if (this.#state === RECORD_START && (first === LF || first === CR)) {
      this.#countLine(first); // a blank line, or the LF of a CRLF: no record
      return from + 1;
    }
    if (this.#state !== UNQUOTED && first === this.#quote) return this.#openQuote(from);
    const stops = this.#stopsUnquoted;
    const highest = this.#highestStop;
    // Delimiters are passed over: only what stands before a quote says whether it opens a field.
    for (let index = from; index < to; index++) {
      const byte = byteAt(bytes, index);
      if (byte > highest || byteAt(stops, byte) === PLAIN) continue;
      if (index > from) this.#isAfterCr = false;
      if (byte !== this.#quote) {
        this.#endRecord(byte);
        return index + 1;
      }
      if (index > from && byteAt(bytes, index - 1) === this.#delimiter)
        return this.#openQuote(index);
    }
    this.#isAfterCr = false;
    this.#state = byteAt(bytes, to - 1) === this.#delimiter ? FIELD_START : UNQUOTED;
    return to;
  }

  #openQuote(index: number): number {
    this.#state = QUOTED;
    this.#isAfterCr = false;
    return index + 1;
  }

  #advanceQuoted(bytes: Uint8Array, from: number, to: number): number {
    const stops = this.#stopsQuoted;
    const highest = this.#highestStop;
    for (let index = from; index < to; index++) {
      const byte = byteAt(bytes, index);
      if (byte > highest || byteAt(stops, byte) === PLAIN) continue;
      if (index > from) this.#isAfterCr = byteAt(bytes, index - 1) === CR;
      if (byte === LF || byte === CR) {
        this.#countLine(byte);
        continue;
      }
      // Within the window a doubled quote, and the quotes between two quoted fields, change nothing.
      const inside = this.#quotesInside(bytes, index, to);
      if (inside > 0) {
        index += inside;
        continue;
      }
      this.#isAfterCr = false;
      // With escape and quote alike, whether this quote closes is known by the byte behind it.
      this.#state = byte === this.#quote ? AFTER_QUOTE : AFTER_ESCAPE;
      return index + 1;
    }
    this.#isAfterCr = byteAt(bytes, to - 1) === CR;
    return to;
  }

  /** How many bytes behind the quote at `index` are passed when the pass is inside quotes again behind them; else 0. */
  #quotesInside(bytes: Uint8Array, index: number, to: number): number {
    const quote = this.#quote;
    if (this.#escape !== quote || index + 2 >= to) return 0;
    const next = byteAt(bytes, index + 1);
    if (next === quote) return 1;
    return next === this.#delimiter && byteAt(bytes, index + 2) === quote ? 2 : 0;
  }

  #advanceAfterQuote(bytes: Uint8Array, index: number): number {
    const byte = byteAt(bytes, index);
    if (byte === LF || byte === CR) this.#endRecord(byte);
    else if (byte === this.#delimiter) this.#state = FIELD_START;
    else if (byte === this.#quote && this.#escape === this.#quote) this.#state = QUOTED;
    else this.#state = BROKEN;
    return index + 1;
  }

  #advanceBroken(bytes: Uint8Array, from: number, to: number): number {
    let index = from;
    while (index < to && byteAt(bytes, index) !== LF && byteAt(bytes, index) !== CR) index++;
    if (index >= to) return to;
    this.#endRecord(byteAt(bytes, index));
    return index + 1;
  }

  #endRecord(byte: number): void {
    this.#countLine(byte);
    this.#record++;
    this.#state = RECORD_START;
  }

  /** Counts the physical line that `byte` may end; a CRLF counts at its CR. */
  #countLine(byte: number): void {
    if (byte === CR || (byte === LF && !this.#isAfterCr)) this.#line++;
    this.#isAfterCr = byte === CR;
  }
}
