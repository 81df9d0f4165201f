/** What people choose from: the tables and views of the database, as its catalog knows them. */
import type { SourceRelation } from "./export-request.ts";
import type { TableName } from "./job.ts";
import type { Page } from "./job-service.ts";

/** What has rows. `table` is also one in partitions. */
export const RELATION_KINDS = ["table", "view", "materialized view", "foreign table"] as const;

/** A relation as lists show it. */
export interface TableSummary extends TableName {
  readonly kind: (typeof RELATION_KINDS)[number];
  /** By the statistics of the database: about. Null while it has none, and for views. */
  readonly rows: number | null;
  /** Size of its heap; 0 for views. */
  readonly bytes: number;
}

/** A relation with what a form about it needs. */
export interface TableDescription extends TableName, Pick<SourceRelation, "columns"> {
  readonly kind: TableSummary["kind"];
  /** As the planner estimates it: about. Null when it cannot. */
  readonly rows: number | null;
  readonly bytes: number;
  /** Columns of the key by which rows are told apart; null without one. */
  readonly key: readonly string[] | null;
  /** See `TargetTable.uniqueKeys`. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** Rows of the last export of it that succeeded; null when there is none. */
  readonly lastExportRows: number | null;
}

/** Reads the catalog. Tables of Sluice and of PostgreSQL itself, and those that the role may not read, are not there. */
export interface TableCatalog {
  /** In the order of their names; a partition is shown by its table. `cursor` is the `next` of the page before. */
  listTables(filter: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<TableSummary>>;
  /** Null when there is none of this name. */
  describeTable(name: TableName): Promise<TableDescription | null>;
}

/** A name as requests take it: quoted where it could be read in another way. */
export function tableReference({ schema, table }: TableName): string {
  return [schema, table]
    .map((part) => (/[".]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part))
    .join(".");
}

/** Where the next page of a list begins: behind this name. */
export function tableCursor({ schema, table }: TableName): string {
  return JSON.stringify([schema, table]);
}

/** The name that a cursor holds; null for what is none. */
export function readTableCursor(cursor: string): TableName | null {
  try {
    const parts: unknown = JSON.parse(cursor);
    if (!Array.isArray(parts) || parts.length !== 2) return null;
    const [schema, table] = parts as readonly unknown[];
    return typeof schema === "string" && typeof table === "string" ? { schema, table } : null;
  } catch {
    return null; // not one that a page has given
  }
}
