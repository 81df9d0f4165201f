/** Walks over the records of a sample. For inspection: strings are made where they are asked for. */
import type { Dialect } from "../core/import-plan.ts";
import type { RecordStart } from "./boundary-finder.ts";
import type { RecordEdits } from "./editing-scanner.ts";
import { makeScanner } from "./make-scanner.ts";
import { SCAN_OUTCOMES, type ScannedRecord, type ScanOutcome } from "./scanned-record.ts";
import type { FileSample } from "./text-encoding.ts";

/** Where to begin in a sample and by which rules. */
export interface SampleWalk {
  readonly dialect: Dialect;
  readonly start: RecordStart;
  readonly limits: { readonly maxFieldBytes: number; readonly maxRecordBytes: number };
  /** What is changed in records that are found. */
  readonly edits?: RecordEdits;
  /** How many fields of a record keep their spans. */
  readonly maxFields: number;
}

/** A record of the sample. `found` is valid until the next step. */
export interface SampleRecord {
  readonly outcome: ScanOutcome;
  readonly found: ScannedRecord;
  readonly origin: RecordStart;
}

/**
 * Yields the records that are whole in the sample, blank lines and comments left out, also those that are broken. Places count in the sample. Ends before a
 * record that the end of the sample cuts; a record that would fail the job is yielded with its outcome and ends it.
 */
export function* walkSample(sample: FileSample, walk: SampleWalk): Generator<SampleRecord> {
  const { dialect, limits, maxFields, edits } = walk;
  const { maxFieldBytes, maxRecordBytes } = limits;
  const scanner = makeScanner({ dialect, maxFieldBytes, maxRecordBytes, maxFields }, edits);
  const { found } = scanner;
  const { bytes, isWhole } = sample;
  let { byte, record, line } = walk.start;
  for (;;) {
    const outcome = scanner.scan(bytes, byte, bytes.length, isWhole);
    if (outcome === SCAN_OUTCOMES.more || outcome === SCAN_OUTCOMES.end) return;
    const isRecord = outcome !== SCAN_OUTCOMES.blank && outcome !== SCAN_OUTCOMES.comment;
    if (isRecord) yield { outcome, found, origin: { byte, record, line } };
    if (outcome === SCAN_OUTCOMES.unclosed || outcome === SCAN_OUTCOMES.tooLarge) return;
    if (isRecord) record++;
    byte = found.next;
    line += found.lineBreaks;
  }
}
