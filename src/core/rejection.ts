/** Why one record was left out of a job's rows. The list grows with what the reader and the encoders can tell. */
export const REJECTION_CODES = {
  text_after_quote: "text after a closing quote",
  too_few_fields: "fewer fields than the header",
  too_many_fields: "more fields than the header",
  field_too_large: "a field is longer than allowed",
  invalid_encoding: "bytes that are not of the file's encoding",
  nul_byte: "holds a NUL character, which PostgreSQL cannot store",
  required_value_missing: "a value is required",
  invalid_integer: "not a whole number",
  invalid_number: "not a number",
  out_of_range: "outside the range of the column's type",
  too_precise: "would have to be rounded",
  invalid_boolean: "not yes or no",
  invalid_uuid: "not a UUID",
  invalid_json: "not JSON",
  invalid_date: "no such date",
  invalid_timestamp: "not a time in this form",
  too_long: "longer than the column allows",
  invalid_value: "the database does not take it",
  duplicate_key: "the key is already taken",
  superseded: "a later row of the file has this key: a retry of this one would write over it",
  missing_reference: "refers to nothing",
  check_violation: "against a rule of the table",
  row_too_big: "does not fit a row of the database",
  refused_by_database: "a trigger or rule of the table said no",
  refused_by_process: "the process said no",
  against_schema: "against the schema of the process",
} as const;

export type RejectionCode = keyof typeof REJECTION_CODES;

/** At most this many bytes of a rejected record's raw text are kept in the database. */
export const RAW_TEXT_LIMIT_BYTES = 2048;

/** A record that was left out, with everything needed to find it in the file. */
export interface Rejection {
  /** Number among the data records of the file, from 1. */
  readonly record: number;
  /** Physical line on which the record starts, from 1. */
  readonly line: number;
  /** Offset of its first byte in the source. */
  readonly byte: number;
  /** Bytes of the whole record without its line end. */
  readonly byteLength: number;
  /** Name of the column at fault; null when the whole record is. */
  readonly column: string | null;
  /** The value at fault, shortened to 200 characters; null when the whole record is at fault. */
  readonly value: string | null;
  readonly code: RejectionCode;
  readonly message: string;
  /** The first `RAW_TEXT_LIMIT_BYTES` bytes of the record's text: of a source in another encoding, in UTF-8. */
  readonly raw: Uint8Array;
}
