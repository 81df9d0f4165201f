/** Chooses the scanner of a dialect. */
import { EditingScanner, hasEffect, type RecordEdits } from "./editing-scanner.ts";
import { GeneralScanner } from "./general-scanner.ts";
import { RecordScanner } from "./record-scanner.ts";
import type { Scanner, ScannerOptions } from "./scanned-record.ts";

/** Spans that are kept where fields too many may be left out: of more than these none is. */
const FIELDS_TO_TRIM = 16_384;

/**
 * The fast scanner for the dialects it knows, which are nearly all, and the general one for the others. With `edits`
 * that have an effect, its records are edited.
 */
export function makeScanner(options: ScannerOptions, edits?: RecordEdits): Scanner {
  if (edits === undefined || !hasEffect(edits)) return makePlain(options);
  const trimsFields = edits.reading.longRecords === "trimEmpty";
  const maxFields = trimsFields ? Math.max(options.maxFields, FIELDS_TO_TRIM) : options.maxFields;
  return new EditingScanner(makePlain({ ...options, maxFields }), edits);
}

function makePlain(options: ScannerOptions): Scanner {
  const { delimiterRest, comment, trim } = options.dialect;
  const isPlain = delimiterRest === undefined && comment === undefined && trim === undefined;
  return isPlain ? new RecordScanner(options) : new GeneralScanner(options);
}
