/**
 * What a person has decided of an import so far. It is kept in the tab, so that a reload loses nothing, and becomes the body of a
 * request.
 */
import type {
  Column,
  Inspection,
  InspectRequest,
  ImportDecisions,
  ImportJob,
  Reading,
  Table,
} from "../api/types.ts";
import { keep, recall } from "../storage.ts";

/** By `keyOf` a column of the file: its name in the table; null leaves it out. */
export type Columns = Readonly<Record<string, string | null>>;

/** The decisions. */
export interface Draft {
  /** Empty: made from the file's name. */
  readonly table: string;
  readonly mode: ImportJob["mode"];
  readonly delivery: ImportJob["delivery"];
  readonly onConflict: ImportJob["onConflict"];
  /** By which rows of a table that exists are updated, or the primary key of a new one. */
  readonly key: readonly string[];
  readonly columns: Columns;
  /** By the name in the table. */
  readonly types: Readonly<Record<string, string>>;
  /** How the file is read, where a person says so. */
  readonly reading: Reading;
  /** As typed: a number or a percentage; empty: never. */
  readonly maxRejected: string;
  /** As typed; empty: never. */
  readonly pauseAfter: string;
  /** Rows a second, as typed; empty: full speed. */
  readonly speed: string;
  /** Of the sample data: the job runs in a worker that may be killed. */
  readonly isSample: boolean;
  /** When the decisions were made, where they are those of an import before. */
  readonly usedOf: string | null;
}

const EMPTY: Draft = {
  table: "",
  mode: "create",
  delivery: "staged",
  onConflict: "reject",
  key: [],
  columns: {},
  types: {},
  reading: {},
  maxRejected: "",
  pauseAfter: "",
  speed: "",
  isSample: false,
  usedOf: null,
};

/** A draft in which nothing is said. */
export function newDraft(): Draft {
  return EMPTY;
}

/** The draft of a rerun: what the job before was asked for. A table that it made is not made twice. */
export function draftOfJob(job: ImportJob): Draft {
  const { table, mode, delivery, onConflict, columns, types, reading } = job;
  const isMade = mode === "create" && job.result?.rows === "kept";
  return {
    ...EMPTY,
    table: isMade ? nextName(table) : table,
    mode,
    delivery,
    onConflict,
    key: job.key ?? [],
    columns,
    types,
    reading,
    maxRejected: textOf(job.maxRejected),
    pauseAfter: textOf(job.pauseAfter),
    speed: textOf(job.maxRecordsPerSecond),
  };
}

function textOf(value: string | number | null): string {
  return value === null ? "" : String(value);
}

/** The name that a table gets whose own is taken. */
export function nextName(table: string): string {
  const [, stem = table, number = "1"] = /^(.*)_(\d{1,4})$/.exec(table) ?? [];
  return `${stem}_${Number(number) + 1}`;
}

function nameOf(fileId: string, rerunOf: string | null): string {
  return `draft.${fileId}.${rerunOf ?? "new"}`;
}

/** The draft that this tab keeps, or null. */
export function recallDraft(fileId: string, rerunOf: string | null): Draft | null {
  const text = recall(nameOf(fileId, rerunOf), "session");
  if (text === null) return rerunOf === null ? EMPTY : null;
  try {
    return { ...EMPTY, ...(JSON.parse(text) as Draft) }; // written by keepDraft
  } catch {
    return rerunOf === null ? EMPTY : null; // written by another version of the page
  }
}

/** Keeps a draft in this tab; null takes it away. */
export function keepDraft(fileId: string, rerunOf: string | null, draft: Draft | null): void {
  keep(nameOf(fileId, rerunOf), draft === null ? null : JSON.stringify(draft), "session");
}

/** A column of the file. */
export type FileColumn = Pick<Column, "number" | "header">;

/** How requests name a column of the file: by its header, by its number where the header does not do. */
function keyOf({ header, number }: FileColumn, all: readonly FileColumn[]): string {
  const isAlone = all.filter((other) => other.header === header).length === 1;
  return header !== "" && isAlone ? header : `#${number}`;
}

