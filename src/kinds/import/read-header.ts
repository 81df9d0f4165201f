/** Reads the header of a file, or in its absence counts the columns of the first record. */
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { RecordStart } from "../../csv/boundary-finder.ts";
import { byteAt } from "../../csv/bytes.ts";
import type { FoundDialect } from "../../csv/dialect.ts";
import { recordTexts } from "../../csv/field-text.ts";
import { walkSample, type SampleRecord } from "../../csv/sample-records.ts";
import { SCAN_OUTCOMES } from "../../csv/scanned-record.ts";
import type { FileSample } from "../../csv/text-encoding.ts";
import { findInvalidUtf8 } from "../../csv/utf8.ts";
import { readingFailure } from "./reading-failure.ts";

/** PostgreSQL's 1,600 less the record number. */
const MAX_COLUMNS = 1599;

/** The header of a file. */
export interface Header {
  /** Header texts; `column_1`, … for a file without header. */
  readonly texts: readonly string[];
  /** Where the first data record, or a blank line before it, starts. */
  readonly start: RecordStart;
}

/**
 * Reads the header, which is the first record. Without one (`hasHeader` false) the first record that can be read sets the
 * width and is data. Errors: `empty_file`, `too_many_columns`, `encoding_required`, `unsupported_format` for text after
 * a closing quote, `unclosed_quote`, `record_too_large`.
 */
export function readHeader(
  sample: FileSample,
  { dialect, start }: FoundDialect,
  options: { readonly hasHeader: boolean; readonly limits: ImportPlan["limits"] },
): Header {
  const { limits, hasHeader } = options;
  const walk = { dialect, start, limits, maxFields: MAX_COLUMNS + 1 };
  for (const each of walkSample(sample, walk)) {
    const { outcome, found, origin } = each;
    if (outcome === SCAN_OUTCOMES.unclosed || outcome === SCAN_OUTCOMES.tooLarge)
      throw readingFailure(outcome, found, origin, limits);
    if (!hasHeader && outcome !== SCAN_OUTCOMES.record) continue;
    if (found.fieldCount > MAX_COLUMNS) throw tooManyColumns(found.fieldCount);
    if (!hasHeader)
      return {
        texts: Array.from({ length: found.fieldCount }, (_, at) => `column_${at + 1}`),
        start,
      };
    checkHeader(sample.bytes, each);
    return {
      texts: recordTexts(sample.bytes, found, dialect.escape),
      start: { byte: found.next, record: 1, line: origin.line + found.lineBreaks },
    };
  }
  throw missingHeader(sample, start, hasHeader);
}

function checkHeader(bytes: Uint8Array, { outcome, found, origin }: SampleRecord): void {
  if (outcome === SCAN_OUTCOMES.broken)
    throw new SluiceError(
      "unsupported_format",
      `Expected a header on line ${origin.line}, but text follows the closing quote of its field ${found.fieldCount}.`,
      { details: { line: origin.line, field: found.fieldCount } },
    );
  if (found.largeField >= 0)
    throw new SluiceError(
      "record_too_large",
      `Field ${found.largeField + 1} of the header on line ${origin.line} is too long for a header.`,
      { details: { line: origin.line, byte: origin.byte } },
    );
  const invalid = found.hasHighBytes ? findInvalidUtf8(bytes, found.start, found.end) : -1;
  if (invalid < 0) return;
  const byte = byteAt(bytes, invalid).toString(16).toUpperCase();
  throw new SluiceError(
    "encoding_required",
    `Expected a header in UTF-8, but byte ${byte} at offset ${invalid} is not. Save the file as UTF-8.`,
    { details: { byte: invalid, proposal: "windows-1252" } },
  );
}

function missingHeader(sample: FileSample, start: RecordStart, hasHeader: boolean): SluiceError {
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
