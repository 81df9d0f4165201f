/** Finds the value of a column in a record, as the column's check is to see it. */
import type { PlannedColumn } from "../core/import-plan.ts";
import type { RejectionCode } from "../core/rejection.ts";
import { unescapeField } from "./field-text.ts";
import { respellingRoom } from "./number-spelling.ts";
import { FIELD_ESCAPED, FIELD_UNQUOTED, type ScannedRecord } from "./scanned-record.ts";
import { typeOfColumn } from "./sql-type.ts";
import { makeRespelling, type ValueRespelling } from "./value-spelling.ts";

/** What a column wants of its field. */
interface ReadColumn {
  readonly field: number;
  /** Null where values are written as PostgreSQL reads them. */
  readonly respelling: ValueRespelling | null;
  readonly isRequired: boolean;
  /** The quoted empty field is the empty string, not null. */
  readonly keepsEmpty: boolean;
}

/** What `CellReader.read` found. */
export const CELL_VALUE = 0;
export const CELL_NULL = 1;
/** The record cannot be taken: `problem` says why. */
export const CELL_PROBLEM = 2;
export type CellState = typeof CELL_VALUE | typeof CELL_NULL | typeof CELL_PROBLEM;

/** Reads the values of records, one at a time: what `read` found is valid until the next call. */
export class CellReader {
  readonly #columns: readonly ReadColumn[];
  readonly #escape: number;
  #scratch = new Uint8Array(1024);
  #respelled = new Uint8Array(0);
  /** Where the value is. It is empty only where the column keeps the empty string. */
  bytes: Uint8Array = this.#scratch;
  from = 0;
  to = 0;
  problem: RejectionCode = "required_value_missing";

  /** `escape` as in the dialect. */
  constructor(columns: readonly PlannedColumn[], escape: number) {
    this.#columns = columns.map(toReadColumn);
    this.#escape = escape;
  }

  /** Looks for the value of the column at `index`. The record has all its fields. */
  read(bytes: Uint8Array, found: ScannedRecord, index: number): CellState {
    const column = this.#columns[index] as ReadColumn; // index is below the length
    const start = found.fieldStart[column.field] as number; // the record has all its fields
    const end = found.fieldEnd[column.field] as number; // as above
    const kind = found.fieldKind[column.field] as number; // as above
    if (start === end && !(kind !== FIELD_UNQUOTED && column.keepsEmpty)) {
      this.problem = "required_value_missing";
      return column.isRequired ? CELL_PROBLEM : CELL_NULL;
    }
    this.bytes = bytes;
    this.from = start;
    this.to = end;
    if (kind === FIELD_ESCAPED) this.#unescape();
    if (column.respelling === null || this.from === this.to) return CELL_VALUE;
    return this.#respell(column.respelling);
  }

  #unescape(): void {
    const { bytes, from: start, to: end } = this;
    if (this.#scratch.length < end - start) this.#scratch = new Uint8Array((end - start) * 2);
    this.to = unescapeField(bytes, { start, end, escape: this.#escape }, this.#scratch);
    this.from = 0;
    this.bytes = this.#scratch;
  }

  #respell({ respell, misfit }: ValueRespelling): CellState {
    const room = respellingRoom(this.to - this.from);
    if (this.#respelled.length < room) this.#respelled = new Uint8Array(2 * room);
    const length = respell(this.bytes, this.from, this.to, this.#respelled);
    this.problem = misfit;
    if (length < 0) return CELL_PROBLEM;
    this.bytes = this.#respelled;
    this.from = 0;
    this.to = length;
    return CELL_VALUE;
  }
}

function toReadColumn(column: PlannedColumn): ReadColumn {
  const type = typeOfColumn(column);
  return {
    field: column.field,
    respelling: makeRespelling(type, column.spelling),
    isRequired: column.isRequired,
    keepsEmpty: type.isText,
  };
}