/**
 * Where each column goes. For a table that exists everything is said: its column of that name, or nothing, so that one
 * column without a place is not an error but a choice that can be seen. For a new table only what a person has said.
 */
export function columnsOf(
  { columns, mode }: Draft,
  found: Inspection["columns"],
  target: Table | null,
): Columns {
  if (mode === "create" || target === null) return columns;
  const nameFor = ({ header, column }: Column): string | null => {
    const fits = (name: string): boolean =>
      name === header || name.toLowerCase() === header.toLowerCase() || name === column;
    return target.columns.find(({ name }) => fits(name))?.name ?? null;
  };
  const known = new Set(target.columns.map(({ name }) => name));
  return Object.fromEntries(
    found.map((column) => {
      const key = keyOf(column, found);
      const said = columns[key];
      const isSaid = said === null || (said !== undefined && known.has(said));
      return [key, isSaid ? said : nameFor(column)];
    }),
  );
}

/** What the file is looked at by itself with: formats of dates are of columns that it does not name yet. */
export function lookRequestOf({ reading }: Pick<Draft, "reading">): InspectRequest {
  const { dateFormats: _formats, ...others } = reading;
  return { reading: others };
}

/** What the service is asked to look at. */
export function inspectRequestOf(draft: Draft, columns: Columns): InspectRequest {
  const { mode, types, key, reading } = draft;
  const table = draft.table.trim();
  return {
    ...(table === "" ? {} : { table }),
    mode,
    columns,
    ...(mode === "create" ? { types } : {}),
    ...(key.length > 0 ? { key: [...key] } : {}),
    reading,
  };
}

/** Whether the service would be asked the same of both. */
export function isSameQuestion(one: Draft, other: Draft): boolean {
  const [question, same] = [one, other].map((draft) => inspectRequestOf(draft, draft.columns));
  return JSON.stringify(question) === JSON.stringify(same);
}

/** What the job is asked for, beside the file. */
export function requestOf(draft: Draft, columns: Columns): ImportDecisions {
  const { onConflict } = draft;
  const isAppend = draft.mode === "append";
  const limit = draft.maxRejected.trim();
  return {
    ...inspectRequestOf(draft, columns),
    // A new table is there at the end or not at all.
    delivery: isAppend && onConflict === "reject" ? draft.delivery : "staged",
    onConflict: isAppend ? onConflict : "reject",
    maxRejected: limit === "" ? null : (numberOf(limit) ?? limit),
    pauseAfter: numberOf(draft.pauseAfter),
    maxRecordsPerSecond: numberOf(draft.speed),
    // In a table that was there before, the rows of the sample could not be counted.
    ...(draft.isSample && draft.mode === "create" ? { sample: true } : {}),
  };
}

function numberOf(text: string): number | null {
  return /^\d+$/.test(text.trim()) ? Number(text) : null;
}

/** One line of the mapping. */
export interface MappedColumn extends FileColumn {
  readonly key: string;
  /** Its name in the table; null when it is left out. */
  readonly column: string | null;
  /** Null when it is left out, or nothing is planned yet. */
  readonly planned: Column | null;
  readonly examples: readonly string[];
}

/** Every column of the file, in its order. */
export function mappingOf(
  found: Inspection["columns"],
  columns: Columns,
  plan: Inspection | null,
): readonly MappedColumn[] {
  return found.map((each) => {
    const { number, header, examples } = each;
    const key = keyOf(each, found);
    const said = columns[key];
    const planned = said === null ? null : plan?.columns.find((other) => other.number === number);
    const column = said === undefined ? (planned ?? each).column : said;
    return { key, number, header, examples, column, planned: planned ?? null };
  });
}

