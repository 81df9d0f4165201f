/** What a scan of one record answers, as the code that uses the fields sees it. */
import type { Dialect } from "../core/import-plan.ts";

/** What a scan found. */
export const SCAN_OUTCOMES = {
  /** The window ends inside the record: scan again from the same place with a longer one. */
  more: 0,
  record: 1,
  /** Nothing between two line ends. */
  blank: 2,
  /** Text after a closing quote; the record ends at the next line break. */
  broken: 3,
  /** No bytes are left. */
  end: 4,
  /** The source ends inside quotes that opened at `quoteAt`. */
  unclosed: 5,
  /** The record is longer than `maxRecordBytes`. */
  tooLarge: 6,
  /** A line that begins with the comment character. */
  comment: 7,
} as const;
export type ScanOutcome = (typeof SCAN_OUTCOMES)[keyof typeof SCAN_OUTCOMES];

/** How a field was written. */
export const FIELD_UNQUOTED = 0;
export const FIELD_QUOTED = 1;
/** Quoted, with escapes inside that have to be taken out. */
export const FIELD_ESCAPED = 2;

/** What the last scan found. Indexes are positions in the window; values are valid until the next scan. */
export interface ScannedRecord {
  /** Fields of the record. Spans are kept for the first `maxFields` of them. */
  readonly fieldCount: number;
  /** Span of each field's content, without its quotes. */
  readonly fieldStart: Int32Array;
  readonly fieldEnd: Int32Array;
  /** `FIELD_UNQUOTED`, `FIELD_QUOTED` or `FIELD_ESCAPED`. */
  readonly fieldKind: Uint8Array;
  readonly start: number;
  /** End of the record without its line end. */
  readonly end: number;
  /** Where the next record starts. */
  readonly next: number;
  /** Physical line ends in the record, its own included; LF, CR and CRLF count one each. */
  readonly lineBreaks: number;
  /** Whether any byte is above 7F: only then can the encoding be wrong. */
  readonly hasHighBytes: boolean;
  /** Whether an unquoted field has a quote inside, which is data. For `record`. */
  readonly hasBareQuote: boolean;
  /** The first field that is longer than `maxFieldBytes`, or -1. */
  readonly largeField: number;
  /** Where the quote opened that is still open; -1 when none is. For `unclosed` and `tooLarge`. */
  readonly quoteAt: number;
  /** Line ends between the start of the record and `quoteAt`. */
  readonly quoteLine: number;
}

/** Finds records, one at a time. What it finds depends on the bytes alone, not on how they were cut into windows. */
export interface Scanner {
  /** What the last call of `scan` found; the same object every time. */
  readonly found: ScannedRecord;
  /**
   * Looks for the record that starts at `from` in the window that ends before `to`. `isFinal` says that the source
   * ends at `to`. The caller must not change the window while it uses `found`.
   */
  scan(bytes: Uint8Array, from: number, to: number, isFinal: boolean): ScanOutcome;
}

/** What a scanner is made for. */
export interface ScannerOptions {
  readonly dialect: Dialect;
  /** Bytes of text that one field may have between its delimiters or quotes. */
  readonly maxFieldBytes: number;
  /** Bytes of text that one record may have, its line end not counted. */
  readonly maxRecordBytes: number;
  /** How many fields of a record keep their spans; more are counted and not kept. */
  readonly maxFields: number;
}
