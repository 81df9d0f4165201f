/**
 * Encodes records into the binary format of COPY, without the header and the trailer that a COPY needs besides: for each
 * row how many columns there are, then the length of each value and the value. The record's number comes first, as a
 * `bigint`. Format: https://www.postgresql.org/docs/current/sql-copy.html (binary format).
 *
 * Every value is checked before it is written, by the same checks as in the text format. When one fails, the output is
 * what it was before the record, and the encoder says which column and why. What must always hold: the server reads from
 * each value what it would read from the text of the same value.
 */
import type { PlannedColumn } from "../core/import-plan.ts";
import type { RejectionCode } from "../core/rejection.ts";
import { writeInt16, writeInt32, writeInt64 } from "./big-endian.ts";
import { CELL_NULL, CELL_PROBLEM, CellReader } from "./cell-reader.ts";
import { GROWTH_BYTES, makeBinaryCell, type BinaryCell } from "./cell-writer.ts";
import type { OutputBuffer } from "./output-buffer.ts";
import type { RowEncoder, RowShape } from "./row-encoder.ts";
import type { ScannedRecord } from "./scanned-record.ts";
import { typeOfColumn } from "./sql-type.ts";

/** The count of columns, and the record's number with its length. */
const ROW_HEAD_BYTES = 14;
const LENGTH_BYTES = 4;
const RECORD_BYTES = 8;
const NULL_LENGTH = -1;

/** An encoder for columns that all have a `BinaryCell`. */
export class CopyBinaryEncoder implements RowEncoder {
  readonly format = "binary";
  readonly #cells: readonly BinaryCell[];
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
    this.#cells = columns.map(toBinaryCell);
    this.#reader = new CellReader(columns, escape);
  }

  get problemColumn(): number {
    return this.#problemColumn;
  }

  maxRowBytes(found: ScannedRecord): number {
    const cellBytes = LENGTH_BYTES + GROWTH_BYTES;
    return ROW_HEAD_BYTES + (found.end - found.start) + this.#cells.length * cellBytes;
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
    const cells = this.#cells;
    let at = writeInt16(out, into.length, cells.length + (this.#hasNumber ? 1 : 0));
    if (this.#hasNumber) at = writeInt64(out, writeInt32(out, at, RECORD_BYTES), recordNumber);
    for (let index = 0; index < cells.length; index++) {
      const state = reader.read(bytes, found, index);
      if (state === CELL_NULL) {
        at = writeInt32(out, at, NULL_LENGTH);
        continue;
      }
      if (state === CELL_PROBLEM) return this.#fail(index, reader.problem);
      const { bytes: source, from, to } = reader;
      const cell = cells[index] as BinaryCell; // index is below the length
      const problem = from === to ? null : cell.check(source, from, to);
      if (problem !== null) return this.#fail(index, problem);
      const valueStart = at + LENGTH_BYTES;
      const valueEnd = from === to ? valueStart : cell.write(source, from, to, out, valueStart);
      writeInt32(out, at, valueEnd - valueStart);
      at = valueEnd;
    }
    into.length = at;
    return null;
  }

  #fail(columnIndex: number, code: RejectionCode): RejectionCode {
    this.#problemColumn = columnIndex;
    return code;
  }
}

function toBinaryCell(column: PlannedColumn): BinaryCell {
  const cell = makeBinaryCell(typeOfColumn(column));
  if (cell === null)
    throw new RangeError(`Expected a type that has a binary form, got ${column.sqlType}.`);
  return cell;
}
