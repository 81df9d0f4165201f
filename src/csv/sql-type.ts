/**
 * Reads the name of a PostgreSQL type, as a person declares it or as the catalog spells it, and says how its values are
 * checked. The SQL that goes back out is always built here from what was understood, never taken from the input.
 */
import type { ColumnType, PlannedColumn } from "../core/import-plan.ts";

/** A type that was understood. */
export interface SqlType {
  /** How values are checked. */
  readonly type: ColumnType;
  /** The type as SQL: `numeric(5,2)`, `varchar(3)`, `smallint`. */
  readonly sqlType: string;
  /** Bytes of an integer type. */
  readonly integerBytes?: 2 | 4 | 8;
  /** Bytes of a floating-point type. */
  readonly floatBytes?: 4 | 8;
  /** Digits in all, and digits behind the point, of `numeric(p,s)`. */
  readonly precision?: number;
  readonly scale?: number;
  /** Characters of `varchar(n)` and `char(n)`. */
  readonly maxLength?: number;
  /** Bytes of the types for names of the catalog, which PostgreSQL would cut in silence. */
  readonly maxBytes?: number;
  /** Fraction digits of a second of `timestamp(n)` and `time(n)`, 0 to 6. */
  readonly secondDigits?: number;
  /** The values of an enum. */
  readonly labels?: readonly string[];
  /** The values are texts to the database too: the quoted empty field is the empty string and not null. */
  readonly isText: boolean;
  /**
   * What the binary format of COPY holds for a type that is checked as `text`: the text itself, or the bytes that it
   * stands for. Absent where Sluice does not know it.
   */
  readonly binaryForm?: "text" | "bytea";
}

const ALIASES: Readonly<Record<string, string>> = {
  int: "integer",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  decimal: "numeric",
  float4: "real",
  float8: "double precision",
  bool: "boolean",
  "character varying": "varchar",
  character: "char",
  "timestamp without time zone": "timestamp",
  "timestamp with time zone": "timestamptz",
  "time without time zone": "time",
  "time with time zone": "timetz",
};

/** Types without parameters that Sluice checks. */
const CHECKED_TYPES: Readonly<Record<string, SqlType>> = {
  smallint: { type: "integer", sqlType: "smallint", integerBytes: 2, isText: false },
  integer: { type: "integer", sqlType: "integer", integerBytes: 4, isText: false },
  bigint: { type: "bigint", sqlType: "bigint", integerBytes: 8, isText: false },
  numeric: { type: "numeric", sqlType: "numeric", isText: false },
  real: { type: "double precision", sqlType: "real", floatBytes: 4, isText: false },
  "double precision": {
    type: "double precision",
    sqlType: "double precision",
    floatBytes: 8,
    isText: false,
  },
  boolean: { type: "boolean", sqlType: "boolean", isText: false },
  date: { type: "date", sqlType: "date", isText: false },
  timestamp: { type: "timestamp", sqlType: "timestamp", secondDigits: 6, isText: false },
  timestamptz: { type: "timestamptz", sqlType: "timestamptz", secondDigits: 6, isText: false },
  time: { type: "time", sqlType: "time", secondDigits: 6, isText: false },
  uuid: { type: "uuid", sqlType: "uuid", isText: false },
  json: { type: "json", sqlType: "json", isText: false },
  jsonb: { type: "jsonb", sqlType: "jsonb", isText: false },
  text: { type: "text", sqlType: "text", isText: true, binaryForm: "text" },
  varchar: { type: "text", sqlType: "varchar", isText: true, binaryForm: "text" },
  bpchar: { type: "text", sqlType: "bpchar", isText: true, binaryForm: "text" },
  char: { type: "text", sqlType: "char(1)", maxLength: 1, isText: true, binaryForm: "text" },
};

/** Types that a person may declare and that the database alone checks. */
const DATABASE_TYPES: readonly string[] = [
  "timetz",
  "interval",
  "inet",
  "cidr",
  "macaddr",
  "bytea",
];

/** Types of the catalog that would be cut in silence: their bytes. */
const CUT_TYPES: Readonly<Record<string, number>> = { name: 63, '"char"': 1 };

/** Types of the catalog that the binary format of COPY has as text; an extension's may be in any schema. */
const SENT_AS_TEXT = /^(name|(.+\.)?citext)$/;

/** Types of the catalog that are not texts, beyond `DATABASE_TYPES`; parameters and array marks not counted. */
const NOT_TEXT =
  /\[\]$|^(timetz|time with time zone|interval|inet|cidr|macaddr8?|bytea|bit|bit varying|money|xml|point|line|lseg|box|path|polygon|circle|oid|pg_lsn|tsvector|tsquery|\w+range)\b/;

