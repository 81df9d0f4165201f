import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchReader, ReadBatch } from "../../core/process-ports.ts";
import {
  bytesOf,
  packedOf,
  planFor,
  scene,
  storeOf,
  write,
} from "../../../test/support/record-scene.ts";
import { createOpenBatches } from "./batch-reader.ts";

async function readAll(reader: BatchReader, sizes: readonly number[]): Promise<ReadBatch[]> {
  const batches: ReadBatch[] = [];
  for (;;) {
    const batch = await reader.next(sizes[batches.length % sizes.length] ?? 1);
    if (batch === null) return batches;
    batches.push(batch);
  }
}

const START = (plan: ReturnType<typeof planFor>) => ({ ...plan.start, record: 1 });

describe("batches", () => {
  test("hold every record once, follow each other, and are the same when they are read again", async () => {
    await fc.assert(
      fc.asyncProperty(
        scene,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
        async (given, sizes) => {
          const read = write(given);
          const { layout, bytes, header, records } = read;
          const plan = planFor(bytes, header, { layout });
          const files = storeOf(layout.isPacked ? packedOf(bytes) : bytes);
          const open = createOpenBatches(files);

          const reader = await open(plan, START(plan));
          const batches = await readAll(reader, sizes);
          await reader.close();

          const numbers = batches.flatMap((batch) =>
            [...batch.records, ...batch.rejections].map(({ record }) => record),
          );
          expect(numbers.toSorted((a, b) => a - b)).toEqual(records.map(({ record }) => record));
          for (const [index, batch] of batches.entries()) {
            expect(batch.from).toEqual(batches[index - 1]?.to ?? START(plan));
            expect(batch.to.record - batch.from.record).toBeLessThanOrEqual(
              sizes[index % sizes.length] ?? 0,
            );
            const again = await open(plan, batch.from, batch.to.byte);
            expect(await again.next(batch.to.record - batch.from.record)).toEqual(batch);
            await again.close();
          }
          for (const { record, values, byteLength } of batches.flatMap((batch) => batch.records))
            expect({ values, byteLength }).toEqual({
              values: records[record - 1]?.fields,
              byteLength: records[record - 1]?.byteLength,
            });
          expect(files.openCount()).toBe(0);
        },
      ),
    );
  });

  test("end before what cannot be told apart, which is an error of the next", async () => {
    const bytes = bytesOf('id,name\n1,a\n2,b\n3,"open\n');
    const plan = planFor(bytes, "id,name\n");
    const reader = await createOpenBatches(storeOf(bytes))(plan, START(plan));

    expect((await reader.next(10))?.records.map(({ values }) => values)).toEqual([
      ["1", "a"],
      ["2", "b"],
    ]);
    await expect(reader.next(10)).rejects.toMatchObject({
      code: "unclosed_quote",
      details: { line: 4 },
    });
    await reader.close();
  });
});
