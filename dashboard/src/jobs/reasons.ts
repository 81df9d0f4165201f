import type { RejectedRecord } from "../api/types.ts";

/** A reason for which records were left out, and how many. */
export interface Reason {
  /** Column and code. */
  readonly key: string;
  readonly text: string;
  readonly count: number;
}

/** The reasons of some records, the most frequent first. */
export function reasonsOf(
  items: readonly Pick<RejectedRecord, "column" | "code" | "reason">[],
): readonly Reason[] {
  const reasons = new Map<string, Reason>();
  for (const { column, code, reason } of items) {
    const key = `${column ?? ""} ${code}`;
    const text = column === null ? reason : `${column}: ${reason}`;
    reasons.set(key, { key, text, count: (reasons.get(key)?.count ?? 0) + 1 });
  }
  return [...reasons.values()].toSorted((one, other) => other.count - one.count);
}
