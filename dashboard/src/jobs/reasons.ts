import { REJECTION_WORDS } from "../api/rejection-words.ts";
import type { RejectedRecord } from "../api/types.ts";

/** A reason for which records were left out, and how many. */
export interface Reason {
  /** Column and code. */
  readonly key: string;
  readonly text: string;
  readonly count: number;
}

/** A code in words; those of a newer service, which has loaded no page since, by their name. */
export function reasonWords(code: string): string {
  return REJECTION_WORDS[code] ?? code.replaceAll("_", " ");
}

/** The reasons of some records, the most frequent first. */
export function reasonsOf(
  items: readonly Pick<RejectedRecord, "column" | "code">[],
): readonly Reason[] {
  const reasons = new Map<string, Reason>();
  for (const { column, code } of items) {
    const key = `${column ?? ""} ${code}`;
    const words = reasonWords(code);
    const text = column === null ? words : `${column}: ${words}`;
    reasons.set(key, { key, text, count: (reasons.get(key)?.count ?? 0) + 1 });
  }
  return [...reasons.values()].toSorted((one, other) => other.count - one.count);
}
