/** The errors that end the reading of a file, told by the line where a person has to look. */
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { RecordStart } from "../../csv/boundary-finder.ts";
import { SCAN_OUTCOMES, type ScannedRecord, type ScanOutcome } from "../../csv/scanned-record.ts";

/**
 * The failure for a record that is never closed (`unclosed_quote`) or too large (`record_too_large`). `origin` is where
 * the record starts.
 */
export function readingFailure(
  outcome: ScanOutcome,
  found: ScannedRecord,
  origin: RecordStart,
  limits: ImportPlan["limits"],
): SluiceError {
  const hasQuote = found.quoteAt >= 0;
  const quoteLine = origin.line + found.quoteLine;
  const quoteByte = origin.byte + (found.quoteAt - found.start);
  const quote = hasQuote ? { quoteLine, quoteByte } : {};
  const details = { record: origin.record, line: origin.line, byte: origin.byte, ...quote };
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
    `The record that starts on line ${origin.line} is longer than ${limits.maxRecordBytes} bytes.${where}`,
    { details },
  );
}
