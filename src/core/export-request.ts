/** What a person asked of an export, and what the catalog says about where its rows come from. */
import type {
  Compression,
  ExportColumn,
  ExportFormat,
  ExportMethod,
  ExportType,
  KeyColumn,
} from "./export-plan.ts";
import type { TableName } from "./job.ts";

/** One end of a filter: rows from this value on, or up to it without it. */
export interface RangeRequest {
  readonly column: string;
  readonly value: string | number;
}

/** What the result file is to look like. Absent fields take their defaults, which lose nothing. */
export interface FormatRequest {
  /** Default `csv`. */
  readonly type?: ExportType;
  /** Default: a comma, of `tsv` a tab. */
  readonly delimiter?: string;
  /** Default `needed`. */
  readonly quotes?: ExportFormat["quotes"];
  /** Default: nothing. */
  readonly null?: string;
  /** Default true. */
  readonly header?: boolean;
  /** Default `lf`. */
  readonly lineEnd?: ExportFormat["lineEnd"];
  /** Default false. */
  readonly gzip?: boolean;
  /** Default false. */
  readonly zstd?: boolean;
  /** Default false. */
  readonly spreadsheetSafe?: boolean;
}

/** What a person asked of an export: a table or a query. Absent fields take their defaults. */
export interface ExportRequest {
  readonly kind: "export";
  /** `table` or `schema.table`. */
  readonly table?: string;
  /** A query that only reads. */
  readonly sql?: string;
  /** Default: all, in the order of the table. */
  readonly columns?: readonly string[];
  /** A condition in SQL. */
  readonly where?: string;
  readonly from?: RangeRequest;
  readonly to?: RangeRequest;
  /** Default: the key of the table. */
  readonly orderBy?: readonly string[];
  /** Default: `keyed` where there is a key to read by. */
  readonly method?: ExportMethod;
  readonly format?: FormatRequest;
  /** A name for people. Default: `table → file`. */
  readonly name?: string;
  /** Creates the job in state `paused`. Default false. */
  readonly startPaused?: boolean;
  /** How many rows a second are read at the most; null or absent: as many as can be. */
  readonly maxRecordsPerSecond?: number | null;
}

/** A table, view or other relation as the catalog knows it. */
export interface SourceRelation extends TableName {
  readonly columns: readonly (ExportColumn & { readonly isNullable: boolean })[];
  /** Unique keys whose columns are never NULL, in ascending order, the primary key first. None for views. */
  readonly keys: readonly (readonly KeyColumn[])[];
  /** Size of its heap; 0 for views. */
  readonly bytes: number;
}

/** Whether this Node can write a packing. */
export type CanCompress = (compression: Compression) => boolean;
