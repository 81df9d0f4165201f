/** What user code may do to its own operating system process, and what comes of it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CompiledSource } from "../support/compiled-child.ts";
import {
  aBatch,
  aProcess,
  compileHost,
  openTestFolder,
  someCalls,
  runBody,
} from "./process-folder.ts";

let source: CompiledSource;

beforeAll(() => {
  source = compileHost();
});

afterAll(() => source.remove());

test("a file that has nothing beside it runs with sluice and zod, several batches in a row", async () => {
  using folder = openTestFolder(source, {
    "people.ts": `
      import { DatabaseError, defineProcess, type Batch } from "sluice";
      import { z } from "zod";
      enum Word { Hello = "hello" }
      const record = z.object({ name: z.string().max(3), age: z.coerce.number() });
      export default defineProcess({
        name: "people",
        record,
        params: z.object({ greeting: z.string().default("Hi") }),
        output: { columns: ([name]) => ["greeting", name as string] },
        retries: 7,
        isolate: true,
        timeoutSeconds: 9,
        async run(batch: Batch<z.infer<typeof record>>, ctx) {
          const { rows } = await ctx.tx.query("select $1", [batch.records.length]);
          console.log(Word.Hello, rows, DatabaseError.name);
          ctx.log("ages", { sum: batch.records.reduce((sum, { age }) => sum + age, 0) });
          for (const { name } of batch.records) ctx.emit({ greeting: ctx.params.greeting, name });
        },
        undo() {},
      });`,
  });
  const plan = { outputHeader: ["greeting", "Name"] };
  const host = await folder.start("people", { plan, limits: { batchMs: 8_000 } });
  const calls = someCalls((_, values) => Promise.resolve({ rows: [{ values }], rowCount: 1 }));

  const first = await host.run(aBatch(), calls);
  const second = await host.run(
    aBatch({ records: [{ record: 3, line: 4, values: ["Cyra", "1"] }] }),
    calls,
  );
  await host.stop();
  const afterStop = await host.run(aBatch(), calls);

  expect(host.rules).toEqual({ retries: 7, isolate: true, hasUndo: true, batchMs: 8_000 });
  expect(first).toMatchObject({ kind: "done", outputRows: 2, rejections: [], kept: [] });
  expect(first.kind === "done" && Buffer.from(first.output).toString()).toBe("Hi,Ann\nHi,Bob\n");
  expect(second).toMatchObject({
    kind: "done",
    rejections: [{ index: 0, code: "against_schema" }],
  });
  expect(afterStop).toMatchObject({ kind: "died", why: "stopped" });
  expect(calls.lines.map(({ message, fields }) => [message, fields])).toEqual([
    ["hello [ { values: [ 2 ] } ] DatabaseError", { stream: "stdout" }],
    ["ages", { sum: 63 }],
  ]);
});

test("an error of the database comes to user code with its SQLSTATE, and out of it with the author's line", async () => {
  const body = `try { await ctx.tx.query("bad"); } catch (error) {
    ctx.log(error.code + " " + error.constraint + " " + error.name);
    throw error; }`;
  using folder = openTestFolder(source, { "one.ts": aProcess("one", body) });
  const host = await folder.start("one");
  const refused = Object.assign(new Error("duplicate key"), {
    code: "23505",
    constraint: "teams_pk",
  });
  const calls = someCalls(() => Promise.reject(refused));

  const answer = await host.run(aBatch(), calls);
  await host.stop();

  expect(calls.lines[0]?.message).toBe("23505 teams_pk DatabaseError");
  expect(answer).toEqual({ kind: "threw", message: "duplicate key", place: "one.ts line 3" });
});

test("a value that cannot be sent is an error of that statement", async () => {
  const answer = await runBody(source, `await ctx.tx.query("select $1", [() => 1]);`);

  expect(answer).toMatchObject({
    kind: "threw",
    message: expect.stringContaining("A value of ctx.tx.query cannot be sent"),
    place: "one.ts line 3",
  });
});

test("user code has no secret of the service in its environment", async () => {
  process.env["SLUICE_TOKEN"] = "slu_secret";
  process.env["PGPASSWORD"] = "secret";

  const answer = await runBody(
    source,
    `throw new Error(String(process.env.SLUICE_TOKEN) + process.env.PGPASSWORD + !!process.env.PATH)`,
  );

  expect(answer).toMatchObject({ kind: "threw", message: "undefinedundefinedtrue" });
  delete process.env["SLUICE_TOKEN"];
  delete process.env["PGPASSWORD"];
});

test("a file that was edited is the new code at the next start", async () => {
  using folder = openTestFolder(source, {
    "one.ts": `import { word } from "./words/word.ts";\n${aProcess("one", `throw new Error(word);`)}`,
    "words/word.ts": `export const word = "old";`,
  });
  const before = await folder.start("one");
  const old = await before.run(aBatch(), someCalls());
  await before.stop();

  folder.write("words/word.ts", `export const word = "new";`);
  const after = await folder.start("one");
  const now = await after.run(aBatch(), someCalls());
  await after.stop();

  expect([old, now]).toMatchObject([{ message: "old" }, { message: "new" }]);
});

test("a process does not start with params that it refuses, nor with another result than its job has", async () => {
  using folder = openTestFolder(source, {
    "one.ts": `import { z } from "zod";\n${aProcess("one", "", "params: z.object({ a: z.number() }), output: { columns: ['x', 'name'] },")}`,
  });
  const outputHeader = ["x", "Name"];

  const refused = await told(folder.start("one", { plan: { params: { a: "b" }, outputHeader } }));
  const other = await told(
    folder.start("one", { plan: { params: { a: 1 }, outputHeader: ["x"] } }),
  );
  const none = await told(folder.start("one", { plan: { params: { a: 1 } } }));
  const host = await folder.start("one", { plan: { params: { a: 1 }, outputHeader } });
  await host.stop();

  expect(refused).toMatchObject({
    code: "invalid_request",
    details: { errors: [{ pointer: "/params/a", code: "invalid_value" }] },
  });
  expect(other).toMatchObject({
    code: "process_broken",
    message: expect.stringContaining(
      "had another result when the job was created: x; now: x, Name",
    ),
  });
  expect(none).toMatchObject({
    message: expect.stringContaining("created: no result; now: x, Name"),
  });
});

/** What a promise rejects with. */
async function told(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}
