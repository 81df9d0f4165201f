/** The limit of rejections as the two columns of the job row. */
import { percentageOf, type MaxRejected } from "../core/rejection-limit.ts";

/** The columns; at most one is set. */
export interface RejectionLimitRow {
  readonly max_rejected: number | null;
  readonly max_rejected_percent: number | null;
}

/** The limit of a row; null when there is none. */
export function toMaxRejected(row: RejectionLimitRow): MaxRejected | null {
  return row.max_rejected_percent === null ? row.max_rejected : `${row.max_rejected_percent}%`;
}

/** The columns of a limit. */
export function fromMaxRejected(max: MaxRejected | null): RejectionLimitRow {
  const percentage = max === null ? null : percentageOf(max);
  if (percentage !== null) return { max_rejected: null, max_rejected_percent: percentage };
  return { max_rejected: max === null ? null : Number(max), max_rejected_percent: null };
}
