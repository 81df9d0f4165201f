/** A place between the records of a source that moves from one to the next, with the scanner's rules and none beyond. */
import { toFailure, type SluiceError } from "../../core/errors.ts";
import type { ReadingPlan } from "../../core/import-plan.ts";
import type { SourceRecord } from "../../core/record-ports.ts";
import type { RecordPlace } from "../../core/record-ranges.ts";
import type { Rejection } from "../../core/rejection.ts";
import { recordTexts } from "../../csv/field-text.ts";
import { makeScanner } from "../../csv/make-scanner.ts";
import { makeTranscoder } from "../../csv/make-transcoder.ts";
import type { PlacedRecord } from "../../csv/make-rejection.ts";
import { endsReading, readingFailure } from "../../csv/reading-failure.ts";
import { SCAN_OUTCOMES, type Scanner, type ScanOutcome } from "../../csv/scanned-record.ts";
import { ForwardWindow } from "./forward-window.ts";
import type { SourceOpening } from "./source-opening.ts";

/** Spans that are kept. A record of more fields has `fields: null` rather than some of them. */
const MAX_FIELDS = 256 * 1024;

/** The cursor of one pass. One call at a time. */
export class RecordCursor {
  readonly #plan: ReadingPlan;
  readonly #window: ForwardWindow;
  readonly #scanner: Scanner;
  #record = 1;
  #line = 1;
  #outcome: ScanOutcome = SCAN_OUTCOMES.end;

  constructor(plan: ReadingPlan, opening: SourceOpening, readBytes: number) {
    this.#plan = plan;
    const { dialect, encoding, reading, width } = plan;
    const { maxFieldBytes, maxRecordBytes } = reading;
    const transcoder = makeTranscoder({ encoding, replacesNul: reading.nul === "replace" });
    this.#window = new ForwardWindow(opening, { readBytes, transcoder });
    this.#scanner = makeScanner(
      { dialect, maxFieldBytes, maxRecordBytes, maxFields: MAX_FIELDS },
      { reading, width },
    );
  }

  /** Where the cursor stands. */
  get place(): RecordPlace {
    return { byte: this.#window.byte, record: this.#record, line: this.#line };
  }

  /** Offset of the place, without an object for it. */
  get byte(): number {
    return this.#window.byte;
  }

  /** Where the record that `scan` found ends with its line end. */
  get nextByte(): number {
    return this.#window.origin.offsetOf(this.#scanner.found.next);
  }

  async moveTo(place: RecordPlace): Promise<void> {
    await this.#window.seek(place.byte);
    this.#record = place.record;
    this.#line = place.line;
  }

  /** Looks at the record at the place. `more`: call `readMore` first, then again. */
  scan(): ScanOutcome {
    const { bytes, used, length, isFinal } = this.#window;
    this.#outcome = this.#scanner.scan(bytes, used, length, isFinal);
    return this.#outcome;
  }

  readMore(): Promise<void> {
    return this.#window.fill();
  }

  /** Whether what was found has a number: blank lines and comments have none. */
  get isRecord(): boolean {
    return this.#outcome === SCAN_OUTCOMES.record || this.#outcome === SCAN_OUTCOMES.broken;
  }

  /** Whether no record can be told from another from here on. */
  get isFailure(): boolean {
    return endsReading(this.#outcome, this.#plan.reading.brokenQuotes);
  }

  /** The record that was found; `rejection` is what is known of it. */
  read(rejection: Rejection | null): SourceRecord {
    const { found } = this.#scanner;
    const isWhole =
      this.#outcome === SCAN_OUTCOMES.record && found.fieldCount <= found.fieldStart.length;
    const fields = isWhole
      ? recordTexts(this.#window.bytes, found, this.#plan.dialect.escape)
      : null;
    // Spelled out: spreading the place costs as much as reading the record.
    return {
      byte: this.#window.byte,
      record: this.#record,
      line: this.#line,
      byteLength: this.#window.origin.offsetOf(found.end) - this.#window.byte,
      fields,
      failure: null,
      rejection,
    };
  }

  /** What was found, with its place. Valid until the next scan. */
  get placed(): PlacedRecord {
    const { bytes, origin } = this.#window;
    return { bytes, found: this.#scanner.found, origin: this.place, text: origin };
  }

  /** Why no record can be told from another from here on. */
  get failure(): SluiceError {
    const record = { ...this.placed, outcome: this.#outcome };
    return readingFailure(record, this.#plan.reading.maxRecordBytes);
  }

  /** What is left up to `endByte`, where reading fails. */
  readRest(endByte: number): SourceRecord {
    const { place } = this;
    const failure = toFailure(this.failure);
    const byteLength = endByte - place.byte;
    return { ...place, byteLength, fields: null, failure, rejection: null };
  }

  /** Moves behind what was found. */
  pass(): void {
    const { found } = this.#scanner;
    if (this.isRecord) this.#record++;
    this.#line += found.lineBreaks;
    this.#window.advance(found.next - found.start);
  }

  /** Frees the handle. May be called twice. */
  close(): Promise<void> {
    return this.#window.close();
  }
}
