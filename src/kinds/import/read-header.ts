/** Reads the header of a file, or in its absence counts the columns of the first record. */
import { SluiceError } from "../../core/errors.ts";
import type { DecidedReading } from "../../core/reading-options.ts";
import type { RecordStart } from "../../csv/boundary-finder.ts";
import { recordTexts } from "../../csv/field-text.ts";
import type { FoundText, TextSample } from "../../csv/find-text.ts";
import { endsReading, readingFailure } from "../../csv/reading-failure.ts";
import { walkSample, type SampleRecord } from "../../csv/sample-records.ts";
import { SCAN_OUTCOMES } from "../../csv/scanned-record.ts";
import { findInvalidUtf8 } from "../../csv/utf8.ts";

/** PostgreSQL's 1,600 less the record number. */
const MAX_COLUMNS = 1599;

/** The header of a file. */
export interface Header {
  /** Header texts; `column_1`, … for a file without header. */
  readonly texts: readonly string[];
  /** Where the first data record, or a blank line before it, starts; its byte is an index of the text. */
  readonly start: RecordStart;
}

/**
 * Reads the header, which is the first record. Without one (`header` false) the first record that can be read sets the
 * width and is data. Errors: `empty_file`, `too_many_columns`, `encoding_required`, `text_after_quote`,
 * `unclosed_quote`, `record_too_large`.
 */
export function readHeader(file: FoundText, reading: DecidedReading): Header {
  const { dialect, start, text } = file;
  const walk = { dialect, start, limits: reading, maxFields: MAX_COLUMNS + 1 };
  for (const each of walkSample(text, walk)) {
    const { outcome, found, origin } = each;
    if (endsReading(outcome, reading.header ? "fail" : reading.brokenQuotes))
      throw failureAt(file, each, reading);
    if (!reading.header && outcome !== SCAN_OUTCOMES.record) continue;
    if (found.fieldCount > MAX_COLUMNS) throw tooManyColumns(found.fieldCount);
    if (!reading.header)
      return {
        texts: Array.from({ length: found.fieldCount }, (_, at) => `column_${at + 1}`),
        start,
      };
    checkHeader(file, each);
    return {
      texts: recordTexts(text.bytes, found, dialect.escape),
      start: { byte: found.next, record: 1, line: origin.line + found.lineBreaks },
    };
  }
  throw missingHeader(text, start, reading.header);
}

function failureAt(
  { text }: FoundText,
  { outcome, found, origin }: SampleRecord,
  { maxRecordBytes }: DecidedReading,
): SluiceError {
  const byte = text.origin.offsetOf(found.start);
  const record = { outcome, found, origin: { ...origin, byte }, text: text.origin };
  return readingFailure(record, maxRecordBytes);
}

function checkHeader({ text, encoding }: FoundText, { found, origin }: SampleRecord): void {
  if (found.largeField >= 0)
    throw new SluiceError(
      "record_too_large",
      `Field ${found.largeField + 1} of the header on line ${origin.line} is too long for a header.`,
      { details: { line: origin.line, byte: text.origin.offsetOf(found.start) } },
    );
  const invalid = found.hasHighBytes ? findInvalidUtf8(text.bytes, found.start, found.end) : -1;
  if (invalid < 0) return;
  const at = text.origin.offsetOf(invalid);
  const byte = text.origin.sourceByteAt(invalid).toString(16).toUpperCase().padStart(2, "0");
  const name = encoding === "utf-8" ? "UTF-8" : encoding;
  throw new SluiceError(
    "encoding_required",
    `Expected a header in ${name}, but byte ${byte} at offset ${at} (line ${origin.line}) is not. Declare the encoding that the file has.`,
    { details: { byte: at, line: origin.line, proposal: "windows-1252" } },
  );
}

function missingHeader(sample: TextSample, start: RecordStart, hasHeader: boolean): SluiceError {
  const what = hasHeader ? "a header line" : "a record";
  if (sample.isWhole)
    return new SluiceError("empty_file", `Expected ${what}, but the file has none.`);
  return new SluiceError(
    "record_too_large",
    `Expected ${what} within the first ${sample.bytes.length} bytes, but the record from line ${start.line} does not end there.`,
    { details: { line: start.line, byte: start.byte } },
  );
}

function tooManyColumns(count: number): SluiceError {
  return new SluiceError(
    "too_many_columns",
    `Expected at most ${MAX_COLUMNS.toLocaleString("en-US")} columns, got ${count.toLocaleString("en-US")}.`,
    { details: { columns: count } },
  );
}
