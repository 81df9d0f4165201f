/** How the operating system process of user code ends: by itself, by a limit, by a stop, and with the service. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChild, type CompiledSource } from "../support/compiled-child.ts";
import { until } from "../support/until.ts";
import {
  aBatch,
  aPlan,
  aProcess,
  compileHost,
  openTestFolder,
  someCalls,
  runBody,
} from "./process-folder.ts";

const MIB = 1024 * 1024;
let source: CompiledSource;

beforeAll(() => {
  source = compileHost();
});

afterAll(() => source.remove());

function isAlive(pid: number): boolean {
  try {
    // One that has ended and was not waited for yet is there, in state Z.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

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

  const answer = await runBody(source, body, limits);

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
