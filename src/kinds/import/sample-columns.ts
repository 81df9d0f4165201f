/** Looks at the values of a sample: what type each column could have, and what a declared type would lose. */
import type { ImportPlan } from "../../core/import-plan.ts";
import { fieldText, recordTexts } from "../../csv/field-text.ts";
import { TypeInference, type InferredType } from "../../csv/infer-type.ts";
import { walkSample } from "../../csv/sample-records.ts";
import { FIELD_UNQUOTED, SCAN_OUTCOMES, type ScannedRecord } from "../../csv/scanned-record.ts";
import type { FileSample } from "../../csv/text-encoding.ts";
import { findInvalidUtf8 } from "../../csv/utf8.ts";

const MAX_SAMPLED_RECORDS = 10_000;
/** A longer value is text whatever follows, and is not decoded to its end. */
const MAX_LOOKED_AT_BYTES = 256;

/** What a plan needs to read records of its sample. */
export interface SampleRules extends Pick<ImportPlan, "dialect" | "width" | "reading"> {
  /** Where the first data record starts; its byte is an index of the text. */
  readonly start: { readonly byte: number; readonly line: number };
}

/** What the values of one column look like. */
export interface SampledColumn extends InferredType {
  /** The first value with a leading zero, which a number would lose. */
  readonly leadingZero: string | null;
}

/**
 * Looks at up to 10,000 records that can be read; records that would be rejected as a whole are left out. One entry a
 * field. `recordCount` is how many were looked at.
 */
export function sampleColumns(
  sample: FileSample,
  rules: SampleRules,
): { readonly columns: readonly SampledColumn[]; readonly recordCount: number } {
  const inferences = Array.from({ length: rules.width }, () => new TypeInference());
  const leadingZeros = inferences.map((): string | null => null);
  let recordCount = 0;
  for (const found of soundRecords(sample, rules)) {
    if (recordCount++ === MAX_SAMPLED_RECORDS) break;
    for (const [field, inference] of inferences.entries()) {
      const value = fieldText(sample.bytes, found, field, {
        escape: rules.dialect.escape,
        maxBytes: MAX_LOOKED_AT_BYTES,
      });
      inference.add(value, found.fieldKind[field] !== FIELD_UNQUOTED);
      if (/^[+-]?0\d/.test(value)) leadingZeros[field] ??= value;
    }
  }
  const columns = inferences.map((inference, field) => ({
    ...inference.result(),
    leadingZero: leadingZeros[field] ?? null,
  }));
  return { columns, recordCount: Math.min(recordCount, MAX_SAMPLED_RECORDS) };
}

/** The first records that can be read, at most `limit`, each as an array of `width` strings. */
export function sampleRecords(
  sample: FileSample,
  rules: SampleRules,
  limit: number,
): readonly (readonly string[])[] {
  const records: string[][] = [];
  for (const found of soundRecords(sample, rules)) {
    if (records.length >= limit) break;
    records.push(recordTexts(sample.bytes, found, rules.dialect.escape));
  }
  return records;
}

function* soundRecords(sample: FileSample, rules: SampleRules): Generator<ScannedRecord> {
  const { dialect, reading, width } = rules;
  const start = { ...rules.start, record: 1 };
  const edits = { reading, width };
  const walk = { dialect, start, limits: reading, maxFields: width + 1, edits };
  for (const { outcome, found } of walkSample(sample, walk)) {
    if (outcome !== SCAN_OUTCOMES.record || found.fieldCount !== width) continue;
    const isInvalid =
      found.hasHighBytes && findInvalidUtf8(sample.bytes, found.start, found.end) >= 0;
    if (!isInvalid && found.largeField < 0) yield found;
  }
}
