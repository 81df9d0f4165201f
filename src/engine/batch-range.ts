/** Which records a batch has, and its halves. */
import type { ReadBatch } from "../core/process-ports.ts";
import { halvesOf, type BatchRecords } from "../core/process-plan.ts";

/** How many records it has, those that cannot be read included. */
export function sizeOf({ from, to }: Pick<ReadBatch, "from" | "to">): number {
  return to.record - from.record;
}

/** Its records by their numbers. */
export function rangeOf({ from, to }: Pick<ReadBatch, "from" | "to">): BatchRecords {
  return { firstRecord: from.record, lastRecord: to.record - 1 };
}

/** Its halves, of which the second begins where its first record does. */
export function splitBatch(batch: ReadBatch): readonly [ReadBatch, ReadBatch] {
  const [first, second] = halvesOf(rangeOf(batch));
  const ofBatch = ({ firstRecord, lastRecord }: BatchRecords) => {
    const isIn = ({ record }: { readonly record: number }): boolean =>
      record >= firstRecord && record <= lastRecord;
    return { records: batch.records.filter(isIn), rejections: batch.rejections.filter(isIn) };
  };
  const at = [...batch.records, ...batch.rejections].find(
    ({ record }) => record === second.firstRecord,
  );
  if (at === undefined) throw new RangeError("every record of a batch is read or rejected");
  const middle = { byte: at.byte, record: at.record, line: at.line };
  return [
    { from: batch.from, to: middle, ...ofBatch(first) },
    { from: middle, to: batch.to, ...ofBatch(second) },
  ];
}
