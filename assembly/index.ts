/**
 * The hot pass of an import: one loop over bytes that finds records, checks their values and writes their rows in the
 * binary format of COPY. https://www.postgresql.org/docs/current/sql-copy.html (binary format)
 *
 * It knows plain records only. Before any other one (a value that does not fit or is spelled in a rare way, another
 * width, text behind a closing quote, a blank line, bytes that are no UTF-8, a record that the input does not end) it
 * stops, with nothing written of it, and the caller reads that record in TypeScript, where every case has its one
 * implementation. What must always hold: a record that is taken here is taken there too, with the same row.
 */
import { delimiter, quote, setDialect, setInputEnd } from "./dialect";
import { isJson } from "./json";
import * as at from "./layout";
import {
  numericBytes,
  writeFloat4,
  writeFloat8,
  writeInt2,
  writeInt4,
  writeInt8,
  writeNumeric,
} from "./number";
import {
  beginRecord,
  copyQuoted,
  copyUnquoted,
  countCharacters,
  hasBareQuote,
  isLabel,
  lineBreaks,
  textBytes,
  writeBoolean,
  writeUuid,
} from "./text";
import { writeDate, writeTime, writeTimestamp } from "./time";

export * from "./layout";
export { skip } from "./skip";

const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
/** A row has the count of its columns and, where it is wanted, the record's number with its length. */
const ROW_HEAD_BYTES: usize = 14;
const COUNT_BYTES: usize = 2;
const LENGTH_BYTES: usize = 4;
const RECORD_LENGTH: u32 = 0x0800_0000;
const JSONB_VERSION: u8 = 1;
const NULL_LENGTH: u32 = 0xffff_ffff;
/** How much longer than its text a value can be, its length in front of it not counted. */
const GROWTH_BYTES: usize = 16;

let fieldCount: i32 = 0;
let columnCount: i32 = 0;
let hasNumber: bool = true;
let maxFieldBytes: usize = 0;
let maxRecordBytes: usize = 0;

/** Says what files look like, once `FIELDS` are written. `columns` is how many of the fields are not skipped. */
export function prepare(
  delimiterByte: u32,
  quoteByte: u32,
  fields: i32,
  columns: i32,
  fieldBytes: u32,
  recordBytes: u32,
  withNumber: u32,
): void {
  setDialect(delimiterByte, quoteByte);
  fieldCount = fields;
  columnCount = columns;
  hasNumber = withNumber !== 0;
  maxFieldBytes = fieldBytes;
  maxRecordBytes = recordBytes;
}

/** Where the value that `writeField` has written ends, with its length in front of it. */
let valueEnd: usize = 0;

