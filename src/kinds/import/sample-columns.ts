/** Looks at the values of a sample: what type each column could have, and what a declared type would lose. */
import type { ImportPlan, TypeOffer } from "../../core/import-plan.ts";
import { fieldText, recordTexts } from "../../csv/field-text.ts";
import { dateReason, type DateFinding } from "../../csv/infer-date.ts";
import { OfferInference } from "../../csv/infer-offers.ts";
import { TypeInference, type InferredType } from "../../csv/infer-type.ts";
import type { Respelling } from "../../csv/number-spelling.ts";
import { walkSample } from "../../csv/sample-records.ts";
import { FIELD_UNQUOTED, SCAN_OUTCOMES, type ScannedRecord } from "../../csv/scanned-record.ts";
import type { FileSample } from "../../csv/text-encoding.ts";
import { findInvalidUtf8 } from "../../csv/utf8.ts";

/** Records from the start of a file that its types are told from. */
export const MAX_SAMPLED_RECORDS = 10_000;
/** A longer value is text whatever follows, and is not decoded to its end. */
const MAX_LOOKED_AT_BYTES = 256;
/** JSON is looked at up to here. */
const MAX_JSON_BYTES = 64 * 1024;
/**
 * What a spreadsheet runs as a formula: these first characters, also full-width and after spaces. A plain number is
 * none, whatever its sign.
 */
const FORMULA = /^(?:\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])/;
const SIGNED_NUMBER = /^[+-]?[\d.,\s]*\d[\d.,]*%?(?:[eE][+-]?\d+)?$/;

/** What a plan needs to read records of its sample. */
export interface SampleRules extends Pick<ImportPlan, "dialect" | "width" | "reading"> {
  /** Where the first data record starts; its byte is an index of the text. */
  readonly start: { readonly byte: number; readonly line: number };
}

/** What the values of one column look like. */
export interface SampledColumn extends InferredType {
  /** The first value with a leading zero, which a number would lose. */
  readonly leadingZero: string | null;
  /** The first value that a spreadsheet would run as a formula. */
  readonly formula: string | null;
  /** What its values say about dates that are not ISO 8601. */
  readonly dates: DateFinding | null;
  /** Types that a person may choose instead. */
  readonly offers: readonly TypeOffer[];
}

/** What a sample says. */
export interface SampledColumns {
  readonly columns: readonly SampledColumn[];
  /** How many records were looked at. */
  readonly recordCount: number;
}

/** Collects the records of a sample, from several places of the file. */
export class ColumnSampler {
  readonly #columns: readonly ColumnFacts[];
  readonly #escape: number;
  #recordCount = 0;
  #text: Uint8Array | null = null;
  #view: Buffer = Buffer.alloc(0);

  /** `respelling` reads numbers as they are declared to be written. */
  constructor(rules: Pick<SampleRules, "dialect" | "width">, respelling: Respelling | null) {
    this.#escape = rules.dialect.escape;
    this.#columns = Array.from(
      { length: rules.width },
      (_, field) => new ColumnFacts(field, respelling),
    );
  }

  /** Takes up to 10,000 records of the sample; those that would be rejected as a whole are left out. */
  add(sample: FileSample, rules: SampleRules): void {
    let taken = 0;
    for (const found of soundRecords(sample, rules)) {
      if (taken++ === MAX_SAMPLED_RECORDS) return;
      this.addRecord(sample.bytes, found);
    }
  }

  /** Takes one record that has all its fields. */
  addRecord(text: Uint8Array, found: ScannedRecord): void {
    this.#recordCount++;
    const bytes = this.#viewOf(text);
    const escape = this.#escape;
    const shown = { escape, maxBytes: MAX_LOOKED_AT_BYTES };
    const whole = (field: number): string =>
      fieldText(bytes, found, field, { escape, maxBytes: MAX_JSON_BYTES });
    for (let field = 0; field < this.#columns.length; field++) {
      const value = fieldText(bytes, found, field, shown);
      this.#columns[field]?.add(value, found.fieldKind[field] !== FIELD_UNQUOTED, whole);
    }
  }

  /** The same bytes; one view serves all records of a sample. */
  #viewOf(text: Uint8Array): Buffer {
    if (this.#text !== text) {
      this.#text = text;
      this.#view = Buffer.from(text.buffer, text.byteOffset, text.length);
    }
    return this.#view;
  }

  result(): SampledColumns {
    return {
      columns: this.#columns.map((column) => column.result()),
      recordCount: this.#recordCount,
    };
  }
}

class ColumnFacts {
  readonly #types: TypeInference;
  readonly #offers = new OfferInference();
  #leadingZero: string | null = null;
  #formula: string | null = null;

  readonly #field: number;

  constructor(field: number, respelling: Respelling | null) {
    this.#field = field;
    this.#types = new TypeInference(respelling);
  }

  /** `whole` reads the value of a field that was not cut. */
  add(value: string, isQuoted: boolean, whole: (field: number) => string): void {
    this.#types.add(value, isQuoted);
    if (value === "") return;
    this.#offers.add(value, () => whole(this.#field));
    if (this.#leadingZero === null && /^[+-]?0\d/.test(value)) this.#leadingZero = value;
    if (this.#formula === null && FORMULA.test(value) && !SIGNED_NUMBER.test(value))
      this.#formula = value;
  }

  result(): SampledColumn {
    const { type, reason } = this.#types.result();
    const isText = type === "text";
    const dates = this.#offers.dates();
    const isDates = isText && dates !== null && dates.formats.length > 0;
    return {
      type,
      reason: isDates ? dateReason(dates) : reason,
      leadingZero: this.#leadingZero,
      formula: isText ? this.#formula : null,
      dates,
      offers: isText ? this.#offers.result() : [],
    };
  }
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
