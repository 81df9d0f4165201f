import { expect, test } from "vitest";
import { z } from "zod";
import { DatabaseError } from "../../src/library/database-error.ts";
import { ParamsRefused } from "../../src/kinds/process/user-code.ts";
import { aBatch, code, NEVER, someCalls } from "./user-code-scene.ts";

test("records are texts by field name, and each has a key", async () => {
  const seen: unknown[] = [];
  const people = await code(
    {
      run(batch, ctx) {
        for (const record of batch.records) seen.push([record, batch.keyOf(record)]);
        seen.push(ctx.batch === batch, batch.key, ctx.attempt, ctx.params);
      },
    },
    { fields: ["name", "__proto__"] },
  );

  await people.work("run", aBatch([["Ann", "x"], ["Bob"]]), someCalls().calls, NEVER);

  expect(seen).toEqual([
    [JSON.parse('{"name":"Ann","__proto__":"x"}'), "job_1:11"],
    [JSON.parse('{"name":"Bob","__proto__":""}'), "job_1:12"],
    true,
    "job_1:11-20",
    1,
    {},
  ]);
});

test("what the schema refuses is rejected before run sees it, with column and every fault", async () => {
  const names: string[] = [];
  const people = await code({
    record: z.object({ name: z.string().min(2), age: z.coerce.number() }),
    run(batch, ctx) {
      for (const record of batch.records) names.push(`${record.name} ${record.age + 1}`);
      const [first] = batch.records;
      if (first !== undefined) ctx.reject(first, "Not welcome", { column: "name" });
      if (first !== undefined) ctx.reject(first, "Not heard");
    },
  });
  const batch = aBatch([
    ["A", "x"],
    ["Bob", "7"],
    ["Cy", "8"],
    ["D", "9"],
  ]);

  const answer = await people.work("run", batch, someCalls().calls, NEVER);

  expect(names).toEqual(["Bob 8", "Cy 9"]);
  expect(answer).toMatchObject({
    kind: "done",
    rejections: [
      {
        index: 0,
        column: "name",
        code: "against_schema",
        message: expect.stringContaining("; age: "),
      },
      { index: 1, column: "name", code: "refused_by_process", message: "Not welcome" },
      { index: 3, column: "name", code: "against_schema" },
    ],
  });
});

test("run is not called for a batch of which nothing is left", async () => {
  let calls = 0;
  const people = await code({ record: z.object({ name: z.email() }), run: () => void calls++ });

  const answer = await people.work("run", aBatch([["A", "1"]]), someCalls().calls, NEVER);

  expect(calls).toBe(0);
  expect(answer).toMatchObject({ kind: "done", rejections: [{ index: 0 }] });
});

test("a schema may answer later", async () => {
  const later = z.object({ name: z.string().refine((name) => Promise.resolve(name !== "Bob")) });
  let count = 0;
  const people = await code({
    record: later,
    run: (batch) => {
      count = batch.records.length;
    },
  });

  const answer = await people.work("run", aBatch([["Ann"], ["Bob"]]), someCalls().calls, NEVER);

  expect(count).toBe(1);
  expect(answer).toMatchObject({ rejections: [{ index: 1, code: "against_schema" }] });
});

test.each([
  [
    "text",
    z.object({}).transform(() => "text" as unknown as object),
    "to make an object of each record, got a value",
  ],
  ["one object", z.object({}).transform(() => ONE_OBJECT), "got one object for two records"],
])("a schema that makes %s is told so", async (_, record, message) => {
  const people = await code({ record, run: nothing });

  const answer = await people.work("run", aBatch([["a"], ["b"]]), someCalls().calls, NEVER);

  expect(answer).toMatchObject({ kind: "threw", message: expect.stringContaining(message) });
});

function nothing(): void {}

const ONE_OBJECT = {};

test("emitted records are lines of the result", async () => {
  const people = await code({
    output: { columns: (fields) => [...fields].toReversed() },
    run(batch, ctx) {
      for (const record of batch.records) ctx.emit(record);
    },
  });

  const answer = await people.work("run", aBatch([["Ann, B", "1"]]), someCalls().calls, NEVER);

  expect(people.outputColumns).toEqual(["age", "name"]);
  expect(answer).toMatchObject({ kind: "done", outputRows: 1 });
  expect(answer.kind === "done" && Buffer.from(answer.output).toString()).toBe('1,"Ann, B"\n');
});

test("emit without output is an error of the author", async () => {
  const people = await code({ run: (_, ctx) => ctx.emit({ a: 1 }) });

  const answer = await people.work("run", aBatch([["a"]]), someCalls().calls, NEVER);

  expect(answer).toMatchObject({
    kind: "threw",
    message: "TypeError: Expected the process to have `output` for ctx.emit; it has none.",
    place: expect.stringMatching(/^user-code\.test\.ts line \d+$/),
  });
});

