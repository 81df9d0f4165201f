/** What a dry run finds out: the import that it stands for, without its last step. */
import type { Job } from "./job.ts";

/** At most so many rows that would change are shown, and of each so many columns. */
export const SHOWN_CHANGES = 50;
/** See `SHOWN_CHANGES`. */
export const SHOWN_COLUMNS = 8;
/** Values that are shown are cut to so many characters. */
export const SHOWN_CHARACTERS = 60;

/** A value of a row as text, null where it has none. */
export interface ColumnChange {
  readonly column: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What one record would change in its row. */
export interface RowChange {
  /** Number of the record, from 1. */
  readonly record: number;
  /** The columns by which the row was found, with their values. */
  readonly key: Readonly<Record<string, string | null>>;
  /** Columns that would change, `SHOWN_COLUMNS` at the most. */
  readonly columns: readonly ColumnChange[];
  /** Columns that would change and are not among these. */
  readonly moreColumns: number;
}

/** What the import would do to its table, had it published when the dry run counted. */
export interface DryRunOutcome {
  readonly rowsInserted: number;
  readonly rowsUpdated: number;
  /** Records that are in the table already, or would be skipped. */
  readonly rowsUnchanged: number;
  /** Rows of the table that would go. */
  readonly rowsReplaced: number;
  /** The first rows that would be updated, in the order of the file. */
  readonly changes: readonly RowChange[];
}

/** Whether a job only says what it would do. */
export function isDryRun(job: Pick<Job, "kind" | "request">): boolean {
  return "dryRun" in job.request && (job.request.dryRun ?? false);
}
