/** The errors that end the reading of a file, told by the line where a person has to look. */
import { SluiceError } from "../core/errors.ts";
import type { RecordStart } from "./boundary-finder.ts";
import { SCAN_OUTCOMES, type ScannedRecord, type ScanOutcome } from "./scanned-record.ts";
import type { TextOrigin } from "./source-window.ts";

/** A record that cannot be read, with its place in the file. */
export interface FailedRecord {
  readonly outcome: ScanOutcome;
  readonly found: ScannedRecord;
  /** Its byte is an offset of the source. */
  readonly origin: RecordStart;
  /** The window that the record was found in. */
  readonly text: TextOrigin;
}

/** Whether reading ends at a record of this outcome. `brokenQuotes` as in the reading options. */
export function endsReading(outcome: ScanOutcome, brokenQuotes: "reject" | "fail"): boolean {
  if (outcome === SCAN_OUTCOMES.broken) return brokenQuotes === "fail";
  return outcome === SCAN_OUTCOMES.unclosed || outcome === SCAN_OUTCOMES.tooLarge;
}

/**
 * The failure for a record that is never closed (`unclosed_quote`), too large (`record_too_large`), or broken
 * (`text_after_quote`) where that is not to be rejected.
 */
export function readingFailure(record: FailedRecord, maxRecordBytes: number): SluiceError {
  const { outcome, found, origin, text } = record;
  const hasQuote = found.quoteAt >= 0;
  const quoteLine = origin.line + found.quoteLine;
  const quoteByte = hasQuote ? text.offsetOf(found.quoteAt) : -1;
  const quote = hasQuote ? { quoteLine, quoteByte } : {};
  const details = { record: origin.record, line: origin.line, byte: origin.byte, ...quote };
  if (outcome === SCAN_OUTCOMES.broken)
    return new SluiceError(
      "text_after_quote",
      `Text follows the closing quote of field ${found.fieldCount} in the record that starts on line ${origin.line} (byte ${origin.byte}).`,
      { details: { ...details, field: found.fieldCount } },
    );
  if (outcome === SCAN_OUTCOMES.unclosed)
    return new SluiceError(
      "unclosed_quote",
      `The quote that opens on line ${quoteLine} (byte ${quoteByte}) is never closed. Its record starts on line ${origin.line}.`,
      { details },
    );
  const where = hasQuote
    ? ` A quote that opens on line ${quoteLine} (byte ${quoteByte}) is still open there.`
    : "";
  return new SluiceError(
    "record_too_large",
    `The record that starts on line ${origin.line} is longer than ${maxRecordBytes} bytes.${where}`,
    { details },
  );
}