/** Reads plain records from `POSITION` on, up to a limit or the first that is not plain. */
export function run(): void {
  const end = at.INPUT + <usize>parameter(at.INPUT_END);
  // Behind the input, every search for a line end or a quote comes to one.
  store<u32>(end, LF | (quote << 8) | (LF << 16) | (LF << 24));
  setInputEnd(end);
  const startLimit = at.INPUT + <usize>parameter(at.START_LIMIT);
  const partEnd = at.INPUT + <usize>parameter(at.PART_END);
  const rowLimit = parameter(at.ROW_LIMIT);
  const growth = ROW_HEAD_BYTES + <usize>columnCount * (LENGTH_BYTES + GROWTH_BYTES);
  const outputLimit = at.OUTPUT + <usize>parameter(at.OUTPUT_LIMIT);
  const rowHead = <u16>bswap<u16>(<u16>(columnCount + <i32>hasNumber));
  const rowHeadBytes = hasNumber ? ROW_HEAD_BYTES : COUNT_BYTES;
  let recordNumber = load<u64>(at.PARAMETERS + ((<usize>at.RECORD_NUMBER) << 2));
  let lines: i32 = 0;
  let crlfEnds: i32 = 0;
  let crEnds: i32 = 0;
  let bareQuotes: i32 = 0;
  let rows: i32 = 0;
  let out = at.OUTPUT;
  let p = at.INPUT + <usize>parameter(at.POSITION);
  while (p < startLimit && rows < rowLimit) {
    if (out + growth + (end - p) > at.OUTPUT + <usize>at.OUTPUT_BYTES) break;
    const first: u32 = load<u8>(p);
    if (first === LF || first === CR) break;
    store<u16>(out, rowHead);
    // Without a number the first value takes its place.
    store<u32>(out + 2, RECORD_LENGTH);
    store<u64>(out + 6, bswap<u64>(recordNumber));
    beginRecord();
    const recordEnd = writeRecord(p, out + rowHeadBytes);
    if (recordEnd === 0) break;
    let next = recordEnd + 1;
    if (load<u8>(recordEnd) === CR && load<u8>(next) === LF) next++;
    const isHere = next <= end && next <= partEnd;
    const length = recordEnd - p;
    if (!isHere || length > maxRecordBytes || out + growth + length > outputLimit) break;
    const entry = at.ENTRIES + <usize>rows * at.ENTRY_BYTES;
    store<u32>(entry, parameter(at.ROW_OFFSET) + <u32>(out - at.OUTPUT));
    store<u32>(entry + 4, parameter(at.RECORD) + rows);
    store<u32>(entry + 8, parameter(at.LINE) + lines);
    store<u32>(entry + 12, parameter(at.WINDOW_OFFSET) + <u32>(p - at.INPUT));
    store<u32>(entry + 16, <u32>length);
    lines += lineBreaks + 1;
    if (next - recordEnd === 2) crlfEnds++;
    else if (load<u8>(recordEnd) === CR) crEnds++;
    if (hasBareQuote) bareQuotes++;
    rows++;
    recordNumber++;
    out = valueEnd;
    p = next;
  }
  setParameter(at.POSITION, <i32>(p - at.INPUT));
  setParameter(at.ROWS, rows);
  setParameter(at.ROW_BYTES, <i32>(out - at.OUTPUT));
  setParameter(at.LINES, lines);
  setParameter(at.CRLF_ENDS, crlfEnds);
  setParameter(at.CR_ENDS, crEnds);
  setParameter(at.BARE_QUOTES, bareQuotes);
}

function parameter(index: i32): i32 {
  return load<i32>(at.PARAMETERS + ((<usize>index) << 2));
}

function setParameter(index: i32, value: i32): void {
  store<i32>(at.PARAMETERS + ((<usize>index) << 2), value);
}

/** Writes the values of the record at `start`. Returns the line end behind it; 0 when the record is not plain. */
function writeRecord(start: usize, out: usize): usize {
  let p = start;
  valueEnd = out;
  let field = at.FIELDS;
  const fieldsEnd = field + <usize>fieldCount * at.FIELD_BYTES;
  for (;;) {
    p = writeField(p, valueEnd, field);
    if (p === 0) return 0;
    field += at.FIELD_BYTES;
    if (field === fieldsEnd) break;
    if (load<u8>(p) !== delimiter) return 0;
    p++;
  }
  const byte: u32 = load<u8>(p);
  return byte === LF || byte === CR ? p : 0;
}

/**
 * Writes the value of the field at `start`. Returns where the field ends; 0 when it is not plain. What stands there, a
 * delimiter or a line end, is for the caller to look at.
 */
function writeField(start: usize, out: usize, field: usize): usize {
  const kind = load<i32>(field);
  if (kind <= at.KIND_JSONB) return writeTextField(start, out, field);
  const isQuoted = load<u8>(start) === quote;
  const from = start + <usize>isQuoted;
  let p = writeValue(from, out, kind, field);
  if (p === 0) p = writeNull(from, out, field, isQuoted);
  if (p === 0) return 0;
  if (isQuoted) {
    if (load<u8>(p) !== quote) return 0;
    p++;
  }
  return p - start <= maxFieldBytes ? p : 0;
}

