/**
 * Writes records in the dialect of a job, in UTF-8. Fields that stay as they are keep their quotes: whether a field is
 * quoted can decide whether it has a value.
 */
import type { Dialect } from "../../core/import-plan.ts";
import { FIELD_UNQUOTED, type ScannedRecord } from "../../csv/scanned-record.ts";
import { charactersOf } from "./record-head.ts";

const ENCODER = new TextEncoder();

/** Writes fields and records of one dialect. */
export interface RecordWriter {
  /** A field that reads as a text, or as no value. `isFirst` of a record: it must not begin a comment. */
  field(text: string | null, isFirst: boolean): Uint8Array;
  /** A field as the scanner found it. */
  fieldAsFound(bytes: Uint8Array, found: ScannedRecord, index: number): Uint8Array;
  /** A record without a line end. */
  record(fields: readonly Uint8Array[]): Uint8Array;
  /** The record with a line end. */
  line(fields: readonly Uint8Array[]): Uint8Array;
}

/** The writer of a dialect. */
export function makeRecordWriter(dialect: Dialect): RecordWriter {
  const { delimiter, quote, escape, comment } = charactersOf(dialect);
  // Any character of the delimiter: the end of a field and the delimiter behind it must not make one together.
  const special = [...Array.from(delimiter), quote, "\r", "\n", "\uFEFF"];
  const between = ENCODER.encode(delimiter);
  const mark = ENCODER.encode(quote);
  const quoted = (text: string): string => {
    const escaped = escape === quote ? text : text.replaceAll(escape, escape + escape);
    return quote + escaped.replaceAll(quote, escape + quote) + quote;
  };
  const record: RecordWriter["record"] = (fields) =>
    Buffer.concat(fields.flatMap((field, at) => (at === 0 ? [field] : [between, field])));
  return {
    field: (text, isFirst) => {
      if (text === null) return new Uint8Array(0);
      const isComment = isFirst && comment !== undefined && text.startsWith(comment);
      const isPlain =
        text !== "" && !isComment && !special.some((character) => text.includes(character));
      return ENCODER.encode(isPlain ? text : quoted(text));
    },
    fieldAsFound: (bytes, found, index) => {
      const inner = bytes.slice(found.fieldStart[index], found.fieldEnd[index]);
      return found.fieldKind[index] === FIELD_UNQUOTED ? inner : Buffer.concat([mark, inner, mark]);
    },
    record,
    line: (fields) => Buffer.concat([record(fields), LINE_END]),
  };
}

const LINE_END = Uint8Array.of(0x0a);
