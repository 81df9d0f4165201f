/**
 * Corrects rejected records: takes the record from the source again, puts the corrected fields in, and checks what comes of
 * it by the scanner, the checks and the encoder of the job. Fields that nobody corrects keep their bytes, so that a record is
 * corrected where it was wrong and nowhere else.
 */
import { SluiceError } from "../../core/errors.ts";
import {
  CORRECTION_LIMIT_BYTES,
  type CheckedPlan,
  type CorrectedValues,
  type CorrectionProblem,
  type Corrections,
  type NewCorrection,
  type RejectedCorrection,
} from "../../core/correction.ts";
import type { FileStore } from "../../core/ports.ts";
import type { SourceRecord } from "../../core/record-ports.ts";
import {
  checkRecord,
  rejectBroken,
  rejectValue,
  type RecordRules,
} from "../../csv/make-rejection.ts";
import { OutputBuffer } from "../../csv/output-buffer.ts";
import { makeRowEncoder, type RowEncoder } from "../../csv/row-encoder.ts";
import { FIELD_UNQUOTED, SCAN_OUTCOMES, type ScannedRecord } from "../../csv/scanned-record.ts";
import { checkSource } from "./check-source.ts";
import { findField } from "./column-requests.ts";
import { RecordCursor } from "./record-cursor.ts";
import { makeRecordWriter, type RecordWriter } from "./record-writer.ts";
import { sourceOpening } from "./source-opening.ts";

const READ_BYTES = 64 * 1024;
const UTF8 = "utf-8";

/** See `Corrections.correct`. `headerOf` tells the header of the source when a correction names fields by it. */
export async function correctRecords(
  files: FileStore,
  plan: CheckedPlan,
  items: readonly RejectedCorrection[],
  headerOf: () => Promise<readonly string[]>,
): ReturnType<Corrections["correct"]> {
  await checkSource(files, plan);
  const cursor = new RecordCursor(plan, sourceOpening(files, plan), READ_BYTES);
  const check = makeCheck(plan);
  const writer = makeRecordWriter(plan.dialect);
  const corrected: (NewCorrection & { original: SourceRecord })[] = [];
  try {
    for (const item of items) {
      await cursor.moveTo(item.rejection);
      while (cursor.scan() === SCAN_OUTCOMES.more) await cursor.readMore();
      const original = cursor.read(item.rejection);
      const header = Array.isArray(item.values) ? [] : await headerOf();
      const found = { ...cursor.placed, texts: original.fields };
      const fields = correctedFields(item, found, { header, writer });
      const source = writer.record(fields);
      if (source.length > CORRECTION_LIMIT_BYTES) throw tooLong(item.record);
      corrected.push({ record: item.record, source, original, ...(await check(source)) });
    }
  } finally {
    await cursor.close();
  }
  return corrected;
}

/** A plan that reads corrected records of a job. A record of one field without a value is a line without text. */
function correctedPlan<Plan extends CheckedPlan>(plan: Plan): Plan {
  const blankLines = plan.width === 1 ? "null" : plan.reading.blankLines;
  return { ...plan, encoding: UTF8, reading: { ...plan.reading, blankLines } };
}

interface FoundRecord {
  readonly bytes: Uint8Array;
  readonly found: ScannedRecord;
  /** Null when it cannot be told where the fields end. */
  readonly texts: readonly string[] | null;
}

function correctedFields(
  { record, values }: RejectedCorrection,
  { bytes, found, texts }: FoundRecord,
  { header, writer }: { readonly header: readonly string[]; readonly writer: RecordWriter },
): readonly Uint8Array[] {
  const wanted = wantedTexts(record, values, texts, header);
  return wanted.map((text, at) =>
    text === undefined || (texts !== null && text === texts[at])
      ? writer.fieldAsFound(bytes, found, at)
      : writer.field(text, at === 0),
  );
}