test("statements reach the transaction, and what the database refuses is a DatabaseError at the author's line", async () => {
  const caught: unknown[] = [];
  const people = await code({
    async run(_, ctx) {
      caught.push(await ctx.tx.query("select $1", [1]));
      await ctx.tx.query("bad").catch((error: unknown) => caught.push(error));
      await ctx.tx.query("bad");
    },
  });
  const { calls } = someCalls((text) =>
    text === "bad"
      ? Promise.reject(Object.assign(new Error("syntax error"), { code: "42601", constraint: 3 }))
      : Promise.resolve({ rows: [{ a: 1 }], rowCount: 1 }),
  );

  const answer = await people.work("run", aBatch([["a"]]), calls, NEVER);

  expect(caught[0]).toEqual({ rows: [{ a: 1 }], rowCount: 1 });
  expect(caught[1]).toBeInstanceOf(DatabaseError);
  expect(caught[1]).toMatchObject({
    message: "syntax error",
    code: "42601",
    constraint: undefined,
  });
  expect(answer).toEqual({
    kind: "threw",
    message: "syntax error",
    place: expect.stringMatching(/^user-code\.test\.ts line \d+$/),
  });
});

test("a statement that was not awaited has answered before the batch ends, which is an error", async () => {
  const people = await code({
    run: (_, ctx) => {
      void ctx.tx.query("select 1");
    },
  });
  let isAnswered = false;
  const { calls } = someCalls(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isAnswered = true;
    return { rows: [], rowCount: 0 };
  });

  const answer = await people.work("run", aBatch([["a"]]), calls, NEVER);

  expect(isAnswered).toBe(true);
  expect(answer).toMatchObject({
    kind: "threw",
    message: expect.stringContaining("Await each ctx.tx.query"),
  });
});

test("what is called after the end of its batch throws", async () => {
  let later: (() => Promise<unknown>) | null = null;
  const people = await code({
    run: (_, ctx) => {
      later = () => ctx.tx.query("select 1");
    },
  });
  const { calls, statements } = someCalls();
  await people.work("run", aBatch([["a"]]), calls, NEVER);

  const call = (later as (() => Promise<unknown>) | null)?.(); // set by run

  await expect(call).rejects.toThrow("ctx.tx.query was called when its batch had ended");
  expect(statements).toEqual([]);
});

test("an aborted batch runs no further statement", async () => {
  const abort = new AbortController();
  const people = await code({
    async run(_, ctx) {
      await ctx.tx.query("select 1");
      abort.abort(new Error("told to stop"));
      await ctx.tx.query("select 2");
    },
  });
  const { calls, statements } = someCalls();

  const answer = await people.work("run", aBatch([["a"]]), calls, abort.signal);

  expect(statements).toEqual(["select 1"]);
  expect(answer).toMatchObject({ kind: "threw", message: "told to stop" });
});

test("a batch logs 1,000 lines, and says how many more there were", async () => {
  const people = await code({
    run(_, ctx) {
      for (let line = 0; line < 1_002; line++) ctx.log(`line ${line}`, { line });
    },
  });
  const { calls, lines } = someCalls();

  await people.work("run", aBatch([["a"]]), calls, NEVER);

  expect(lines).toHaveLength(1_001);
  expect(lines[999]).toMatchObject({ message: "line 999", fields: { line: 999 } });
  expect(lines[1_000]?.message).toBe("2 more lines were logged by this batch and not kept.");
});

test("objects that are no records of the batch are refused", async () => {
  const people = await code({
    run(batch, ctx) {
      for (const record of batch.records) {
        const copy = { ...record };
        expect(() => batch.keyOf(copy)).toThrow("an object of batch.records");
        ctx.reject(copy, "no");
      }
    },
  });

  const answer = await people.work("run", aBatch([["a"]]), someCalls().calls, NEVER);

  expect(answer).toMatchObject({
    kind: "threw",
    message: "TypeError: Expected ctx.reject to be given an object of batch.records.",
  });
});

test("params are read by their schema, and refused with the place of each fault", async () => {
  const params = z.object({ at: z.object({ hour: z.coerce.number() }) });
  let seen: unknown;
  const run = (_: unknown, ctx: { readonly params: unknown }): void => {
    seen = ctx.params;
  };

  const people = await code({ params, run }, { params: { at: { hour: "7" } } });
  await people.work("run", aBatch([["a"]]), someCalls().calls, NEVER);
  const refused = code({ params, run }, { params: { at: { hour: "x" } } });
  const needless = code({ run }, { params: { at: 1 } });

  expect(seen).toEqual({ at: { hour: 7 } });
  await expect(refused).rejects.toMatchObject({ issues: [{ path: ["at", "hour"] }] });
  await expect(needless).rejects.toThrow(ParamsRefused);
});

test("the message of an error has its causes, and what is no error is shown", async () => {
  const thrown: unknown[] = [
    new Error("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") }),
    "plain text",
    { code: 3 },
    undefined,
  ];
  const people = await code({
    run(_, ctx) {
      throw thrown[ctx.attempt - 1];
    },
  });

  const answers = await Promise.all(
    thrown.map((_, index) =>
      people.work("run", aBatch([["a"]], { attempt: index + 1 }), someCalls().calls, NEVER),
    ),
  );

  expect(answers.map((answer) => answer.kind === "threw" && answer.message)).toEqual([
    "fetch failed: connect ECONNREFUSED 127.0.0.1:1",
    "plain text",
    '{"code":3}',
    "It threw no message.",
  ]);
});
