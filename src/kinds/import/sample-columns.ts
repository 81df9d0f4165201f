/** Looks at the values of a sample: what type each column could have, and what a declared type would lose. */
import type { ImportPlan } from "../../core/import-plan.ts";
import { byteAt } from "../../csv/bytes.ts";
import { fieldText, recordTexts } from "../../csv/field-text.ts";
import type { Respelling } from "../../csv/number-spelling.ts";
import { walkSample, type SampleRecord } from "../../csv/sample-records.ts";
import { FIELD_UNQUOTED, SCAN_OUTCOMES, type ScannedRecord } from "../../csv/scanned-record.ts";
import type { FileSample } from "../../csv/text-encoding.ts";
import { findInvalidUtf8 } from "../../csv/utf8.ts";
import {
  makeColumnFacts,
  type ColumnFacts,
  type GivenType,
  type SampledColumn,
} from "./column-facts.ts";

/** Records from the start of a file that its types are told from. */
export const MAX_SAMPLED_RECORDS = 10_000;
/** And where every type is given, for what a type would lose. */
const MAX_RECORDS_OF_GIVEN_TYPES = 2_000;
/** A longer value is text whatever follows, and is not decoded to its end. */
const MAX_LOOKED_AT_BYTES = 256;
/** JSON is looked at up to here. */
const MAX_JSON_BYTES = 64 * 1024;
/** What a plan needs to read records of its sample. */
export interface SampleRules extends Pick<ImportPlan, "dialect" | "width" | "reading"> {
  /** Where the first data record starts; its byte is an index of the text. */
  readonly start: { readonly byte: number; readonly line: number };
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
  readonly #mostRecords: number;
  #recordCount = 0;
  #text: Uint8Array | null = null;
  #view: Buffer = Buffer.alloc(0);

  /** `given` is what is known of each field. `respelling` reads numbers as they are declared to be written. */
  constructor(
    rules: Pick<SampleRules, "dialect">,
    given: readonly GivenType[],
    respelling: Respelling | null,
  ) {
    this.#escape = rules.dialect.escape;
    this.#mostRecords = given.includes(null) ? MAX_SAMPLED_RECORDS : MAX_RECORDS_OF_GIVEN_TYPES;
    this.#columns = given.map((type) => makeColumnFacts(type, respelling));
  }

  /**
   * Takes up to 10,000 records of the sample, or 2,000 where every type is given; those that would be rejected as a whole
   * are left out.
   */
  add(sample: FileSample, rules: SampleRules): void {
    let taken = 0;
    for (const { found } of soundRecords(sample, rules)) {
      if (taken++ === this.#mostRecords) return;
      this.addRecord(sample.bytes, found);
    }
  }

  /** Takes one record that has all its fields. */
  addRecord(text: Uint8Array, found: ScannedRecord): void {
    this.#recordCount++;
    const bytes = this.#viewOf(text);
    for (let field = 0; field < this.#columns.length; field++) {
      const column = this.#columns[field] as ColumnFacts;
      const start = found.fieldStart[field] ?? 0;
      const isEmpty = found.fieldEnd[field] === start;
      if (!isEmpty && !column.isNews(byteAt(bytes, start))) column.pass();
      else this.#look(column, bytes, found, field);
    }
  }

  #look(column: ColumnFacts, bytes: Buffer, found: ScannedRecord, field: number): void {
    const textOf = (maxBytes: number): string =>
      fieldText(bytes, found, field, { escape: this.#escape, maxBytes });
    const isQuoted = found.fieldKind[field] !== FIELD_UNQUOTED;
    column.add(textOf(MAX_LOOKED_AT_BYTES), isQuoted, () => textOf(MAX_JSON_BYTES));
  }

  /** The same bytes; one view serves all records of a sample. */
  #viewOf(text: Uint8Array): Buffer {
    if (this.#text !== text) {
      this.#text = text;
      this.#view = Buffer.from(text.buffer, text.byteOffset, text.length);
    }
    return this.#view;
  }

  /** What the records say. `isWhole`: they are all that there are. */
  result(isWhole: boolean): SampledColumns {
    return {
      columns: this.#columns.map((column) => column.result(isWhole)),
      recordCount: this.#recordCount,
    };
  }
}

/** A record of the sample, and the line of the file that it begins in. */
export interface SampledRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/** The first records that can be read, at most `limit`, each with `width` fields. */
export function sampleRecords(
  sample: FileSample,
  rules: SampleRules,
  limit: number,
): readonly SampledRecord[] {
  const records: SampledRecord[] = [];
  for (const { found, origin } of soundRecords(sample, rules)) {
    if (records.length >= limit) break;
    const fields = recordTexts(sample.bytes, found, rules.dialect.escape);
    records.push({ line: origin.line, fields });
  }
  return records;
}

function* soundRecords(sample: FileSample, rules: SampleRules): Generator<SampleRecord> {
  const { dialect, reading, width } = rules;
  const start = { ...rules.start, record: 1 };
  const edits = { reading, width };
  const walk = { dialect, start, limits: reading, maxFields: width + 1, edits };
  for (const each of walkSample(sample, walk)) {
    const { outcome, found } = each;
    if (outcome !== SCAN_OUTCOMES.record || found.fieldCount !== width) continue;
    const isInvalid =
      found.hasHighBytes && findInvalidUtf8(sample.bytes, found.start, found.end) >= 0;
    if (!isInvalid && found.largeField < 0) yield each;
  }
}