const MAX_VARCHAR = 10_485_760;
const MAX_PRECISION = 1000;
const MAX_SECOND_DIGITS = 6;

/** The types that a person may declare, for messages. */
export const DECLARABLE_TYPES: readonly string[] = [
  ...Object.keys(CHECKED_TYPES).filter((name) => name !== "bpchar"),
  "numeric(p,s)",
  "varchar(n)",
  "char(n)",
  ...DATABASE_TYPES,
];

/**
 * Understands a declared type, in any case and with PostgreSQL's own aliases; null when it is not one of
 * `DECLARABLE_TYPES` or its parameters are out of range. PostgreSQL 14 knows no scale below 0 or above the precision, so
 * such a `numeric` is read where a table has it and cannot be declared.
 */
export function parseDeclaredType(text: string): SqlType | null {
  const checked = parseCheckedType(text);
  const { scale = 0, precision = scale } = checked ?? {};
  if (scale < 0 || scale > precision) return null;
  if (checked !== null) return checked;
  const { name, parameters } = splitType(text);
  if (parameters !== null || !DATABASE_TYPES.includes(name)) return null;
  return { type: "text", sqlType: name, isText: false, ...binaryFormOf(name) };
}

/**
 * Understands a type as the catalog spells it. A type that Sluice does not check keeps its spelling, and its values are
 * passed on as text for the database to judge.
 */
export function readCatalogType(sqlType: string): SqlType {
  const checked = parseCheckedType(sqlType);
  if (checked !== null) return { ...checked, sqlType };
  const maxBytes = CUT_TYPES[sqlType];
  const isText = maxBytes !== undefined || !NOT_TEXT.test(sqlType);
  const limit = maxBytes === undefined ? {} : { maxBytes };
  return { type: "text", sqlType, isText, ...limit, ...binaryFormOf(sqlType) };
}

function binaryFormOf(sqlType: string): Pick<SqlType, "binaryForm"> {
  if (sqlType === "bytea") return { binaryForm: "bytea" };
  return SENT_AS_TEXT.test(sqlType) ? { binaryForm: "text" } : {};
}

/** How the values of a planned column are checked, whatever its type is called. */
export function typeOfColumn(
  column: Pick<PlannedColumn, "sqlType" | "checkedAs" | "isText" | "labels">,
): SqlType {
  const { sqlType, checkedAs, isText, labels } = column;
  if (labels !== undefined) return { type: "enum", sqlType, labels, isText: false };
  const type = readCatalogType(checkedAs ?? sqlType);
  return { ...type, isText: isText ?? type.isText };
}

function parseCheckedType(text: string): SqlType | null {
  const { name, parameters } = splitType(text);
  const plain = Object.hasOwn(CHECKED_TYPES, name) ? CHECKED_TYPES[name] : undefined;
  if (plain === undefined) return null;
  if (parameters === null) return plain;
  switch (name) {
    case "numeric":
      return numericType(plain, parameters);
    case "varchar":
    case "char":
      return parameters.length === 1 && isBetween(parameters[0], 1, MAX_VARCHAR)
        ? { ...plain, sqlType: `${name}(${parameters[0]})`, maxLength: parameters[0] }
        : null;
    case "timestamp":
    case "timestamptz":
    case "time":
      return parameters.length === 1 && isBetween(parameters[0], 0, MAX_SECOND_DIGITS)
        ? { ...plain, sqlType: `${name}(${parameters[0]})`, secondDigits: parameters[0] }
        : null;
    default:
      return null;
  }
}

function numericType(plain: SqlType, parameters: readonly number[]): SqlType | null {
  const [precision, scale = 0, ...rest] = parameters;
  if (rest.length > 0 || !isBetween(precision, 1, MAX_PRECISION)) return null;
  if (!isBetween(scale, -MAX_PRECISION, MAX_PRECISION)) return null;
  return { ...plain, sqlType: `numeric(${precision},${scale})`, precision, scale };
}

function isBetween(value: number | undefined, low: number, high: number): value is number {
  return value !== undefined && value >= low && value <= high;
}

/** `timestamp(3) with time zone` → `timestamptz` and [3]. Parameters are null when there are none. */
function splitType(text: string): { name: string; parameters: readonly number[] | null } {
  const words = text.trim().toLowerCase().replaceAll(/\s+/g, " ");
  const match = /^([a-z][a-z0-9 ]*?) ?\( ?(-?\d{1,8}(?: ?, ?-?\d{1,8})*) ?\)((?: [a-z ]+)?)$/.exec(
    words,
  );
  const name = match === null ? words : `${match[1]}${match[3]}`;
  const alias = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
  const parameters = match?.[2] === undefined ? null : match[2].split(",").map(Number);
  return { name: alias ?? name, parameters };
}
