/** What turns records into rows for COPY, in either of its formats. */
import type { PlannedColumn } from "../core/import-plan.ts";
import type { RejectionCode } from "../core/rejection.ts";
import { makeBinaryCell } from "./cell-writer.ts";
import { CopyBinaryEncoder } from "./copy-binary.ts";
import { CopyTextEncoder } from "./copy-text.ts";
import type { OutputBuffer } from "./output-buffer.ts";
import type { ScannedRecord } from "./scanned-record.ts";
import { typeOfColumn } from "./sql-type.ts";

/** What a row holds. */
export interface RowShape {
  /** Whether the record's number comes before the columns. */
  readonly hasNumber: boolean;
}

/** An encoder for one list of columns: the record's number, then the columns in their order. One record at a time. */
export interface RowEncoder {
  /** The format of the rows. */
  readonly format: "text" | "binary";
  /** Index of the column that the last failed `encode` stopped at. */
  readonly problemColumn: number;
  /** The room that the row of a record can take at most, in bytes. */
  maxRowBytes(found: ScannedRecord): number;
  /**
   * Appends the row of a record that has all its fields and valid UTF-8. Returns null, or why a value does not fit; then
   * nothing is appended.
   */
  encode(
    bytes: Uint8Array,
    found: ScannedRecord,
    recordNumber: number,
    into: OutputBuffer,
  ): RejectionCode | null;
}

/**
 * The encoder of the binary format, which the server takes without parsing; of the text format for a table of which any
 * column has a type that only the server can read. `escape` as in the dialect.
 */
export function makeRowEncoder(
  columns: readonly PlannedColumn[],
  escape: number,
  shape: RowShape = { hasNumber: true },
): RowEncoder {
  const isBinary = columns.every((column) => makeBinaryCell(typeOfColumn(column)) !== null);
  return isBinary
    ? new CopyBinaryEncoder(columns, escape, shape)
    : new CopyTextEncoder(columns, escape, shape);
}
