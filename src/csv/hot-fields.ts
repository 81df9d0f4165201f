/** Says which fields the hot pass can read, and how, in the numbers that it understands. */
import type { Dialect, PlannedColumn } from "../core/import-plan.ts";
import { typeOfColumn, type SqlType } from "./sql-type.ts";

/** One field of a record: the name of its kind and of its bits in `assembly/layout.ts`, and what the kind wants. */
export interface HotField {
  readonly kind: string;
  readonly flags: readonly string[];
  readonly first: number;
  readonly second: number;
  /** The values of an enum. */
  readonly labels?: readonly string[];
}

const SKIPPED: HotField = { kind: "KIND_SKIPPED", flags: [], first: 0, second: 0 };
/** More than a text can have. */
const UNLIMITED = 0x7fff_ffff;
/** What numbers, times and words are written with: a delimiter among them could not be told from a value. */
const OF_VALUES = /[A-Za-z0-9+\-.: \0\n\r]/;
const MAX_LABELS = 64;

/** Whether records of the dialect can be told apart by single bytes that stand in no value. */
export function isHotDialect(dialect: Dialect): boolean {
  const { delimiter, delimiterRest, quote, escape, comment, trim } = dialect;
  const isPlain = delimiterRest === undefined && comment === undefined && trim === undefined;
  const marks = String.fromCharCode(delimiter, quote);
  const isAscii = delimiter < 0x80 && quote < 0x80;
  return isPlain && isAscii && escape === quote && !OF_VALUES.test(marks);
}

/** The fields of records of `width` fields in order; null when a column is not for the hot pass. */
export function hotFields(
  columns: readonly PlannedColumn[],
  width: number,
): readonly HotField[] | null {
  const fields = Array.from({ length: width }, () => SKIPPED);
  let last = -1;
  for (const column of columns) {
    const field = hotField(column);
    // Values are written as they are met: the columns have to be in the order of the file.
    if (field === null || column.field <= last || column.field >= width) return null;
    last = column.field;
    fields[column.field] = field;
  }
  return fields;
}

function hotField(column: PlannedColumn): HotField | null {
  const type = typeOfColumn(column);
  const kind = kindOf(type);
  if (kind === null || column.spelling !== undefined) return null;
  const flags = [
    ...(column.isRequired ? ["FLAG_REQUIRED"] : []),
    ...(type.isText ? ["FLAG_KEEPS_EMPTY"] : []),
  ];
  return { first: 0, second: 0, flags, ...kind };
}

function kindOf(type: SqlType): Pick<HotField, "kind"> | null {
  switch (type.type) {
    case "integer":
    case "bigint":
      return { kind: `KIND_INT${type.integerBytes ?? (type.type === "bigint" ? 8 : 4)}` };
    case "numeric":
      return numericKind(type);
    case "double precision":
      return { kind: `KIND_FLOAT${type.floatBytes ?? 8}` };
    case "boolean":
      return { kind: "KIND_BOOLEAN" };
    case "date":
      return { kind: "KIND_DATE" };
    case "time":
      return timeKind("KIND_TIME", type);
    case "timestamp":
      return timeKind("KIND_TIMESTAMP", type);
    case "timestamptz":
      return timeKind("KIND_TIMESTAMPTZ", type);
    case "uuid":
      return { kind: "KIND_UUID" };
    case "text":
      return type.isText && type.binaryForm === "text" ? textKind(type) : null;
    case "enum":
      return enumKind(type.labels ?? []);
    case "json":
      return { kind: "KIND_JSON" };
    case "jsonb":
      return { kind: "KIND_JSONB" };
    default:
      return type.type satisfies never;
  }
}

type Kind = Pick<HotField, "kind" | "first" | "second" | "labels">;

function numericKind({ precision, scale = 0 }: SqlType): Kind | null {
  const kind = "KIND_NUMERIC";
  if (precision === undefined) return { kind, first: UNLIMITED, second: UNLIMITED };
  return scale < 0 || scale > precision ? null : { kind, first: precision - scale, second: scale };
}

function timeKind(kind: string, { secondDigits = 6 }: SqlType): Kind {
  return { kind, first: secondDigits, second: 0 };
}

function textKind({ maxLength = UNLIMITED, maxBytes = UNLIMITED }: SqlType): Kind {
  return { kind: "KIND_TEXT", first: maxLength, second: maxBytes };
}

/** A label is looked for one after the other: of many that would take long. */
function enumKind(labels: readonly string[]): Kind | null {
  if (labels.length > MAX_LABELS) return null;
  return { kind: "KIND_ENUM", first: 0, second: labels.length, labels };
}
