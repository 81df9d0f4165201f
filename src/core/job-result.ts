/** What jobs that have ended came to. */
import type { DryRunOutcome } from "./dry-run.ts";

/** What an ended import made visible. */
export interface JobResult {
  /** `none`: a dry run, which makes nothing visible. */
  readonly rows: "kept" | "undone" | "none";
  /** What a dry run has counted. Absent for others. */
  readonly dryRun?: DryRunOutcome;
  /** New rows that were made visible and are kept. */
  readonly rowsInserted: number;
  /** Rows of the target that records changed. Absent: none. */
  readonly rowsUpdated?: number;
  /** Records that were in the target already, in every column that the file fills. Absent: none. */
  readonly rowsUnchanged?: number;
  /** Rows that the target had before, in the place of which those of the file are. Absent: none. */
  readonly rowsReplaced?: number;
  /** Rows that an undo took out of the target again. Absent: none. */
  readonly rowsRemoved?: number;
  /** Rows that an undo has given what they had before the job, or put back. Absent: none. */
  readonly rowsRestored?: number;
  /** Rows that an undo left, because somebody had changed or deleted them since. Absent: none. */
  readonly rowsLeft?: number;
  /** Rows that an undo left, because the table refused to delete them: something refers to them above all. Absent: none. */
  readonly rowsFailed?: number;
  /** Why it refused, the most frequent reasons first. Absent: none. */
  readonly failedReasons?: readonly FailedReason[];
  /** Whether an undo has dropped the table, which the job had made. Absent: no. */
  readonly isTableDropped?: boolean;
}

/** Why rows could not be deleted, and how many of them. */
export interface FailedReason {
  readonly reason: string;
  readonly rows: number;
}

/** That an import has ended with its rows kept, and what that means for an undo now. */
export interface KeptRows {
  readonly undoableUntil: Date;
  /** Null: they can be undone. */
  readonly refusal: "rows_overwritten" | "expired" | "table_gone" | "rows_unknown" | null;
}

/** The file that an export ended with. It may have been deleted since. */
export interface ExportResult {
  readonly file: string;
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly rows: number;
}
