/** Makes the rejection of a record: what is wrong in words, and everything needed to find it in the file. */
import type { Dialect, PlannedColumn } from "../core/import-plan.ts";
import { RAW_TEXT_LIMIT_BYTES, type Rejection, type RejectionCode } from "../core/rejection.ts";
import type { RecordStart } from "./boundary-finder.ts";
import { fieldText } from "./field-text.ts";
import type { ScannedRecord } from "./scanned-record.ts";
import type { TextOrigin } from "./source-window.ts";
import { readCatalogType } from "./sql-type.ts";
import { findInvalidUtf8 } from "./utf8.ts";

/** What records of a file have to be. */
export interface RecordRules {
  readonly dialect: Dialect;
  /** Canonical name of the file's encoding. */
  readonly encoding: string;
  /** Null when any width will do. */
  readonly width: number | null;
  readonly maxFieldBytes: number;
  readonly columns: readonly PlannedColumn[];
}

/** A record as the scanner left it, with its place in the file. */
export interface PlacedRecord {
  readonly bytes: Uint8Array;
  readonly found: ScannedRecord;
  /** Its byte is an offset of the source. */
  readonly origin: RecordStart;
  /** The window that the record was found in. */
  readonly text: TextOrigin;
}

const MAX_VALUE_LENGTH = 200;
const MAX_VALUE_IN_MESSAGE = 60;
/** A character of UTF-8 has at most four bytes, and an escape doubles them. */
const MAX_VALUE_BYTES = MAX_VALUE_LENGTH * 8;

/**
 * Looks for what is wrong with a record before its values: too large a field, bytes that are not of the encoding, another
 * width.
 * Null when its values can be looked at.
 */
export function checkRecord(record: PlacedRecord, rules: RecordRules): Rejection | null {
  const { bytes, found, text } = record;
  if (found.largeField >= 0) {
    const message = `field ${found.largeField + 1} is longer than ${group(rules.maxFieldBytes)} bytes`;
    return reject(record, "field_too_large", message, columnOf(rules, found.largeField));
  }
  if (found.hasHighBytes) {
    const invalid = findInvalidUtf8(bytes, found.start, found.end);
    if (invalid >= 0) {
      const byte = text.sourceByteAt(invalid).toString(16).toUpperCase().padStart(2, "0");
      const name = rules.encoding === "utf-8" ? "UTF-8" : rules.encoding;
      const message = `byte ${byte} at ${group(text.offsetOf(invalid))} is not ${name}`;
      return reject(record, "invalid_encoding", message, columnOf(rules, fieldAt(found, invalid)));
    }
  }
  if (rules.width === null || found.fieldCount === rules.width) return null;
  const code = found.fieldCount < rules.width ? "too_few_fields" : "too_many_fields";
  return reject(record, code, `${plural(found.fieldCount, "field")}, ${rules.width} expected`);
}

/** The rejection of a record in which text follows a closing quote. */
export function rejectBroken(record: PlacedRecord): Rejection {
  const message = `text after the closing quote of field ${record.found.fieldCount}`;
  return reject(record, "text_after_quote", message);
}

/** The rejection of a record for the value of one column. */
export function rejectValue(
  record: PlacedRecord,
  rules: RecordRules,
  column: PlannedColumn,
  code: RejectionCode,
): Rejection {
  const text = fieldText(record.bytes, record.found, column.field, {
    escape: rules.dialect.escape,
    maxBytes: MAX_VALUE_BYTES,
  });
  const message = valueMessage(code, column.sqlType, `"${shorten(text, MAX_VALUE_IN_MESSAGE)}"`);
  const value = shorten(text, MAX_VALUE_LENGTH);
  return { ...reject(record, code, message), column: column.column, value };
}

function reject(
  { bytes, found, origin, text }: PlacedRecord,
  code: RejectionCode,
  message: string,
  column: string | null = null,
): Rejection {
  const byteLength = text.offsetOf(found.end) - origin.byte;
  const rawEnd = Math.min(found.end, found.start + RAW_TEXT_LIMIT_BYTES);
  return {
    record: origin.record,
    line: origin.line,
    byte: origin.byte,
    byteLength,
    column,
    value: null,
    code,
    message,
    raw: bytes.slice(found.start, rawEnd),
  };
}

type ValueMessage = (value: string, sqlType: string) => string;

/** What is wrong with a value, by code; `value` is quoted and shortened. */
const VALUE_MESSAGES: Readonly<Partial<Record<RejectionCode, ValueMessage>>> = {
  invalid_integer: (value) => `${value} is not a whole number`,
  invalid_number: (value) => `${value} is not a number`,
  invalid_boolean: (value) => `${value} is not yes or no`,
  invalid_uuid: (value) => `${value} is not a UUID`,
  invalid_date: (value) => `${value} is not a date like 2026-02-28`,
  invalid_timestamp: (value, sqlType) => `${value} is not a time like ${timeExample(sqlType)}`,
  out_of_range: (value, sqlType) => `${value} is outside the range of ${sqlType}`,
  too_precise: (value, sqlType) => `${value} would have to be rounded to fit ${sqlType}`,
  too_long: (value, sqlType) =>
    `${value} is longer than ${plural(readCatalogType(sqlType).maxLength ?? 0, "character")}`,
  nul_byte: () => "holds a NUL character, which PostgreSQL cannot store",
  required_value_missing: () => "a value is required",
};

function valueMessage(code: RejectionCode, sqlType: string, value: string): string {
  return VALUE_MESSAGES[code]?.(value, sqlType) ?? `${value} does not fit ${sqlType}`;
}

function timeExample(sqlType: string): string {
  const hasZone = readCatalogType(sqlType).type === "timestamptz";
  return hasZone ? "2026-02-28T09:30:00+01:00" : "2026-02-28T09:30:00";
}

/** At most `length` characters, fit to be stored: PostgreSQL takes no NUL, so its symbol stands for it. */
function shorten(text: string, length: number): string {
  const shown = text.replaceAll("\0", "\u2400");
  if (shown.length <= length) return shown;
  const cut = shown.slice(0, length - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

function columnOf(rules: RecordRules, field: number): string | null {
  return rules.columns.find((column) => column.field === field)?.column ?? null;
}

function fieldAt(found: ScannedRecord, position: number): number {
  const count = Math.min(found.fieldCount, found.fieldEnd.length);
  return found.fieldEnd.subarray(0, count).findIndex((end) => position < end);
}

function plural(count: number, noun: string): string {
  return `${group(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function group(value: number): string {
  return value.toLocaleString("en-US");
}
