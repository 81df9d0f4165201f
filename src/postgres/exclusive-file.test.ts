import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  compileSource,
  startChild,
  type CompiledSource,
} from "../../test/support/compiled-child.ts";
import { findHolder, tryHold, type Hold } from "./exclusive-file.ts";

let source: CompiledSource;
let dir: string;
let path: string;

beforeAll(() => {
  source = compileSource(["postgres/exclusive-file.ts"]);
});
afterAll(() => source.remove());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-lock-"));
  path = join(dir, "a.lock");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function hold(note: string | null = null): Promise<Hold> {
  const attempt = await tryHold(path, note);
  if (!attempt.isHeld) throw new Error("Expected to get the lock.");
  return attempt.hold;
}

test("a lock that nobody ever held is free", async () => {
  expect(await findHolder(path)).toBeNull();
});

test("a held lock names its holder and its note, and is refused to others", async () => {
  const held = await hold("first");

  expect(await tryHold(path, null)).toMatchObject({
    isHeld: false,
    holder: { process: { pid: process.pid }, note: "first" },
  });

  await held.setNote("second");

  expect(await findHolder(path)).toMatchObject({ note: "second" });
});

test("a released lock goes to the next, again and again, and leaves one file", async () => {
  for (let round = 0; round < 20; round += 1) {
    const held = await hold();
    await held.release();
    await held.release();
    expect(await findHolder(path)).toBeNull();
  }

  expect(readdirSync(dir)).toEqual(["a.lock"]);
});

test("a note that is set after the release changes nothing for the next holder", async () => {
  const first = await hold("first");
  await first.release();
  await hold("second");

  await first.setNote("late");

  expect(await findHolder(path)).toMatchObject({ note: "second" });
});

test("of many that try at once exactly one gets the lock", async () => {
  const attempts = await Promise.all(Array.from({ length: 20 }, () => tryHold(path, null)));

  expect(attempts.filter(({ isHeld }) => isHeld)).toHaveLength(1);
});

test("a lock whose file was torn by a power failure is free", async () => {
  writeFileSync(path, "");

  expect(await findHolder(path)).toBeNull();
  await (await hold()).release();
  writeFileSync(path, '{"id": 7}');
  expect((await tryHold(path, null)).isHeld).toBe(true);
});

const KILLED_HOLDER = `
  const { tryHold } = await import(source + "postgres/exclusive-file.js");
  const attempt = await tryHold(process.argv[1], "child");
  console.log(JSON.stringify({ isHeld: attempt.isHeld }));
  process.stdin.resume();
`;

test("a lock whose holder was killed is free", async () => {
  const child = startChild(source, KILLED_HOLDER, { args: [path] });
  expect(await child.answer()).toEqual({ isHeld: true });
  expect(await findHolder(path)).toMatchObject({ process: { pid: child.process.pid } });

  await child.kill();

  expect(await findHolder(path)).toBeNull();
  expect((await tryHold(path, null)).isHeld).toBe(true);
});

// Each entry into the lock leaves a mark that it removes when it leaves. Meeting the mark of a live process, or
// losing a count of the plain counter file, means that two were inside at once. Some die inside.
const CONTENDER = `
  const { tryHold } = await import(source + "postgres/exclusive-file.js");
  const { identifyProcess } = await import(source + "postgres/process-identity.js");
  const { readFileSync, writeFileSync, rmSync, existsSync } = await import("node:fs");
  const [path, rounds, dies] = process.argv.slice(1);
  const mark = path + "-mark", counter = path + "-count";
  for (let done = 0; done < Number(rounds);) {
    const attempt = await tryHold(path, null);
    if (!attempt.isHeld) { await new Promise(setImmediate); continue; }
    if (existsSync(mark) && identifyProcess(Number(readFileSync(mark, "utf8")))) {
      console.log(JSON.stringify("two inside"));
      process.exit(1);
    }
    writeFileSync(mark, String(process.pid));
    const count = existsSync(counter) ? Number(readFileSync(counter, "utf8")) : 0;
    await new Promise(setImmediate);
    writeFileSync(counter, String(count + 1));
    done += 1;
    if (dies === "dies" && done === Number(rounds)) process.kill(process.pid, "SIGKILL");
    rmSync(mark);
    await attempt.hold.release();
  }
  console.log(JSON.stringify("done"));
`;

test("processes that contend, some of which are killed inside, are never inside together", async () => {
  const enduring = Array.from({ length: 3 }, () =>
    startChild(source, CONTENDER, { args: [path, "60"] }),
  );
  const dying = Array.from({ length: 5 }, () =>
    startChild(source, CONTENDER, { args: [path, "5", "dies"] }),
  );

  const answers = await Promise.all(enduring.map((child) => child.answer()));
  await Promise.all(dying.map((child) => child.ended()));

  expect(answers).toEqual(["done", "done", "done"]);
  expect(dying.map((child) => child.process.signalCode)).toEqual(Array(5).fill("SIGKILL"));
  expect(Number(readFileSync(`${path}-count`, "utf8"))).toBe(3 * 60 + 5 * 5);
});
