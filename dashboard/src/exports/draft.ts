/**
 * What a person has decided of an export so far. It is kept in the tab, so that a reload loses nothing, and becomes the body
 * of a request.
 */
import type { ExportJob, ExportRequest, Table } from "../api/types.ts";
import { keep, recall } from "../storage.ts";

type Format = NonNullable<ExportRequest["format"]>;

/** The decisions. Texts are as typed; empty: not said. */
export interface ExportDraft {
  readonly source: "table" | "sql";
  /** As `GET /v1/tables` names it. */
  readonly table: string;
  readonly sql: string;
  /** Null: all. */
  readonly columns: readonly string[] | null;
  /** The column of `from` and `to`. */
  readonly rangeColumn: string;
  readonly from: string;
  readonly to: string;
  readonly where: string;
  readonly orderBy: readonly string[];
  /** All rows of one moment, from a copy. */
  readonly isSnapshot: boolean;
  readonly format: Format;
}

const EMPTY: ExportDraft = {
  source: "table",
  table: "",
  sql: "",
  columns: null,
  rangeColumn: "",
  from: "",
  to: "",
  where: "",
  orderBy: [],
  isSnapshot: false,
  format: {},
};

/** The draft of an export like one before. */
export function draftOfExport(job: ExportJob): ExportDraft {
  const isKeyed = job.method === "keyed";
  return {
    ...EMPTY,
    source: job.table === null ? "sql" : "table",
    table: job.table ?? "",
    sql: job.sql ?? "",
    columns: job.table === null ? null : job.columns.map(({ name }) => name),
    rangeColumn: job.from?.column ?? job.to?.column ?? "",
    from: job.from?.value ?? "",
    to: job.to?.value ?? "",
    where: job.where ?? "",
    orderBy: isKeyed ? [] : job.orderBy,
    isSnapshot: job.table !== null && !isKeyed,
    format: formatOf(job.format),
  };
}

/** A format as it is asked for: what is the default is not said. */
function formatOf(format: ExportJob["format"]): Format {
  const { type, delimiter, quotes, header, lineEnd, compression, spreadsheetSafe } = format;
  const isText = type !== "jsonl";
  const usual = type === "tsv" ? "\t" : ",";
  return {
    ...(type === "csv" ? {} : { type }),
    ...(lineEnd === "lf" ? {} : { lineEnd }),
    ...(compression === "none" ? {} : { [compression]: true }),
    ...(isText && delimiter !== usual ? { delimiter } : {}),
    ...(isText && quotes !== "needed" ? { quotes } : {}),
    ...(isText && format.null !== "" ? { null: format.null } : {}),
    ...(isText && !header ? { header } : {}),
    ...(isText && spreadsheetSafe ? { spreadsheetSafe } : {}),
  };
}

function nameOf(like: string | null): string {
  return `export.${like ?? "new"}`;
}

/** The draft that this tab keeps; null when it keeps none. */
export function recallExport(like: string | null): ExportDraft | null {
  const text = recall(nameOf(like), "session");
  if (text === null) return null;
  try {
    return { ...EMPTY, ...(JSON.parse(text) as ExportDraft) }; // written by keepExport
  } catch {
    return null; // written by another version of the page
  }
}

/** A draft in which only the table is said, if that. */
export function newExport(table: string | null): ExportDraft {
  return { ...EMPTY, table: table ?? "" };
}

/** Keeps a draft in this tab; null takes it away. */
export function keepExport(like: string | null, draft: ExportDraft | null): void {
  keep(nameOf(like), draft === null ? null : JSON.stringify(draft), "session");
}

/** Another table: nothing that was said of the columns of the one before holds. */
export function changeTable(draft: ExportDraft, table: string): ExportDraft {
  return { ...draft, table, columns: null, rangeColumn: "", from: "", to: "", orderBy: [] };
}

/** A column goes into the file or not. The order is that of the table; all of them is as good as saying nothing. */
export function toggleColumn(draft: ExportDraft, table: Table, name: string): ExportDraft {
  const names = table.columns.map((column) => column.name);
  const chosen = new Set(draft.columns ?? names);
  if (!chosen.delete(name)) chosen.add(name);
  const columns = names.filter((column) => chosen.has(column));
  return { ...draft, columns: columns.length === names.length ? null : columns };
}

/** Another kind of file: what was said of CSV is not said of JSON Lines. */
export function changeType(draft: ExportDraft, type: NonNullable<Format["type"]>): ExportDraft {
  const { gzip, zstd, lineEnd, quotes, header, null: word, spreadsheetSafe } = draft.format;
  const packing = { gzip, zstd, lineEnd };
  const text = type === "jsonl" ? {} : { quotes, header, null: word, spreadsheetSafe };
  return { ...draft, format: said({ type, ...packing, ...text }) };
}

/** Something else of the file's format; undefined: not said any more. */
export function changeFormat(
  draft: ExportDraft,
  change: { readonly [Name in keyof Format]?: Format[Name] | undefined },
): ExportDraft {
  return { ...draft, format: said({ ...draft.format, ...change }) };
}

function said(format: { readonly [Name in keyof Format]?: Format[Name] | undefined }): Format {
  return Object.fromEntries(Object.entries(format).filter(([, value]) => value !== undefined));
}

/** The body of the request; null while it is not said what is to be exported. */
export function exportRequestOf(draft: ExportDraft): ExportRequest | null {
  const { format } = draft;
  const hasFormat = Object.keys(format).length > 0;
  if (draft.source === "sql")
    return draft.sql.trim() === "" ? null : { sql: draft.sql, ...(hasFormat ? { format } : {}) };
  if (draft.table === "" || draft.columns?.length === 0) return null;
  const { table, columns, rangeColumn: column, orderBy } = draft;
  const from = draft.from.trim();
  const to = draft.to.trim();
  const where = draft.where.trim();
  return {
    table,
    ...(columns === null ? {} : { columns }),
    ...(column === "" || from === "" ? {} : { from: { column, value: from } }),
    ...(column === "" || to === "" ? {} : { to: { column, value: to } }),
    ...(where === "" ? {} : { where }),
    ...(draft.isSnapshot ? { method: "snapshot" as const } : {}),
    ...(draft.isSnapshot && orderBy.length > 0 ? { orderBy } : {}),
    ...(hasFormat ? { format } : {}),
  };
}
