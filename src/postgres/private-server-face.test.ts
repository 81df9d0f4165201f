import { execFileSync, spawnSync } from "node:child_process";
import { statSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, makeServerHome, type ServerHome } from "../../test/support/server-home.ts";
import { startPrivateServer, type PrivateServer } from "./private-server.ts";

const hasPsql = spawnSync("psql", ["--version"]).status === 0;

let place: ServerHome;
let dir: string;
let server: PrivateServer;

beforeAll(async () => {
  place = makeServerHome();
  dir = place.dir;
  server = await startPrivateServer({ dir });
});
afterAll(async () => {
  await server.stop();
  expect(place.remove(), "processes that the tests left").toEqual([]);
});

test("the server keeps what is committed, speaks UTF-8 and UTC, and is not reachable by TCP", async () => {
  const settings = {
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    data_checksums: "on",
    server_encoding: "UTF8",
    TimeZone: "UTC",
    listen_addresses: "",
    jit: "off",
    track_counts: "on",
  };
  for (const [name, value] of Object.entries(settings))
    expect([name, await ask(server.url, `show ${name}`)]).toEqual([name, value]);
  expect(await ask(server.url, "select lower('ÄÖÉ') || ('Z' < 'a')")).toBe("äöétrue");
});

test("the role owns its database and cannot touch the machine's files", async () => {
  expect(await ask(server.url, "select current_user || current_database()")).toBe("sluicesluice");
  expect(await ask(server.url, "show is_superuser")).toBe("off");
  await ask(server.url, "create schema own create table t (a int)");
  await ask(server.url, "create database another template template1");
  await expect(ask(server.url, "select pg_read_file('/etc/passwd')")).rejects.toThrow("permission");
  await expect(ask(server.url, "copy own.t to program 'cat'")).rejects.toThrow("permission");
});

test("a table without a schema's name lands in public, not among those of Sluice", async () => {
  await ask(server.url, "create schema if not exists sluice");
  await ask(server.url, "create table mine (a int)");

  expect(await ask(server.url, "select to_regclass('public.mine')::text")).toBe("mine");
});

test("no value of a failing statement gets into the log", async () => {
  await expect(ask(server.url, "select 'secret-cell'::int")).rejects.toThrow("secret-cell");

  const log = readFileSync(join(dir, "pg.log"), "utf8");
  expect(log).toContain("ready to accept connections");
  expect(log).not.toContain("secret-cell");
});

test("only the server's user and root can enter the folder of the socket", async () => {
  const folder = decodeURIComponent(new URL(server.url).hostname);

  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test.skipIf(!hasPsql)("psql takes the URL, whatever PGPORT says", async () => {
  const env = { ...process.env, PGPORT: "1", PGSSLMODE: "require" };
  const output = execFileSync("psql", [server.url, "-Atc", "select 6 * 7"], { env });

  expect(output.toString()).toBe("42\n");
});
