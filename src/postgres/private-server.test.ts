import { appendFileSync, chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { compileSource, type CompiledSource } from "../../test/support/compiled-child.ts";
import {
  ask,
  makeServerHome,
  postmasterPid,
  serverOf,
  startServerChild,
  type ServerHome,
} from "../../test/support/server-home.ts";
import { identifyProcess } from "./process-identity.ts";
import { startPrivateServer } from "./private-server.ts";

let source: CompiledSource;
let place: ServerHome;
let home: string;
let dir: string;

beforeAll(() => {
  source = compileSource(["postgres/private-server.ts"]);
});
afterAll(() => source.remove());
beforeEach(() => {
  place = makeServerHome();
  ({ home, dir } = place);
});
afterEach(() => expect(place.remove(), "processes that the test left").toEqual([]));

test("the first start makes the database, and the data is there at the second", async () => {
  const first = await startPrivateServer({ dir });
  expect(first.wasAdopted).toBe(false);
  expect(await ask(first.url, "select split_part(version(), ' ', 2)")).toBe(first.version);
  await ask(first.url, "create table kept as select 7 as seven");
  await first.stop();
  expect(existsSync(join(dir, "pg/postmaster.pid"))).toBe(false);
  expect(existsSync(decodeURIComponent(new URL(first.url).hostname))).toBe(false);

  const second = await startPrivateServer({ dir });

  expect(second.wasAdopted).toBe(false);
  expect(second.url).toBe(first.url);
  expect(await ask(second.url, "select seven from kept")).toBe(7);
  await second.stop();
});

test("over loopback TCP the server asks for the password in the URL", async () => {
  const server = await startPrivateServer({ dir, transport: "loopback" });

  expect(await ask(server.url, "select 6 * 7")).toBe(42);
  await expect(ask(server.url.replace(/:[0-9a-f]+@/, ":wrong@"), "select 1")).rejects.toThrow(
    "password authentication failed",
  );

  await server.stop();
});

test("a folder with a long path, spaces and quotes works", async () => {
  dir = join(home, 'it\'s a "long" way'.padEnd(120, "ö"), "x".repeat(100), ".sluice");

  const server = await startPrivateServer({ dir });

  expect(await ask(server.url, "select 6 * 7")).toBe(42);
  await server.stop();
});

test("a start adopts the server of a killed process, and ends it as its last user", async () => {
  const child = startServerChild(source, dir);
  const { url } = await serverOf(child);
  await child.kill();
  const pid = postmasterPid(dir);

  const server = await startPrivateServer({ dir });

  expect(server).toMatchObject({ url, wasAdopted: true });
  expect(postmasterPid(dir)).toBe(pid);
  await server.stop();
  expect(identifyProcess(pid)).toBeNull();
});

test("the server neither keeps its process running nor ends with it", async () => {
  const child = startServerChild(source, dir, { mode: "leave" });
  await child.answer();
  child.process.stdin?.end();
  expect(await child.ended()).toBe(0);

  const server = await startPrivateServer({ dir });

  expect(server.wasAdopted).toBe(true);
  await server.stop();
});

test("the server runs until its last live user leaves", async () => {
  const first = await startPrivateServer({ dir });
  const killed = startServerChild(source, dir);
  const second = startServerChild(source, dir);
  expect(await serverOf(killed)).toMatchObject({ url: first.url, wasAdopted: true });
  expect(await serverOf(second)).toMatchObject({ url: first.url, wasAdopted: true });
  await killed.kill();

  await first.stop();
  expect(await ask(first.url, "select 1")).toBe(1);
  second.say("stop");

  expect(await second.answer()).toBe("stopped");
  expect(existsSync(join(dir, "pg/postmaster.pid"))).toBe(false);
});

test("a user that leaves may keep the server running", async () => {
  const first = await startPrivateServer({ dir });

  await first.stop({ keepRunning: true });
  await first.stop();

  expect(await ask(first.url, "select 1")).toBe(1);
  const second = await startPrivateServer({ dir });
  expect(second.wasAdopted).toBe(true);
  await second.stop();
});

test("of processes that start at once one starts the server and the others join it", async () => {
  const children = Array.from({ length: 4 }, () => startServerChild(source, dir));

  const answers = await Promise.all(children.map(serverOf));

  expect(new Set(answers.map(({ url }) => url)).size).toBe(1);
  expect(answers.filter(({ wasAdopted }) => !wasAdopted)).toHaveLength(1);
  for (const child of children) child.say("stop");
  await Promise.all(children.map((child) => child.answer()));
});

test("two starts and stops in one process do not disturb each other", async () => {
  const servers = await Promise.all([startPrivateServer({ dir }), startPrivateServer({ dir })]);
  expect(servers.filter(({ wasAdopted }) => wasAdopted)).toHaveLength(1);

  await servers[0].stop();
  expect(await ask(servers[1].url, "select 1")).toBe(1);

  await servers[1].stop();
});

test("settings that were changed by hand are written anew, and own ones after them hold", async () => {
  await (await startPrivateServer({ dir })).stop();
  writeFileSync(join(dir, "pg/sluice.conf"), "fsync = off\n");
  appendFileSync(join(dir, "pg/postgresql.conf"), "work_mem = '7MB'\n");

  const server = await startPrivateServer({ dir });

  expect(await ask(server.url, "show fsync")).toBe("on");
  expect(await ask(server.url, "show work_mem")).toBe("7MB");
  await server.stop();
});

const DEBIAN_15 = "/usr/lib/postgresql/15";

test.skipIf(!existsSync(DEBIAN_15))(
  "another PostgreSQL runs too, and its database is refused by this one in a clear sentence",
  async () => {
    // Before 16 it walks to its folder, as whatever user.
    chmodSync(home, 0o755);
    mkdirSync(dir, { mode: 0o755 });
    const older = await startPrivateServer({ dir, binaries: DEBIAN_15 });
    expect(older.version).toMatch(/^15\./);
    expect(await ask(older.url, "select lower('Ä')")).toBe("ä");
    await older.stop();

    await expect(startPrivateServer({ dir })).rejects.toMatchObject({
      code: "database_start_failed",
      message: expect.stringMatching(/was made by PostgreSQL 15, and this Sluice brings .* 18\. /),
    });
  },
);
