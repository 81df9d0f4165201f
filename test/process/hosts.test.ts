/** What user code may do to its own operating system process, and what comes of it. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HostAnswer } from "../../src/core/process-ports.ts";
import { startChild, type CompiledSource } from "../support/compiled-child.ts";
import { until } from "../support/until.ts";
import {
  aBatch,
  aPlan,
  aProcess,
  compileHost,
  openTestFolder,
  someCalls,
} from "./process-folder.ts";

const MIB = 1024 * 1024;
let source: CompiledSource;

beforeAll(() => {
  source = compileHost();
});

afterAll(() => source.remove());

/** Runs one batch of a process with this body. */
async function runBody(
  body: string,
  options: { readonly batchMs?: number; readonly memoryBytes?: number } = {},
): Promise<HostAnswer> {
  using folder = openTestFolder(source, { "one.ts": aProcess("one", body) });
  const host = await folder.start("one", { limits: options });
  try {
    return await host.run(aBatch(), someCalls());
  } finally {
    await host.stop();
  }
}

function isAlive(pid: number): boolean {
  try {
    // One that has ended and was not waited for yet is there, in state Z.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

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
  const answer = await runBody(`await ctx.tx.query("select $1", [() => 1]);`);

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
    `throw new Error(String(process.env.SLUICE_TOKEN) + process.env.PGPASSWORD + !!process.env.PATH)`,
  );

  expect(answer).toMatchObject({ kind: "threw", message: "undefinedundefinedtrue" });
  delete process.env["SLUICE_TOKEN"];
  delete process.env["PGPASSWORD"];
});

const RING = "const held: unknown[] = []; for (;;) held.push";

test.each<[string, string, { readonly why: string; readonly message: string }]>([
  ["loops without end", "for (;;);", { why: "out_of_time", message: "longer than 1.5 s" }],
  ["waits without end", "await new Promise(() => {});", { why: "out_of_time", message: "1.5 s" }],
  [
    "hogs the processor in turns",
    "for (;;) { for (let i = 0; i < 1e7; i++); await null; }",
    { why: "out_of_time", message: "1.5 s" },
  ],
  ["calls process.exit", "process.exit(3);", { why: "exited", message: "left with exit code 3" }],
  [
    "kills itself",
    `process.kill(process.pid, "SIGKILL"); for (;;);`,
    { why: "exited", message: "SIGKILL" },
  ],
  [
    "leaves a rejection alone",
    `void Promise.reject(new Error("alone")); await new Promise(() => {});`,
    { why: "exited", message: "one.ts line 3: alone" },
  ],
  [
    "throws in a timer",
    `setTimeout(() => { throw new TypeError("late"); }); await new Promise(() => {});`,
    { why: "exited", message: "one.ts line 3: TypeError: late" },
  ],
  [
    "fills a heap of 2 GB",
    `const held = []; for (let i = 0; i < 2e9 / 16; i++) held.push({ i });`,
    { why: "out_of_memory", message: "MB" },
  ],
  [
    "fills buffers",
    `${RING}(Buffer.alloc(8e6, 1));`,
    { why: "out_of_memory", message: "192 MB are allowed" },
  ],
])("a batch that %s ends its own process and is answered", async (_, body, { why, message }) => {
  const limits = { batchMs: why === "out_of_time" ? 1_500 : 60_000, memoryBytes: 192 * MIB };

  const answer = await runBody(body, limits);

  expect(answer).toEqual({ kind: "died", why, message: expect.stringContaining(message) });
});

test("an aborted batch that keeps to its signal answers", async () => {
  const body = `ctx.log("waiting");
    await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason)));`;
  using folder = openTestFolder(source, { "one.ts": aProcess("one", body) });
  const host = await folder.start("one");
  const calls = someCalls();
  const isWaiting = calls.nextLine();
  const answer = host.run(aBatch(), calls);
  await isWaiting;

  host.abort(60_000);

  expect(await answer).toMatchObject({
    kind: "threw",
    message: "The batch was ended: the job is no longer to run it.",
  });
  await host.stop();
});

test("an aborted batch that loops is ended when the grace is over", async () => {
  using folder = openTestFolder(source, {
    "one.ts": aProcess("one", `ctx.log("looping"); await null; for (;;);`),
  });
  const host = await folder.start("one");
  const calls = someCalls();
  const isLooping = calls.nextLine();
  const answer = host.run(aBatch(), calls);
  await isLooping;

  host.abort(100);
  host.abort(60_000);

  expect(await answer).toEqual({
    kind: "died",
    why: "stopped",
    message: "It had not ended 100 ms after it was told to.",
  });
});

test("an abort without a batch does nothing", async () => {
  using folder = openTestFolder(source, { "one.ts": aProcess("one", "") });
  const host = await folder.start("one");

  host.abort(0);
  const answer = await host.run(aBatch(), someCalls());
  await host.stop();

  expect(answer.kind).toBe("done");
});

test("stopping a host ends what user code has started as well", async () => {
  const body = `const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
    ctx.log(String(child.pid)); await new Promise(() => {});`;
  using folder = openTestFolder(source, { "one.ts": aProcess("one", body) });
  const host = await folder.start("one");
  const calls = someCalls();
  const line = calls.nextLine();
  const answer = host.run(aBatch(), calls);
  const pid = Number((await line).message);

  await host.stop();

  expect(await answer).toMatchObject({ kind: "died", why: "stopped" });
  await until("the child of user code is gone", () => !isAlive(pid));
});

test("the process of user code dies with a service that was killed, also while it loops", async () => {
  using folder = openTestFolder(source, {
    "one.ts": aProcess("one", `ctx.log(String(process.pid)); await null; for (;;);`),
  });
  const script = `
    const { createProcessHosts } = await import(source + "kinds/process/process-hosts.js");
    const setting = { folder: ${JSON.stringify(folder.folder)}, environment: process.env };
    const host = await createProcessHosts(setting).start(${JSON.stringify(aPlan("one"))}, { batchMs: 1e6, memoryBytes: 5e8 });
    const log = (line) => console.log(line.message);
    await host.run(${JSON.stringify(aBatch())}, { query: () => Promise.reject(new Error()), log });`;
  const service = startChild(source, script);
  const pid = Number(await service.answer());

  await service.kill();

  await until("the process of user code is gone", () => !isAlive(pid));
});

test("the process of user code dies with the thread that started it", async () => {
  using folder = openTestFolder(source, {
    "one.ts": aProcess("one", `ctx.log(String(process.pid)); await null; for (;;);`),
  });
  const script = `
    import { Worker } from "node:worker_threads";
    const text = \`
      import { parentPort } from "node:worker_threads";
      const { createProcessHosts } = await import("\${source}kinds/process/process-hosts.js");
      const setting = { folder: ${JSON.stringify(folder.folder)}, environment: process.env };
      const host = await createProcessHosts(setting).start(${JSON.stringify(aPlan("one"))}, { batchMs: 1e6, memoryBytes: 5e8 });
      const log = (line) => parentPort.postMessage(line.message);
      await host.run(${JSON.stringify(aBatch())}, { query: () => Promise.reject(new Error()), log });\`;
    const thread = new Worker(text, { eval: true });
    thread.once("message", (pid) => console.log(pid));
    process.stdin.once("data", () => thread.terminate());
    setInterval(() => {}, 1e6);`;
  const service = startChild(source, script);
  const pid = Number(await service.answer());

  service.say("end the thread");

  await until("the process of user code is gone", () => !isAlive(pid));
  await service.kill();
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
