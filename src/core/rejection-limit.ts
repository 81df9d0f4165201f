/** How many rejected records a job may have: a number, or a share of the records of the file. */
import type { ImportPlan } from "./import-plan.ts";

/**
 * A whole number from 0 on, or a percentage like `5%` or `0.5%`. A share is decided at the end, when the number of
 * records is known, and before that as soon as it can no longer be met.
 */
export type MaxRejected = number | string;

/** A percentage from 0 to 100 with up to six digits behind the point. */
export const PERCENTAGE = /^(?:100(?:\.0{1,6})?|\d{1,2}(?:\.\d{1,6})?)%$/;

/** The percentage as a number from 0 to 100; null for a limit that is a number of records. */
export function percentageOf(max: MaxRejected): number | null {
  return typeof max === "string" ? Number(max.slice(0, -1)) : null;
}

/** The limit in records, and how it was asked for. */
export interface RejectionLimit {
  readonly allowed: number;
  readonly said: MaxRejected;
}

/** The limit for a file of so many records. */
export function rejectionLimit(max: MaxRejected, records: number): RejectionLimit {
  const percentage = percentageOf(max);
  if (percentage === null) return { allowed: Number(max), said: max };
  // The smallest share is a hundred millionth: what is added makes up for binary fractions and never for a record.
  return { allowed: Math.floor((records * percentage) / 100 + 1e-9), said: max };
}

/** The most sound records that so many bytes of the source can hold: empty fields, their separators and line ends. */
export function mostRecordsIn(
  { width, dialect, reading }: Pick<ImportPlan, "width" | "dialect" | "reading">,
  bytes: number,
): number {
  const separators = (width - 1) * (1 + (dialect.delimiterRest?.length ?? 0));
  const isShort = width === 1 || reading.shortRecords === "pad";
  const blankBytes = reading.blankLines === "null" ? 1 : 2;
  const least = isShort ? Math.min(blankBytes, separators + 2) : separators + 1;
  // The last record needs no line end.
  return Math.ceil((bytes + 1) / least);
}
