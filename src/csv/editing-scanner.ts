/**
 * What reading options change in a record once it is found: values that mean null, fields too few or too many, blank
 * lines that are records. Only spans are changed, never bytes, so that checks and encoders know nothing of it.
 */
import type { DecidedReading } from "../core/reading-options.ts";
import { byteAt, offsetAt } from "./bytes.ts";
import {
  FIELD_UNQUOTED,
  SCAN_OUTCOMES,
  type ScannedRecord,
  type Scanner,
  type ScanOutcome,
} from "./scanned-record.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What records are edited by. */
export interface RecordEdits {
  readonly reading: Pick<
    DecidedReading,
    "nullValues" | "blankLines" | "shortRecords" | "longRecords"
  >;
  /** Fields that every record must have. */
  readonly width: number;
}

/** Whether the edits ever change a record. */
export function hasEffect({ reading, width }: RecordEdits): boolean {
  const { nullValues, blankLines, shortRecords, longRecords } = reading;
  const makesRecords = blankLines === "null" && width === 1;
  return (
    makesRecords || nullValues.length > 0 || shortRecords === "pad" || longRecords === "trimEmpty"
  );
}

/** A scanner whose records are edited. Its inner scanner keeps the spans of at least `width` fields. */
export class EditingScanner implements Scanner {
  readonly found: Writable<ScannedRecord>;
  readonly #scanner: Scanner;
  readonly #edits: RecordEdits;
  readonly #nullValues: readonly Uint8Array[];

  constructor(scanner: Scanner, edits: RecordEdits) {
    this.found = scanner.found; // the scanner writes to it, and so may this one between two scans
    this.#scanner = scanner;
    this.#edits = edits;
    this.#nullValues = edits.reading.nullValues.map((value) => new TextEncoder().encode(value));
  }

  scan(bytes: Uint8Array, from: number, to: number, isFinal: boolean): ScanOutcome {
    const { reading, width } = this.#edits;
    const { found } = this;
    const outcome = this.#scanner.scan(bytes, from, to, isFinal);
    if (outcome === SCAN_OUTCOMES.blank && reading.blankLines === "null" && width === 1) {
      this.#setEmpty(0);
      found.fieldCount = 1;
      return SCAN_OUTCOMES.record;
    }
    if (outcome !== SCAN_OUTCOMES.record) return outcome;
    if (reading.shortRecords === "pad")
      while (found.fieldCount < width) this.#setEmpty(found.fieldCount++);
    if (reading.longRecords === "trimEmpty" && this.#hasEmptyRest()) found.fieldCount = width;
    this.#clearNullValues(bytes);
    return outcome;
  }

  #setEmpty(field: number): void {
    const { found } = this;
    found.fieldStart[field] = found.end;
    found.fieldEnd[field] = found.end;
    found.fieldKind[field] = FIELD_UNQUOTED;
  }

  #hasEmptyRest(): boolean {
    const { fieldCount, fieldStart, fieldEnd, fieldKind } = this.found;
    if (fieldCount <= this.#edits.width || fieldCount > fieldStart.length) return false;
    for (let field = this.#edits.width; field < fieldCount; field++)
      if (fieldStart[field] !== fieldEnd[field] || fieldKind[field] !== FIELD_UNQUOTED)
        return false;
    return true;
  }

  #clearNullValues(bytes: Uint8Array): void {
    if (this.#nullValues.length === 0) return;
    const { fieldCount, fieldStart, fieldEnd, fieldKind } = this.found;
    for (let field = 0; field < Math.min(fieldCount, fieldStart.length); field++) {
      if (fieldKind[field] !== FIELD_UNQUOTED) continue;
      const start = offsetAt(fieldStart, field);
      const length = offsetAt(fieldEnd, field) - start;
      const isNull = this.#nullValues.some(
        (value) =>
          value.length === length && value.every((byte, at) => byteAt(bytes, start + at) === byte),
      );
      if (isNull) fieldEnd[field] = start;
    }
  }
}
