/**
 * Rejected records that are put right: what a person says, what comes of it, and who may import it.
 *
 * A correction is checked by the reading and the checks of the job that rejected the record, and stored whether it fits or
 * not. A retry is a job of its own over a file of corrected records. Which record belongs to which retry is decided by rows,
 * in the transaction that creates the retry.
 */
import type { ReadingPlan, PlannedColumn } from "./import-plan.ts";
import type { StoredFile } from "./job.ts";
import type { StoredBytes } from "./ports.ts";
import type { SourceRecord } from "./record-ports.ts";
import type { Rejection, RejectionCode } from "./rejection.ts";
import type { ReadingOptions } from "./reading-options.ts";

/** At most this many bytes may a corrected record have. A longer one is corrected in a file. */
export const CORRECTION_LIMIT_BYTES = 1024 * 1024;
/** At most this many records are corrected at once. */
export const CORRECTIONS_AT_ONCE = 200;

/**
 * What a record is to hold. A list has every field in order, so that the record may have more or fewer than before; a map
 * has those that change, by header or by number as `#3`. Null: no value. A text stands in the record as it would in the
 * file without quotes, but for the empty text, which is a text. A text that the field has already changes nothing.
 */
export type CorrectedValues = readonly (string | null)[] | Readonly<Record<string, string | null>>;

/** A rejected record and what it is to hold. */
export interface RecordCorrection {
  /** Number among the data records, from 1. */
  readonly record: number;
  readonly values: CorrectedValues;
}

/** Why a corrected record does not fit. */
export interface CorrectionProblem extends Pick<Rejection, "column" | "value" | "message"> {
  readonly code: RejectionCode;
}

/** A corrected record. */
export interface Correction {
  /** Index of the field that does not fit, from 0; null when none does, or the whole record is at fault. Absent: not asked. */
  readonly field?: number | null;
  /** As many as it has now; null where there is no value. */
  readonly fields: readonly (string | null)[];
  /** Null when it fits, as far as can be told without the table. */
  readonly problem: CorrectionProblem | null;
  readonly by: string;
  readonly at: Date;
}

/** A corrected record as it is stored. */
export interface NewCorrection extends Pick<Correction, "fields" | "problem"> {
  readonly record: number;
  /** UTF-8 in the dialect of the job, without a line end. */
  readonly source: Uint8Array;
}

/** What is known of a rejected record beside the rejection. */
export interface RecordFix {
  readonly record: number;
  /** Index of the field for which the record was rejected; null when the whole record is at fault. Absent: not asked. */
  readonly field?: number | null;
  readonly correction: Correction | null;
  /** The retry that the record belongs to; null when none has it. */
  readonly retriedBy: string | null;
}

/** How far the corrections of a job are. */
export interface CorrectionCounts {
  /** Rejected records that no retry has. */
  readonly recordsOpen: number;
  /** Those of them that have a correction, and those whose correction fits. */
  readonly recordsCorrected: number;
  readonly recordsFitting: number;
}

/** Which rejected records a retry takes, in the order of its file. */
export type ClaimedRecords =
  /** Those with these numbers. */
  | { readonly by: "record"; readonly numbers: readonly number[] }
  /** Those that begin on these lines. */
  | { readonly by: "line"; readonly numbers: readonly number[] }
  /** All that no other retry has. There have to be `atLeast` of them. */
  | { readonly by: "all"; readonly atLeast: number };

/** What makes a new job a retry. */
export interface RetryClaim {
  /** The corrected file that was asked for; null for the stored corrections. */
  readonly file: string | null;
  readonly records: ClaimedRecords;
  /** The file that was written for it, which exists with the job; null when a stored file is read. */
  readonly made: (StoredBytes & { readonly id: string }) | null;
}

/** What is known of a job that is a retry. */
export interface RetryFacts {
  readonly file: string | null;
  /** Another retry has its records now: it cannot be resumed. */
  readonly isGivenBack: boolean;
}

/** Rows of corrections and retries. */
export interface CorrectionStore {
  findRejections(jobId: string, records: readonly number[]): Promise<readonly Rejection[]>;
  saveCorrections(
    jobId: string,
    corrections: readonly NewCorrection[],
    by: string,
  ): Promise<readonly (Correction & { readonly record: number })[]>;
  /** Forgets corrections, all of them without `record`; says how many there were. */
  deleteCorrections(jobId: string, record?: number): Promise<number>;
  /** What is known of these records, of each that is rejected, in order. */
  findFixes(jobId: string, records: readonly number[]): Promise<readonly RecordFix[]>;
  countCorrections(jobId: string): Promise<CorrectionCounts>;
  /** Corrections that fit, of records that no retry has, in order. */
  listFitting(
    jobId: string,
    page: { readonly limit: number; readonly afterRecord: number },
  ): Promise<readonly { readonly record: number; readonly source: Uint8Array }[]>;
}

/** A plan by which records are corrected: of an import with its columns. */
export type CheckedPlan = ReadingPlan & { readonly columns?: readonly PlannedColumn[] };

/** A rejected record with what it is to hold. */
export interface RejectedCorrection extends RecordCorrection {
  readonly rejection: Rejection;
}

/** A corrected file that somebody sent. */
export interface CorrectedFile {
  /** How it is read as a file of its own. */
  readonly reading: ReadingOptions;
  /** Whether its records begin with `_line`, `_column`, `_code` and `_reason`. */
  readonly hasReasons: boolean;
  /** How records without the reasons are read when they are written by `head` and `records`. */
  readonly bareReading: ReadingOptions;
  /** The header without the reasons, with its line end; empty for a file without header. */
  readonly head: Uint8Array;
  /**
   * Its records in batches. With reasons each has the line that it was on in the rejected file, and its bytes without
   * the reasons, with a line end. Errors: `invalid_request` for what names no line.
   */
  records(): AsyncIterable<readonly CorrectedFileRecord[]>;
}

/** A record of a corrected file; null without reasons. */
export type CorrectedFileRecord = { readonly line: number; readonly source: Uint8Array } | null;

/** Reads and writes corrected records. */
export interface Corrections {
  /**
   * Corrects rejected records of a job, in order. Errors: `source_changed`; `invalid_request` for values that name no field
   * or are too long.
   */
  correct(
    plan: CheckedPlan,
    items: readonly RejectedCorrection[],
  ): Promise<readonly (NewCorrection & { readonly original: SourceRecord })[]>;
  /** How a file of corrected records of a job is read: in UTF-8, by the dialect of the job. */
  readingOf(plan: CheckedPlan, asked: ReadingOptions): ReadingOptions;
  /** Its first line, with the line end; empty for a job without header. */
  headOf(plan: CheckedPlan, header: readonly string[]): Uint8Array;
  /**
   * Opens a file that somebody sent as the corrected records of a job. Errors: `header_mismatch`, and the refusals of the
   * reading rules.
   */
  openFile(
    file: StoredFile,
    job: {
      readonly plan: CheckedPlan;
      readonly header: readonly string[];
      readonly asked: ReadingOptions;
    },
  ): Promise<CorrectedFile>;
}