/** A column goes to another name, or is left out (null), or to the name that the service gives it (undefined). */
export function mapColumn(
  draft: Draft,
  { key, column }: Pick<MappedColumn, "key" | "column">,
  to: string | null | undefined,
): Draft {
  const { [key]: _before, ...others } = draft.columns;
  const columns = to === undefined ? others : { ...others, [key]: to };
  if (column === null) return { ...draft, columns };
  // Its type goes with it, and how its dates are written.
  const { [column]: type, ...types } = draft.types;
  const format = draft.reading.dateFormats?.[column] ?? draft.reading.dateFormats?.[key];
  const { reading } = withoutDateFormat(draft, [column, key]);
  return {
    ...draft,
    columns,
    types: type === undefined || to == null ? types : { ...types, [to]: type },
    reading: format === undefined || to == null ? reading : withDateFormat(reading, to, format),
  };
}

function withDateFormat(reading: Reading, column: string, format: string): Reading {
  return { ...reading, dateFormats: { ...reading.dateFormats, [column]: format } };
}

/** Says how the dates of a column are written. */
export function declareDates(draft: Draft, column: string, format: string): Draft {
  return { ...draft, reading: withDateFormat(draft.reading, column, format) };
}

/** Formats of dates are said by the name in the table, or by `keyOf` the column of the file. */
function withoutDateFormat(draft: Draft, names: readonly string[]): Draft {
  const { dateFormats = {}, ...others } = draft.reading;
  const left = Object.entries(dateFormats).filter(([name]) => !names.includes(name));
  if (left.length === 0) return { ...draft, reading: others };
  return { ...draft, reading: { ...others, dateFormats: Object.fromEntries(left) } };
}

/** Rows go elsewhere. How dates are written was said of columns that are not there. */
export function changeTarget(draft: Draft, mode: Draft["mode"], table: string): Draft {
  const { dateFormats: _formats, ...reading } = draft.reading;
  return { ...draft, mode, table, reading, key: [], onConflict: "reject" };
}

/** What becomes of a row of the file that the table has already. */
export type Way = Partial<Pick<Draft, "mode" | "onConflict" | "key">>;

/** Every way, with its words: rows are updated by a key that the file fills. */
export function waysOf(
  target: Table,
  mapping: readonly Pick<MappedColumn, "column">[],
): readonly (readonly [words: string, way: Way])[] {
  const filled = mapping.map(({ column }) => column);
  const keys = target.uniqueKeys.filter((key) => key.every((column) => filled.includes(column)));
  return [
    ...keys.map(
      (key) => [`update it, matched by ${key.join(", ")}`, { mode: "upsert", key }] as const,
    ),
    ["skip it", { mode: "append", onConflict: "skip" }],
    ["reject it", { mode: "append", onConflict: "reject" }],
    ["replace the whole table", { mode: "replace" }],
  ];
}

/** Whether a draft has chosen a way. */
export function isWay(draft: Draft, way: Way): boolean {
  return Object.entries(way).every(
    ([field, value]) => String(draft[field as keyof Way]) === String(value), // a field of it
  );
}

/** Two columns go where the other went. Types stay with the names in the table. */
export function exchangeColumns(
  draft: Draft,
  mapping: readonly MappedColumn[],
  names: readonly string[],
): Draft {
  const [one, other] = names.map((name) => mapping.find(({ column }) => column === name));
  if (one === undefined || other === undefined) return draft;
  const columns = { ...draft.columns, [one.key]: other.column, [other.key]: one.column };
  return { ...draft, columns };
}

/** A column gets another type; empty: found out. How its dates are written does not fit the new one. */
export function typeColumn(
  draft: Draft,
  { key, column }: { readonly key: string; readonly column: string },
  type: string,
): Draft {
  const { [column]: _before, ...types } = draft.types;
  return {
    ...withoutDateFormat(draft, [column, key]),
    types: type === "" ? types : { ...types, [column]: type },
  };
}

type Offer = NonNullable<Column["offers"]>[number];

/** Takes what the service offers a column of text to be. */
export function takeOffer(
  draft: Draft,
  column: { readonly key: string; readonly column: string },
  offer: Offer,
): Draft {
  const { type, reason: _reason, dateFormat, ...spelling } = offer;
  const typed = typeColumn(draft, column, type);
  const reading: Reading = { ...typed.reading, ...spelling };
  return {
    ...typed,
    reading:
      dateFormat === undefined ? reading : withDateFormat(reading, column.column, dateFormat),
  };
}
