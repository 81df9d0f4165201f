import { expect, test } from "vitest";
import { z } from "zod";
import { aBatch, code, NEVER, someCalls } from "./user-code-scene.ts";

test("undo keeps records with a reason, and knows whether run was committed", async () => {
  const seen: unknown[] = [];
  const people = await code({
    run: () => undefined,
    undo(batch, ctx) {
      seen.push(ctx.isCommitted);
      const [, second] = batch.records;
      if (second !== undefined) ctx.keep(second, "has members");
      if (second !== undefined) ctx.keep(second, "not heard");
    },
  });
  const batch = aBatch([["a"], ["b"]], { isCommitted: true });

  const answer = await people.work("undo", batch, someCalls().calls, NEVER);

  expect(seen).toEqual([true]);
  expect(answer).toMatchObject({ kind: "done", kept: [{ index: 1, reason: "has members" }] });
});

test("undo gets what run returned, as JSON carries it", async () => {
  const seen: unknown[] = [];
  const people = await code({
    run: (batch) => ({ ids: batch.records.map(({ name }) => `id of ${name}`), at: new Date(0) }),
    undo: (_, ctx) => void seen.push(ctx.result),
  });
  const { calls } = someCalls();

  const run = await people.work("run", aBatch([["a"], ["b"]]), calls, NEVER);
  const result = run.kind === "done" ? run.result : null;
  await people.work("undo", aBatch([["a"], ["b"]], { result }), calls, NEVER);
  await people.work("undo", aBatch([["a"], ["b"]]), calls, NEVER);

  expect(seen).toEqual([{ ids: ["id of a", "id of b"], at: "1970-01-01T00:00:00.000Z" }, null]);
});

test("undo passes over records of an interrupted batch that the schema refuses, but not of a committed one", async () => {
  let count = 0;
  const people = await code({
    record: z.object({ name: z.string().min(2) }),
    run: () => undefined,
    undo: (batch) => {
      count += batch.records.length;
    },
  });
  const rows = [["a"], ["bb"]];

  const interrupted = await people.work("undo", aBatch(rows), someCalls().calls, NEVER);
  const committed = await people.work(
    "undo",
    aBatch(rows, { isCommitted: true }),
    someCalls().calls,
    NEVER,
  );

  expect(count).toBe(1);
  expect(interrupted).toMatchObject({ kind: "done", rejections: [] });
  expect(committed).toMatchObject({
    kind: "threw",
    message: expect.stringContaining("refuses record 11, which it took when it was run"),
  });
});
