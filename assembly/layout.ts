/**
 * Where everything lies in the memory of the hot pass, which has one size for ever, so that views of it stay valid. The
 * caller learns these places and the kinds of columns from the exports of the module.
 */

/** What the caller says before a pass, as whole numbers of four bytes. */
export const PARAMETERS: usize = 0xf000;
/** Where in the input the next record starts, which the pass moves. */
export const POSITION: i32 = 0;
export const INPUT_END: i32 = 1;
/** Records that start here or later are left alone. */
export const START_LIMIT: i32 = 2;
/** Where the part ends: no record may go on behind it. */
export const PART_END: i32 = 3;
/** How many rows may be written, at most `MAX_ROWS`. */
export const ROW_LIMIT: i32 = 4;
/** How many bytes of rows the chunk may still have. */
export const OUTPUT_LIMIT: i32 = 5;
/** What the first row's entry begins with: offset among the rows, record and line of the chunk, place in the window. */
export const ROW_OFFSET: i32 = 6;
export const RECORD: i32 = 7;
export const LINE: i32 = 8;
export const WINDOW_OFFSET: i32 = 9;
/** The number of the first record, in eight bytes. */
export const RECORD_NUMBER: i32 = 10;
/** What has come of it: rows, their bytes, and the line ends in their records. */
export const ROWS: i32 = 12;
export const ROW_BYTES: i32 = 13;
export const LINES: i32 = 14;
/** How many of the records end at CRLF, at CR alone, and have a quote inside an unquoted field. */
export const CRLF_ENDS: i32 = 15;
export const CR_ENDS: i32 = 16;
export const BARE_QUOTES: i32 = 17;
/** What has come of `skip`: the state behind the bytes, ended records and lines, and the last record start or -1. */
export const SKIP_STATE: i32 = 20;
export const SKIP_RECORDS: i32 = 21;
export const SKIP_LINES: i32 = 22;
export const SKIP_LAST_START: i32 = 23;

/** The brackets and braces of a JSON value that are open. */
export const OPEN_BRACKETS: usize = 0xe000;
export const OPEN_BRACKETS_BYTES: usize = 0x1000;

/** What the caller says once: the fields of a record, four numbers each. */
export const FIELDS: usize = 0x10000;
export const FIELD_BYTES: usize = 16;
export const MAX_FIELDS: i32 = 1600;
/** The values of enums: their length in two bytes, then their bytes. */
export const LABELS: usize = 0x18000;
export const LABELS_BYTES: i32 = 0x8000;

/**
 * The bytes that are read. Behind them, before `ENTRIES`, is room for what ends every search, in four bytes, and for loads
 * that begin at it at the latest and go on for 40 bytes at the most: two blocks of a text, and a UUID.
 */
export const INPUT: usize = 0x20000;
export const INPUT_BYTES: i32 = 0x48000;
/** An entry of five numbers for each row. */
export const ENTRIES: usize = 0x70000;
export const ENTRY_BYTES: usize = 20;
export const MAX_ROWS: i32 = 0x4000;
/**
 * The rows. A pass begins no record that could need more room, by its bytes up to the end of the input. Behind them, to the
 * end of the memory, is room for stores that begin at their end at the latest: two blocks of a text.
 */
export const OUTPUT: usize = 0x100000;
export const OUTPUT_BYTES: i32 = 0xfff00;

/** The kinds of fields. What the other numbers of a field mean is said behind them. */
export const KIND_SKIPPED: i32 = 0;
/** Most characters, most bytes. */
export const KIND_TEXT: i32 = 1;
/** Place in `LABELS`, how many. */
export const KIND_ENUM: i32 = 2;
export const KIND_JSON: i32 = 3;
export const KIND_JSONB: i32 = 4;
export const KIND_INT2: i32 = 5;
export const KIND_INT4: i32 = 6;
export const KIND_INT8: i32 = 7;
export const KIND_FLOAT4: i32 = 8;
export const KIND_FLOAT8: i32 = 9;
/** Most digits before the point, most behind it. */
export const KIND_NUMERIC: i32 = 10;
export const KIND_BOOLEAN: i32 = 11;
export const KIND_DATE: i32 = 12;
/** Digits of a second. */
export const KIND_TIME: i32 = 13;
export const KIND_TIMESTAMP: i32 = 14;
export const KIND_TIMESTAMPTZ: i32 = 15;
export const KIND_UUID: i32 = 16;

/** Bits of a field's second number. */
export const FLAG_REQUIRED: i32 = 1;
export const FLAG_KEEPS_EMPTY: i32 = 2;
