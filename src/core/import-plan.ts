/**
 * Everything that a runner needs to import a file without asking anybody: decided once when the job is created,
 * kept with the job, the same for every part and after every restart.
 */
import type { ImportMode, TableName } from "./job.ts";
import type { DecidedReading } from "./reading-options.ts";

/** How records are told apart: bytes of the text in UTF-8. Quote, escape and comment are ASCII characters. */
export interface Dialect {
  readonly delimiter: number;
  /** The bytes behind `delimiter` where it has more than one. */
  readonly delimiterRest?: readonly number[];
  readonly quote: number;
  /** Equal to `quote` when a doubled quote stands for one. */
  readonly escape: number;
  /** A line that begins with it where a record would start is no record. */
  readonly comment?: number;
  /** Whether spaces and tabs around fields are taken away. */
  readonly trim?: true;
}

/** How a stored file is packed. */
export interface Packing {
  readonly kind: "gzip" | "zip";
  /** Size of the stored file; the size of the source is what it inflates to. */
  readonly storedBytes: number;
}

/** Types that Sluice checks and encodes itself. */
export const COLUMN_TYPES = [
  "integer",
  "bigint",
  "numeric",
  "double precision",
  "boolean",
  "date",
  "timestamp",
  "timestamptz",
  "uuid",
  "text",
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** One column of the target that the file fills. */
export interface PlannedColumn {
  /** Position in the record, from 0. */
  readonly field: number;
  /** Header text as it is in the file. */
  readonly header: string;
  /** Name in the table, unquoted. */
  readonly column: string;
  /** How the value is checked. Types that Sluice does not know are checked as `text` and then by the database. */
  readonly type: ColumnType;
  /** The type as SQL, made by Sluice or read from the catalog: `numeric(5,2)`. */
  readonly sqlType: string;
  readonly isRequired: boolean;
  /** Why this type: "leading zeros", "declared", "from the table". */
  readonly reason: string;
}

/** A job's decisions. JSON: it lives in the job row. */
export interface ImportPlan {
  readonly mode: ImportMode;
  readonly target: TableName;
  /** Name of the staging table in schema `sluice`. */
  readonly staging: string;
  /** Name of the column that holds the record number in staging. No header can become this name. */
  readonly recordColumn: string;
  /** Canonical name of the encoding: `utf-8`, `windows-1252`. */
  readonly encoding: string;
  readonly dialect: Dialect;
  /** What is done with records that do not fit, and how much is read. */
  readonly reading: DecidedReading;
  /** Where the first data record starts. */
  readonly start: { readonly byte: number; readonly line: number };
  /** Fields that every record must have. */
  readonly width: number;
  readonly columns: readonly PlannedColumn[];
  /**
   * The source, pinned: a job never goes on over a file that changed. `bytes` counts the source: of a packed file
   * what it inflates to, which is also what checkpoints count.
   */
  readonly source: {
    readonly file: string;
    readonly bytes: number;
    /** Of the stored file. */
    readonly sha256: string;
    /** Absent for a file that is not packed. */
    readonly packing?: Packing;
  };
  /** Whether the file may be cut into parts. */
  readonly isSplittable: boolean;
  readonly warnings: readonly PlanWarning[];
}

/** Something a person should know before the start. */
export interface PlanWarning {
  readonly code: "header_renamed" | "leading_zeros_lost" | "wide_table" | "header_looks_like_data";
  readonly message: string;
}

/** What PostgreSQL knows of an existing target's column. */
export interface TargetColumn {
  readonly name: string;
  readonly sqlType: string;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
  /** False for generated columns and identity columns that are always generated. */
  readonly isWritable: boolean;
}

/** An existing target. */
export interface TargetTable extends TableName {
  readonly columns: readonly TargetColumn[];
}