/** What each field is to hold; undefined where it stays. Errors: `invalid_request`. */
function wantedTexts(
  record: number,
  values: CorrectedValues,
  texts: readonly string[] | null,
  header: readonly string[],
): readonly (string | null | undefined)[] {
  // A list as `Array.isArray` tells it; readonly lists are not narrowed by it.
  if (Array.isArray(values)) return values as readonly (string | null)[];
  if (texts === null)
    throw invalidValues(
      `Expected the values of record ${record} as a list of all its fields, because it cannot be told where its own fields end.`,
    );
  const wanted: (string | null | undefined)[] = texts.map(() => undefined);
  for (const [key, value] of Object.entries(values)) {
    const field = findField(header, key, "values");
    if (field < 0)
      throw invalidValues(
        `Expected a header of the file or a number like "#3", got ${JSON.stringify(key.slice(0, 80))}.`,
      );
    while (wanted.length < field) wanted.push(null);
    wanted[field] = value;
  }
  return wanted;
}

function invalidValues(detail: string): SluiceError {
  const errors = [{ pointer: "/values", code: "invalid_value", detail }];
  return new SluiceError("invalid_request", detail, { details: { errors } });
}

function tooLong(record: number): SluiceError {
  return invalidValues(
    `Expected a record of at most ${CORRECTION_LIMIT_BYTES.toLocaleString("en-US")} bytes. Correct record ${record} in a file.`,
  );
}

type Check = (source: Uint8Array) => Promise<Pick<NewCorrection, "fields" | "problem">>;

/** Reads a corrected record as the job would, and says why it does not fit. */
function makeCheck(given: CheckedPlan): Check {
  const plan = correctedPlan(given);
  const { dialect, width, reading, columns = [] } = plan;
  const encoder = makeRowEncoder(columns, dialect.escape, { hasNumber: false });
  const rows = new OutputBuffer();
  const { maxFieldBytes } = reading;
  const rules: RecordRules = { dialect, encoding: UTF8, width, maxFieldBytes, columns };
  return async (source) => {
    const text = Buffer.concat([source, Uint8Array.of(0x0a)]);
    const cursor = new RecordCursor(plan, openingOf(text), READ_BYTES);
    try {
      await cursor.moveTo({ byte: 0, record: 1, line: 1 });
      while (cursor.scan() === SCAN_OUTCOMES.more) await cursor.readMore();
      const { fields: texts } = cursor.read(null);
      const isRecord = texts !== null && cursor.nextByte === text.length;
      if (!isRecord) return { fields: [source.toString()], problem: brokenProblem(cursor) };
      return {
        fields: valuesOf(cursor.placed.found, texts),
        problem: problemOf(cursor, { rules, encoder, rows }),
      };
    } finally {
      await cursor.close();
    }
  };
}

interface ValueCheck {
  readonly rules: RecordRules;
  readonly encoder: RowEncoder;
  readonly rows: OutputBuffer;
}

function problemOf(
  cursor: RecordCursor,
  { rules, encoder, rows }: ValueCheck,
): CorrectionProblem | null {
  const { placed } = cursor;
  const rejection = checkRecord(placed, rules);
  if (rejection !== null) return reasonOf(rejection);
  rows.length = 0;
  const code = encoder.encode(placed.bytes, placed.found, 1, rows);
  if (code === null) return null;
  const column = rules.columns[encoder.problemColumn];
  if (column === undefined) throw new RangeError("the encoder names a column of the plan");
  return reasonOf(rejectValue(placed, rules, column, code));
}

function brokenProblem(cursor: RecordCursor): CorrectionProblem {
  if (cursor.isRecord) return reasonOf(rejectBroken(cursor.placed));
  const message = "the record is longer than allowed, or is not one record";
  return { code: "field_too_large", column: null, value: null, message };
}

function reasonOf({ code, column, value, message }: CorrectionProblem): CorrectionProblem {
  return { code, column, value, message };
}

/** The texts; null for what stands without quotes and is empty, which is no value. */
function valuesOf(found: ScannedRecord, texts: readonly string[]): readonly (string | null)[] {
  return texts.map((text, at) =>
    text === "" && found.fieldKind[at] === FIELD_UNQUOTED ? null : text,
  );
}

/** A source that is in memory. */
function openingOf(bytes: Uint8Array): ConstructorParameters<typeof RecordCursor>[1] {
  return {
    endByte: bytes.length,
    readOverBytes: Infinity,
    openAt: (byte) => {
      let at = byte;
      return Promise.resolve({
        read: (into: Uint8Array) => {
          const piece = bytes.subarray(at, at + into.length);
          into.set(piece);
          at += piece.length;
          return Promise.resolve(piece.length);
        },
        close: () => Promise.resolve(),
      });
    },
  };
}
