/**
 * Encodes records into the text format of COPY: the record's number if it is wanted, then the planned columns, a TAB between them and
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
import { CELL_NULL, CELL_PROBLEM, CellReader } from "./cell-reader.ts";
import type { CellCheck } from "./check-number.ts";
import type { OutputBuffer } from "./output-buffer.ts";
import type { RowEncoder, RowShape } from "./row-encoder.ts";
import type { ScannedRecord } from "./scanned-record.ts";
import { typeOfColumn } from "./sql-type.ts";

interface EncodedColumn {
  readonly check: CellCheck;
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

/** An encoder for columns of any types. */
export class CopyTextEncoder implements RowEncoder {
  readonly format = "text";
  readonly #columns: readonly EncodedColumn[];
  readonly #reader: CellReader;
  readonly #hasNumber: boolean;
  #problemColumn = -1;

  /** `columns` in the order of the output; `escape` as in the dialect. */
  constructor(
    columns: readonly PlannedColumn[],
    escape: number,
    { hasNumber }: RowShape = { hasNumber: true },
  ) {
    this.#hasNumber = hasNumber;
    this.#columns = columns.map(toEncodedColumn);
    this.#reader = new CellReader(columns, escape);
  }

  get problemColumn(): number {
    return this.#problemColumn;
  }

  /** Each byte may be escaped, each field null. */
  maxRowBytes(found: ScannedRecord): number {
    return 2 * (found.end - found.start) + 3 * found.fieldCount + MAX_NUMBER_DIGITS + 2;
  }

  encode(
    bytes: Uint8Array,
    found: ScannedRecord,
    recordNumber: number,
    into: OutputBuffer,
  ): RejectionCode | null {
    into.reserve(this.maxRowBytes(found));
    const out = into.bytes;
    const reader = this.#reader;
    const hasNumber = this.#hasNumber;
    let at = hasNumber ? writeNumber(out, into.length, recordNumber) : into.length;
    const columns = this.#columns;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as EncodedColumn; // index is below the length
      if (hasNumber || index > 0) out[at++] = TAB;
      const state = reader.read(bytes, found, index);
      if (state === CELL_NULL) {
        out[at++] = BACKSLASH;
        out[at++] = LETTER_N;
        continue;
      }
      if (state === CELL_PROBLEM) return this.#fail(index, reader.problem);
      const { bytes: source, from, to } = reader;
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

  #fail(columnIndex: number, code: RejectionCode): RejectionCode {
    this.#problemColumn = columnIndex;
    return code;
  }
}

function toEncodedColumn(column: PlannedColumn): EncodedColumn {
  const type = typeOfColumn(column);
  return { check: makeCellCheck(type), needsEscape: MAY_NEED_ESCAPES.includes(type.type) };
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
