/**
 * What a person has decided of an import so far. It is kept in the tab, so that a reload loses nothing, and becomes the body of a
 * request.
 */
import type {
  Column,
  Inspection,
  InspectRequest,
  ImportJob,
  Plan,
  Reading,
  ImportDecisions,
} from "../api/types.ts";
import { keep, recall } from "../storage.ts";

/** A column of the file that is left out. What is planned does not name it any more. */
export interface LeftOut {
  readonly number: number;
  readonly header: string;
}

/** The decisions. */
export interface Draft {
  /** Empty: made from the file's name. */
  readonly table: string;
  readonly mode: ImportJob["mode"];
  readonly delivery: ImportJob["delivery"];
  /** By `keyOf` a column: its name in the table; null leaves it out. */
  readonly columns: Readonly<Record<string, string | null>>;
  /** By the name in the table. */
  readonly types: Readonly<Record<string, string>>;
  /** How the file is read, where a person says so; null in a rerun that reads as the job before. */
  readonly reading: Reading | null;
  readonly leftOut: readonly LeftOut[];
  /** As typed: a number or a percentage; empty: never. */
  readonly maxRejected: string;
  /** As typed; empty: never. */
  readonly pauseAfter: string;
  /** Rows a second, as typed; empty: full speed. */
  readonly speed: string;
  /** Of the sample data: the job runs in a worker that may be killed. */
  readonly isSample: boolean;
}

const EMPTY: Draft = {
  table: "",
  mode: "create",
  delivery: "staged",
  columns: {},
  types: {},
  reading: {},
  leftOut: [],
  maxRejected: "",
  pauseAfter: "",
  speed: "",
  isSample: false,
};

/** A draft in which nothing is said. */
export function newDraft(): Draft {
  return EMPTY;
}

/** The draft of a rerun: what the job before was asked for. A table that it made is not made twice. */
export function draftOfJob(job: ImportJob): Draft {
  const isMade = job.mode === "create" && job.result?.rows === "kept";
  return {
    ...EMPTY,
    table: isMade ? `${job.table}_2` : job.table,
    mode: job.mode,
    delivery: job.delivery,
    columns: job.columns,
    types: job.types,
    reading: null,
    leftOut: Object.entries(job.columns).flatMap(([header, column], index) =>
      column === null ? [{ number: 10_000 + index, header }] : [],
    ),
    maxRejected: job.maxRejected === null ? "" : String(job.maxRejected),
    pauseAfter: job.pauseAfter === null ? "" : String(job.pauseAfter),
    speed: job.maxRecordsPerSecond === null ? "" : String(job.maxRecordsPerSecond),
  };
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

/** How requests name a column of the file: by its header, by its number where the header does not do. */
function keyOf(column: LeftOut, all: readonly LeftOut[]): string {
  const isAlone = all.filter(({ header }) => header === column.header).length === 1;
  return column.header !== "" && isAlone ? column.header : `#${column.number}`;
}

/** What the service is asked to look at. */
export function inspectRequestOf(draft: Draft): InspectRequest {
  return { ...decisionsOf(draft), ...(draft.reading === null ? {} : { reading: draft.reading }) };
}

/** What the job is asked for, beside the file. A rerun that reads as before does not name how. */
export function requestOf(draft: Draft): ImportDecisions {
  return {
    ...inspectRequestOf(draft),
    // A new table is there at the end or not at all.
    delivery: draft.mode === "append" ? draft.delivery : "staged",
    maxRejected: maxRejectedOf(draft.maxRejected),
    pauseAfter: numberOf(draft.pauseAfter),
    maxRecordsPerSecond: numberOf(draft.speed),
    // In a table that was there before, the rows of the sample could not be counted.
    ...(draft.isSample && draft.mode === "create" ? { sample: true } : {}),
  };
}

function numberOf(text: string): number | null {
  return /^\d+$/.test(text.trim()) ? Number(text) : null;
}

function maxRejectedOf(text: string): string | number | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function decisionsOf({ table, mode, columns, types }: Draft): InspectRequest {
  const name = table.trim();
  return {
    ...(name === "" ? {} : { table: name }),
    mode,
    columns,
    ...(mode === "create" ? { types } : {}),
  };
}

/** A column goes to another name, or is left out (null). Its type goes with it. */
export function mapColumn(
  draft: Draft,
  column: LeftOut & { readonly column: string | null },
  all: readonly LeftOut[],
  to: string | null,
): Draft {
  const key = keyOf(column, all);
  const types = { ...draft.types };
  const type = column.column === null ? undefined : types[column.column];
  if (column.column !== null) delete types[column.column];
  if (type !== undefined && to !== null) types[to] = type;
  const others = draft.leftOut.filter(({ number }) => number !== column.number);
  const leftOut =
    to === null ? [...others, { number: column.number, header: column.header }] : others;
  const columns = { ...draft.columns, [key]: to };
  return { ...draft, columns, types, leftOut };
}

/** A column that was left out goes in again, under the name that the service gives it. */
export function takeColumn(draft: Draft, column: LeftOut, all: readonly LeftOut[]): Draft {
  const { [keyOf(column, all)]: _left, ...columns } = draft.columns;
  const leftOut = draft.leftOut.filter(({ number }) => number !== column.number);
  return { ...draft, columns, leftOut };
}

/** A column gets another type; empty: found out. */
export function typeColumn(draft: Draft, column: string, type: string): Draft {
  const { [column]: _before, ...types } = draft.types;
  return { ...draft, types: type === "" ? types : { ...types, [column]: type } };
}

type Offer = NonNullable<Column["offers"]>[number];

/** Takes what the service offers a column of text to be. */
export function takeOffer(draft: Draft, column: string, offer: Offer): Draft {
  const reading: Reading = {
    ...draft.reading,
    ...(offer.decimal === undefined ? {} : { decimal: offer.decimal }),
    ...(offer.group === undefined ? {} : { group: offer.group }),
    ...(offer.timeZone === undefined ? {} : { timeZone: offer.timeZone }),
    ...(offer.dateFormat === undefined
      ? {}
      : { dateFormats: { ...draft.reading?.dateFormats, [column]: offer.dateFormat } }),
  };
  return { ...typeColumn(draft, column, offer.type), reading };
}

/** One line of the mapping. */
export interface MappedColumn extends LeftOut {
  /** Null when it is left out. */
  readonly column: string | null;
  readonly planned: Column | null;
  readonly examples: readonly string[];
}

/** Every column of the file, in its order: what is planned, and what is left out. */
export function mappingOf(
  draft: Draft,
  plan: Pick<Plan, "columns">,
  inspection: Inspection | null,
): readonly MappedColumn[] {
  const examples = new Map(inspection?.columns.map((column) => [column.number, column.examples]));
  const planned = plan.columns.map((column) => ({
    number: column.number,
    header: column.header,
    column: column.column,
    planned: column,
    examples: examples.get(column.number) ?? [],
  }));
  const numbers = new Set(planned.map(({ number }) => number));
  const left = draft.leftOut
    .filter(({ number }) => !numbers.has(number))
    .map((column) => ({
      ...column,
      column: null,
      planned: null,
      examples: sampleOf(inspection, column.number),
    }));
  return [...planned, ...left].toSorted((one, other) => one.number - other.number);
}

function sampleOf(inspection: Inspection | null, number: number): readonly string[] {
  const values = (inspection?.sample ?? []).map((record) => record[number - 1] ?? "");
  return [...new Set(values)].slice(0, 3);
}
