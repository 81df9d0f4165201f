/** Walks over the records of a sample. For inspection: strings are made where they are asked for. */
import type { Dialect } from "../core/import-plan.ts";
import type { RecordStart } from "./boundary-finder.ts";
import { RecordScanner } from "./record-scanner.ts";
import { SCAN_OUTCOMES, type ScannedRecord, type ScanOutcome } from "./scanned-record.ts";
import type { FileSample } from "./text-encoding.ts";

/** Where to begin in a sample and by which rules. */
export interface SampleWalk {
  readonly dialect: Dialect;
  readonly start: RecordStart;
  readonly limits: { readonly maxFieldBytes: number; readonly maxRecordBytes: number };
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
 * Yields the records that are whole in the sample, blank lines left out, also those that are broken. Ends before a
 * record that the end of the sample cuts; a record that would fail the job is yielded with its outcome and ends it.
 */
export function* walkSample(sample: FileSample, walk: SampleWalk): Generator<SampleRecord> {
  const scanner = new RecordScanner({ ...walk.limits, ...walk });
  const { found } = scanner;
  const { bytes, isWhole } = sample;
  let { byte, record, line } = walk.start;
  for (;;) {
    const outcome = scanner.scan(bytes, byte, bytes.length, isWhole);
    if (outcome === SCAN_OUTCOMES.more || outcome === SCAN_OUTCOMES.end) return;
    if (outcome !== SCAN_OUTCOMES.blank) yield { outcome, found, origin: { byte, record, line } };
    if (outcome === SCAN_OUTCOMES.unclosed || outcome === SCAN_OUTCOMES.tooLarge) return;
    if (outcome !== SCAN_OUTCOMES.blank) record++;
    byte = found.next;
    line += found.lineBreaks;
  }
}