/** Writes that there is no value. Returns `p`; 0 when there is one, or has to be. */
function writeNull(p: usize, out: usize, field: usize, isQuoted: bool): usize {
  const first: u32 = load<u8>(p);
  const isEmpty = isQuoted ? first === quote : first === delimiter || first === LF || first === CR;
  if (!isEmpty || (load<i32>(field + 4) & at.FLAG_REQUIRED) !== 0) return 0;
  store<u32>(out, NULL_LENGTH);
  valueEnd = out + LENGTH_BYTES;
  return p;
}

/** Writes a value that is no text, with its length in front of it. Returns where its text ends; 0 when it is not plain. */
function writeValue(p: usize, out: usize, kind: i32, field: usize): usize {
  switch (kind) {
    case at.KIND_INT2:
      return writeInt2(p, begin(out, 2));
    case at.KIND_INT4:
      return writeInt4(p, begin(out, 4));
    case at.KIND_INT8:
      return writeInt8(p, begin(out, 8));
    case at.KIND_FLOAT4:
      return writeFloat4(p, begin(out, 4));
    case at.KIND_FLOAT8:
      return writeFloat8(p, begin(out, 8));
    case at.KIND_NUMERIC: {
      const end = writeNumeric(p, out + LENGTH_BYTES, load<i32>(field + 8), load<i32>(field + 12));
      begin(out, <u32>numericBytes);
      return end;
    }
    case at.KIND_BOOLEAN:
      return writeBoolean(p, begin(out, 1));
    case at.KIND_DATE:
      return writeDate(p, begin(out, 4));
    case at.KIND_TIME:
      return writeTime(p, begin(out, 8), load<i32>(field + 8));
    case at.KIND_TIMESTAMP:
      return writeTimestamp(p, begin(out, 8), load<i32>(field + 8), false);
    case at.KIND_TIMESTAMPTZ:
      return writeTimestamp(p, begin(out, 8), load<i32>(field + 8), true);
    case at.KIND_UUID:
      return writeUuid(p, begin(out, 16));
    default:
      return 0;
  }
}

/** Writes the length of a value, and returns where the value begins. */
function begin(out: usize, bytes: u32): usize {
  store<u32>(out, bswap<u32>(bytes));
  valueEnd = out + LENGTH_BYTES + bytes;
  return out + LENGTH_BYTES;
}

/** The same for a text, an enum, JSON, and a field that no column wants. */
function writeTextField(start: usize, out: usize, field: usize): usize {
  const isQuoted = load<u8>(start) === quote;
  const kind = load<i32>(field);
  // A `jsonb` begins with its version.
  const text = out + LENGTH_BYTES + <usize>(kind === at.KIND_JSONB);
  const from = start + <usize>isQuoted;
  const end = isQuoted ? copyQuoted(from, text) : copyUnquoted(from, text);
  if (end === 0 || end - from > maxFieldBytes) return 0;
  const behind = end + <usize>isQuoted;
  if (kind === at.KIND_SKIPPED) return behind;
  const flags = load<i32>(field + 4);
  if (end === from && !(isQuoted && (flags & at.FLAG_KEEPS_EMPTY) !== 0)) {
    if ((flags & at.FLAG_REQUIRED) !== 0) return 0;
    store<u32>(out, NULL_LENGTH);
    valueEnd = out + LENGTH_BYTES;
    return behind;
  }
  const first = load<i32>(field + 8);
  const second = load<i32>(field + 12);
  if (kind === at.KIND_TEXT) {
    if (textBytes > <usize>second) return 0;
    if (textBytes > <usize>first && countCharacters(text, textBytes) > <usize>first) return 0;
  } else if (kind === at.KIND_ENUM) {
    if (!isLabel(text, textBytes, at.LABELS + <usize>first, second)) return 0;
  } else {
    if (!isJson(text, textBytes)) return 0;
    if (kind === at.KIND_JSONB) store<u8>(text - 1, JSONB_VERSION);
  }
  valueEnd = text + textBytes;
  store<u32>(out, bswap<u32>(<u32>(valueEnd - out - LENGTH_BYTES)));
  return behind;
}
