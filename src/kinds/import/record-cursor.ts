/** A place between the records of a source that moves from one to the next, with the scanner's rules and none beyond. */
import { toFailure } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { SourceRecord } from "../../core/ports.ts";
import type { RecordPlace } from "../../core/record-ranges.ts";
import type { Rejection } from "../../core/rejection.ts";
import { recordTexts } from "../../csv/field-text.ts";
import { RecordScanner } from "../../csv/record-scanner.ts";
import { SCAN_OUTCOMES, type ScanOutcome } from "../../csv/scanned-record.ts";
import { ForwardWindow } from "./forward-window.ts";
import { readingFailure } from "./reading-failure.ts";
import type { SourceOpening } from "./source-opening.ts";

/** Spans that are kept. A record of more fields has `fields: null` rather than some of them. */
const MAX_FIELDS = 256 * 1024;

/** The cursor of one pass. One call at a time. */
export class RecordCursor {
  readonly #plan: ImportPlan;
  readonly #window: ForwardWindow;
  readonly #scanner: RecordScanner;
  #record = 1;
  #line = 1;
  #outcome: ScanOutcome = SCAN_OUTCOMES.end;

  constructor(plan: ImportPlan, opening: SourceOpening, readBytes: number) {
    this.#plan = plan;
    this.#window = new ForwardWindow(opening, readBytes);
    this.#scanner = new RecordScanner({
      dialect: plan.dialect,
      ...plan.limits,
      maxFields: MAX_FIELDS,
    });
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
    const { found } = this.#scanner;
    return this.#window.byte + (found.next - found.start);
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

  /** Whether what was found has a number: blank lines have none. */
  get isRecord(): boolean {
    return this.#outcome === SCAN_OUTCOMES.record || this.#outcome === SCAN_OUTCOMES.broken;
  }

  /** Whether no record can be told from another from here on. */
  get isFailure(): boolean {
    return this.#outcome === SCAN_OUTCOMES.unclosed || this.#outcome === SCAN_OUTCOMES.tooLarge;
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
      byteLength: found.end - found.start,
      fields,
      failure: null,
      rejection,
    };
  }

  /** What is left up to `endByte`, where reading fails. */
  readRest(endByte: number): SourceRecord {
    const { found } = this.#scanner;
    const { place } = this;
    const failure = toFailure(readingFailure(this.#outcome, found, place, this.#plan.limits));
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
