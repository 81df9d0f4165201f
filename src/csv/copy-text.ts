/**
 * Encodes records into the text format of COPY: the record's number, then the planned columns, a TAB between them and
 * an LF behind them.
 *
 * Every value is checked before it is written. When one fails, the output is what it was before the record, and the
 * encoder says which column and why. What must always hold: PostgreSQL takes every row that is written, as far as the
 * types that Sluice checks can tell; and each value in it is the value of the file.
 */
import type { ColumnType, PlannedColumn } from "../core/import-plan.ts";
import type { RejectionCode } from "../core/rejection.ts";
import { BACKSLASH, byteAt, byteClasses, CR, LF, PLAIN, TAB, ZERO } from "./bytes.ts";
import { makeCellCheck } from "./cell-check.ts";
import type { CellCheck } from "./check-number.ts";
import { unescapeField } from "./field-text.ts";
import type { OutputBuffer } from "./output-buffer.ts";
import { FIELD_ESCAPED, FIELD_UNQUOTED, type ScannedRecord } from "./scanned-record.ts";
import { typeOfColumn } from "./sql-type.ts";
import { respellingRoom } from "./number-spelling.ts";
import { makeRespelling, type ValueRespelling } from "./value-spelling.ts";

interface EncodedColumn {
  readonly field: number;
  readonly check: CellCheck;
  /** Null where values are written as PostgreSQL reads them. */
  readonly respelling: ValueRespelling | null;
  readonly isRequired: boolean;
  /** The quoted empty field is the empty string, not null. */
  readonly keepsEmpty: boolean;
  /** Values may hold bytes that COPY would read as its own. */
  readonly needsEscape: boolean;
}

const MAY_NEED_ESCAPES: readonly ColumnType[] = ["text", "enum", "json", "jsonb"];
const LETTER_N = 0x4e;
const MAX_NUMBER_DIGITS = 16;
const SPECIAL_TO_COPY = byteClasses([BACKSLASH, TAB, LF, CR]);
const LETTERS_OF_COPY: Readonly<Record<number, number>> = {
  [BACKSLASH]: BACKSLASH,
  [TAB]: 0x74,
  [LF]: 0x6e,
  [CR]: 0x72,
};

/** The room that one record's row can take at most, in bytes: each byte escaped, each field null. */
export function maxRowBytes(found: ScannedRecord): number {
  return 2 * (found.end - found.start) + 3 * found.fieldCount + MAX_NUMBER_DIGITS + 2;
}

/** An encoder for one list of columns. One record at a time. */
export class CopyTextEncoder {
  readonly #columns: readonly EncodedColumn[];
  readonly #escape: number;
  #scratch = new Uint8Array(1024);
  #scratchLength = 0;
  #respelled = new Uint8Array(0);
  #problemColumn = -1;

  /** `columns` in the order of the output; `escape` as in the dialect. */
  constructor(columns: readonly PlannedColumn[], escape: number) {
    this.#columns = columns.map(toEncodedColumn);
    this.#escape = escape;
  }

  /** Index of the column that the last failed `encode` stopped at. */
  get problemColumn(): number {
    return this.#problemColumn;
  }

  /**
   * Appends the row of a record that has all its fields and valid UTF-8. Returns null, or why a value does not fit; then
   * nothing is appended.
   */
  encode(
    bytes: Uint8Array,
    found: ScannedRecord,
    recordNumber: number,
    into: OutputBuffer,
  ): RejectionCode | null {
    const rowStart = into.length;
    into.reserve(maxRowBytes(found));
    const out = into.bytes;
    let at = writeNumber(out, rowStart, recordNumber);
    const columns = this.#columns;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as EncodedColumn; // index is below the length
      out[at++] = TAB;
      const start = found.fieldStart[column.field] as number; // the record has all its fields
      const end = found.fieldEnd[column.field] as number; // as above
      const kind = found.fieldKind[column.field] as number; // as above
      if (start === end && !(kind !== FIELD_UNQUOTED && column.keepsEmpty)) {
        if (column.isRequired) return this.#fail(index, "required_value_missing");
        out[at++] = BACKSLASH;
        out[at++] = LETTER_N;
        continue;
      }
      const isEscaped = kind === FIELD_ESCAPED;
      let source = isEscaped ? this.#unescape(bytes, start, end) : bytes;
      let from = isEscaped ? 0 : start;
      let to = isEscaped ? this.#scratchLength : end;
      if (column.respelling !== null && from !== to) {
        to = this.#respell(column.respelling, source, from, to);
        if (to < 0) return this.#fail(index, column.respelling.misfit);
        from = 0;
        source = this.#respelled;
      }
      const problem = from === to ? null : column.check(source, from, to);
      if (problem !== null) return this.#fail(index, problem);
      at = column.needsEscape
        ? writeEscaped(out, at, source, from, to)
        : writePlain(out, at, source, from, to);
    }
    out[at++] = LF;
    into.length = at;
    return null;
  }

  #unescape(bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (this.#scratch.length < end - start) this.#scratch = new Uint8Array((end - start) * 2);
    this.#scratchLength = unescapeField(bytes, { start, end, escape: this.#escape }, this.#scratch);
    return this.#scratch;
  }

  /** Writes the value into `#respelled` and returns its length there, or -1. */
  #respell({ respell }: ValueRespelling, bytes: Uint8Array, from: number, to: number): number {
    const room = respellingRoom(to - from);
    if (this.#respelled.length < room) this.#respelled = new Uint8Array(2 * room);
    return respell(bytes, from, to, this.#respelled);
  }

  #fail(columnIndex: number, code: RejectionCode): RejectionCode {
    this.#problemColumn = columnIndex;
    return code;
  }
}

function toEncodedColumn(column: PlannedColumn): EncodedColumn {
  const type = typeOfColumn(column);
  return {
    field: column.field,
    check: makeCellCheck(type),
    respelling: makeRespelling(type, column.spelling),
    isRequired: column.isRequired,
    keepsEmpty: type.isText,
    needsEscape: MAY_NEED_ESCAPES.includes(type.type),
  };
}

/** Writes a whole number from 0 to 2^53 in decimal. */
function writeNumber(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits++;
  for (let index = at + digits - 1; index >= at; index--) {
    const tenth = Math.floor(rest / 10);
    out[index] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
  return at + digits;
}

function writePlain(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  let target = at;
  for (let index = from; index < to; index++) out[target++] = byteAt(bytes, index);
  return target;
}

function writeEscaped(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  let target = at;
  for (let index = from; index < to; index++) {
    const byte = byteAt(bytes, index);
    if (byteAt(SPECIAL_TO_COPY, byte) === PLAIN) {
      out[target++] = byte;
      continue;
    }
    out[target++] = BACKSLASH;
    out[target++] = LETTERS_OF_COPY[byte] ?? byte;
  }
  return target;
}
