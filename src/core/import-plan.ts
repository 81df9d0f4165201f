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
  "time",
  "uuid",
  "json",
  "jsonb",
  "enum",
  "text",
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** How the values of a column are written in the file, where PostgreSQL would not read them so. */
export interface ValueSpelling {
  /** What stands before the fraction of a number. Default: a point. */
  readonly decimal?: ",";
  /** What stands between groups of three digits. Default: nothing. */
  readonly group?: string;
  /** How dates or times are written, such as `DD.MM.YYYY`. Default: as ISO 8601. */
  readonly dateFormat?: string;
  /** Where times without a zone are, for `timestamptz`. Default: such times are refused. */
  readonly timeZone?: string;
}

/** Another type that a column of text could have, if a person says so. */
export interface TypeOffer extends ValueSpelling {
  readonly type: ColumnType;
  /** What speaks for it, or the question that is left. */
  readonly reason: string;
}

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
  /** The SQL type that values are checked by where it is not `sqlType`: what a domain is made of. */
  readonly checkedAs?: string;
  /** Whether the quoted empty field is the empty string, for types that Sluice does not know by name. */
  readonly isText?: boolean;
  /** The values of an enum. */
  readonly labels?: readonly string[];
  readonly spelling?: ValueSpelling;
  /** What else it could be. Two offers of one type are a question: the file does not say which is right. */
  readonly offers?: readonly TypeOffer[];
}

/** How the records of a source are read, decided once for all parts and restarts. */
export interface ReadingPlan {
  /** Canonical name of the encoding: `utf-8`, `windows-1252`. */
  readonly encoding: string;
  readonly dialect: Dialect;
  /** What is done with records that do not fit, and how much is read. */
  readonly reading: DecidedReading;
  /** Where the first data record starts. */
  readonly start: { readonly byte: number; readonly line: number };
  /** Fields that every record must have. */
  readonly width: number;
  /**
   * The source, pinned: a job never goes on over a file that changed. `bytes` counts the source: of a packed file
   * what it inflates to, which is also what checkpoints count.
   */
  readonly source: {
    readonly file: string;
    readonly bytes: number;
    /** Of the stored file. */
    readonly sha256: string;
    /** Version of the stored file, see `FileStore.stat`. */
    readonly version?: string;
    /** Absent for a file that is not packed. */
    readonly packing?: Packing;
    /**
     * The file still arrives. `bytes` counts what was there when the plan was read, `sha256` is empty: both, and the
     * version, are fixed when the last byte has come, and plans that are read from then on have them.
     */
    readonly isArriving?: true;
  };
}

/** A job's decisions. JSON: it lives in the job row. */
export interface ImportPlan extends ReadingPlan {
  readonly mode: ImportMode;
  /** Absent: rows wait in the staging table. With `direct` there is none. */
  readonly delivery?: "direct";
  readonly target: TableName;
  /** Name of the staging table in schema `sluice`. */
  readonly staging: string;
  /**
   * Name of the column that holds the record number in staging; no header can become this name. Absent where no row is
   * ever looked for again by its number: rows of a new table without a key go where they are, as do those of `direct`.
   */
  readonly recordColumn?: string;
  readonly columns: readonly PlannedColumn[];
  /** Columns of the primary key that a new table gets. Absent: none. */
  readonly key?: readonly string[];
  /** Of an `upsert`: columns of a unique index by which records are one with rows of the target, in its order. */
  readonly matchedBy?: readonly string[];
  /** Of an `append`: records whose key the target has are left out. Absent: they are rejected. */
  readonly onConflict?: "skip";
  /** Whether the file may be cut into parts. */
  readonly isSplittable: boolean;
  readonly warnings: readonly PlanWarning[];
}

/** Something a person should know before the start. */
export interface PlanWarning {
  readonly code:
    | "header_renamed"
    | "leading_zeros_lost"
    | "wide_table"
    | "header_looks_like_data"
    | "formula_like"
    | "bare_quote"
    | "blank_lines"
    | "mixed_line_ends"
    | "date_ambiguous"
    | "columns_look_exchanged"
    | "header_looks_like_title"
    | "words_for_null"
    | "new_rows_incomplete";
  readonly message: string;
  /** The columns that it is about, by their names in the table, where a cure needs them. */
  readonly columns?: readonly string[];
  /** The words that it is about, or the number of the line. */
  readonly values?: readonly string[];
}

/** What PostgreSQL knows of an existing target's column. */
export interface TargetColumn {
  readonly name: string;
  readonly sqlType: string;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
  /** False for generated columns and identity columns that are always generated. */
  readonly isWritable: boolean;
  /** What a domain is made of, through all its levels; absent for other types. */
  readonly baseType?: string;
  /** Whether PostgreSQL counts the type among the texts; when absent, told by its name. */
  readonly isText?: boolean;
  /** The values of an enum, or of a domain over one, in their order. */
  readonly labels?: readonly string[];
}

/** A foreign key that refers to a table. */
export interface TableReference {
  /** The table that refers, as people write it. */
  readonly table: string;
  readonly constraint: string;
  /** What is done to rows that refer to one that is deleted. */
  readonly onDelete: "no action" | "restrict" | "cascade" | "set null" | "set default";
  /** Whether the table refers to itself. */
  readonly isSelf: boolean;
}

/** An existing target. */
export interface TargetTable extends TableName {
  /** Whether its rows are in other tables, its partitions. */
  readonly isPartitioned?: true;
  readonly columns: readonly TargetColumn[];
  /**
   * The columns of each unique index that tells any two rows apart at once: over plain columns as they compare by
   * themselves, for all rows, not deferrable. The primary key first. Absent: none.
   */
  readonly uniqueKeys?: readonly (readonly string[])[];
  /** Whether a key is only checked when others are written, so that nobody can look out for it. Absent: none. */
  readonly hasDeferrableKey?: true;
  /** Foreign keys that refer to it. Absent: none. */
  readonly references?: readonly TableReference[];
}
