/** Why an undo has left records as they are, in the words of the process. */

/** One reason, and the records that have it. */
export interface KeptReason {
  readonly reason: string;
  readonly records: number;
  /** Number of the first of them in the file. */
  readonly firstRecord: number;
}

/** Reasons of one batch that are told apart; records with any other are counted alone. */
const MOST_REASONS = 20;

/** The reasons of one batch, the most frequent first. */
export function keptReasonsOf(
  kept: readonly { readonly record: number; readonly reason: string }[],
): readonly KeptReason[] {
  const reasons = new Map<string, KeptReason>();
  for (const { record, reason } of kept) {
    const { records, firstRecord } = reasons.get(reason) ?? { records: 0, firstRecord: record };
    reasons.set(reason, {
      reason,
      records: records + 1,
      firstRecord: Math.min(firstRecord, record),
    });
  }
  return [...reasons.values()]
    .toSorted((one, other) => other.records - one.records || one.firstRecord - other.firstRecord)
    .slice(0, MOST_REASONS);
}
