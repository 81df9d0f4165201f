import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  compileSource,
  startChild,
  type CompiledSource,
} from "../../test/support/compiled-child.ts";
import { identifyProcess } from "./process-identity.ts";
import { startPrivateServer } from "./private-server.ts";
import { locatePackage, platformName } from "./server-binaries.ts";

const NOBODY = 65_534;
const DEBIAN_15 = "/usr/lib/postgresql/15";
const isRoot = process.geteuid?.() === 0;
const isLinux = process.platform === "linux";
const hasPsql = spawnSync("psql", ["--version"]).status === 0;

let source: CompiledSource;
let home: string;
let dir: string;

beforeAll(() => {
  source = compileSource(["postgres/private-server.ts"]);
});
afterAll(() => source.remove());
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "sluice-server-")));
  dir = join(home, ".sluice");
});
afterEach(() => {
  const left = isLinux ? serverPids(home) : [];
  for (const pid of left) process.kill(pid, "SIGKILL");
  rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  expect(left, "processes that the test left").toEqual([]);
});

/** Every process that works in a folder below `folder`. */
function serverPids(folder: string): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`);
      } catch {
        return false;
      }
    });
}

function postmasterPid(): number {
  return Number.parseInt(readFileSync(join(dir, "pg/postmaster.pid"), "utf8"), 10);
}

async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: statement, rowMode: "array" });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

const CHILD = `
  const { startPrivateServer } = await import(source + "postgres/private-server.js");
  try {
    const server = await startPrivateServer(JSON.parse(process.argv[1]));
    const { url, version, wasAdopted } = server;
    console.log(JSON.stringify({ url, version, wasAdopted }));
    if (process.argv[2] !== "leave") process.stdin.once("data", async (line) => {
      await server.stop({ keepRunning: String(line).includes("keep") });
      console.log(JSON.stringify("stopped"));
      process.exit();
    });
  } catch (error) {
    console.log(JSON.stringify({ code: error.code, message: error.message, details: error.details }));
  }
`;

function startServerChild(options: { readonly mode?: "leave"; readonly uid?: number } = {}) {
  const { mode, uid } = options;
  const args = [JSON.stringify({ dir }), ...(mode ? [mode] : [])];
  return startChild(source, CHILD, uid === undefined ? { args } : { args, uid });
}

interface ChildAnswer {
  readonly url: string;
  readonly wasAdopted: boolean;
}

/** The answer of CHILD, whose text is above. */
const answerOf = async (child: ReturnType<typeof startChild>): Promise<ChildAnswer> =>
  // CHILD prints these fields.
  (await child.answer()) as ChildAnswer;

test("the first start makes the database, and the data is there at the second", async () => {
  const first = await startPrivateServer({ dir });
  expect(first.wasAdopted).toBe(false);
  expect(await ask(first.url, "select split_part(version(), ' ', 2)")).toBe(first.version);
  await ask(first.url, "create table kept as select 7 as seven");
  await first.stop();
  expect(existsSync(join(dir, "pg/postmaster.pid"))).toBe(false);

  const second = await startPrivateServer({ dir });

  expect(second.wasAdopted).toBe(false);
  expect(second.url).toBe(first.url);
  expect(await ask(second.url, "select seven from kept")).toBe(7);
  await second.stop();
});

test("the server keeps what is committed, speaks UTF-8 and UTC, and is not reachable by TCP", async () => {
  const server = await startPrivateServer({ dir });

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

  await server.stop();
});

test("the role owns its database and cannot touch the machine's files", async () => {
  const server = await startPrivateServer({ dir });

  expect(await ask(server.url, "select current_user || current_database()")).toBe("sluicesluice");
  expect(await ask(server.url, "show is_superuser")).toBe("off");
  await ask(server.url, "create schema own create table t (a int)");
  await ask(server.url, "create database another template template1");
  await expect(ask(server.url, "select pg_read_file('/etc/passwd')")).rejects.toThrow("permission");
  await expect(ask(server.url, "copy own.t to program 'cat'")).rejects.toThrow("permission");

  await server.stop();
});

test("no value of a failing statement gets into the log", async () => {
  const server = await startPrivateServer({ dir });

  await expect(ask(server.url, "select 'secret-cell'::int")).rejects.toThrow("secret-cell");

  await server.stop();
  const log = readFileSync(join(dir, "pg.log"), "utf8");
  expect(log).toContain("ready to accept connections");
  expect(log).not.toContain("secret-cell");
});

test("only the server's user and root can enter the folder of the socket", async () => {
  const server = await startPrivateServer({ dir });
  const folder = decodeURIComponent(new URL(server.url).hostname);

  expect(statSync(folder).mode & 0o777).toBe(0o700);
  await server.stop();

  expect(existsSync(folder)).toBe(false);
});

test.skipIf(!hasPsql)("psql takes the URL, whatever PGPORT says", async () => {
  const server = await startPrivateServer({ dir });

  const env = { ...process.env, PGPORT: "1", PGSSLMODE: "require" };
  const output = execFileSync("psql", [server.url, "-Atc", "select 6 * 7"], { env });

  expect(output.toString()).toBe("42\n");
  await server.stop();
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
  const child = startServerChild();
  const { url } = await answerOf(child);
  await child.kill();
  const pid = postmasterPid();

  const server = await startPrivateServer({ dir });

  expect(server).toMatchObject({ url, wasAdopted: true });
  expect(postmasterPid()).toBe(pid);
  await server.stop();
  expect(identifyProcess(pid)).toBeNull();
});

test("the server neither keeps its process running nor ends with it", async () => {
  const child = startServerChild({ mode: "leave" });
  await child.answer();
  child.process.stdin?.end();
  expect(await child.ended()).toBe(0);

  const server = await startPrivateServer({ dir });

  expect(server.wasAdopted).toBe(true);
  await server.stop();
});

test("the server runs until its last live user leaves", async () => {
  const first = await startPrivateServer({ dir });
  const killed = startServerChild();
  const second = startServerChild();
  expect(await answerOf(killed)).toMatchObject({ url: first.url, wasAdopted: true });
  expect(await answerOf(second)).toMatchObject({ url: first.url, wasAdopted: true });
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
  const children = Array.from({ length: 4 }, () => startServerChild());

  const answers = await Promise.all(children.map(answerOf));

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

test("a start that was killed half-way leaves nothing that the next one minds", async () => {
  const child = startServerChild();
  const findDraft = () => readdirSync(dir).find((name) => name.startsWith("pg.draft-"));
  await vi.waitFor(() => expect(findDraft()).toBeDefined(), { timeout: 10_000, interval: 2 });
  const draft = findDraft();
  await vi.waitFor(() => expect(existsSync(join(dir, draft ?? "", "base"))).toBe(true));
  await child.kill();
  expect(existsSync(join(dir, "pg"))).toBe(false);

  const server = await startPrivateServer({ dir });

  expect(await ask(server.url, "select 1")).toBe(1);
  expect(findDraft()).toBeUndefined();
  await server.stop();
});

test("a start after the postmaster was killed waits for its processes and recovers", async () => {
  const first = await startPrivateServer({ dir });
  await ask(first.url, "create table kept as select 7 as seven");
  const busy = new pg.Client(first.url);
  busy.on("error", () => undefined);
  await busy.connect();
  // It never looks whether the postmaster lives, and would run for hours.
  const endless = busy.query("select count(*) from generate_series(1, 100000000000)");
  const lost = expect(endless).rejects.toThrow(/./);
  const active = "select count(*)::int from pg_stat_activity where query like '%100000000000)'";
  await vi.waitFor(async () => expect(await ask(first.url, active)).toBe(1));
  process.kill(postmasterPid(), "SIGKILL");

  const second = await startPrivateServer({ dir });

  expect(second.wasAdopted).toBe(false);
  expect(await ask(second.url, "select seven from kept")).toBe(7);
  await lost;
  await first.stop();
  expect(await ask(second.url, "select 1")).toBe(1);
  await second.stop();
});

test.skipIf(!isLinux)("a postmaster.pid that names a stranger does not keep it down", async () => {
  await (await startPrivateServer({ dir })).stop();
  const stranger = startChild(
    source,
    `console.log("1"); process.stdin.resume();`,
    isRoot ? { uid: NOBODY } : {},
  );
  await stranger.answer();
  writeFileSync(
    join(dir, "pg/postmaster.pid"),
    `${stranger.process.pid}\n/proc/self/cwd\n1\n5432\n/tmp/none\n\n1 1\nready\n`,
  );

  const server = await startPrivateServer({ dir });

  expect(server.wasAdopted).toBe(false);
  await server.stop();
  await stranger.kill();
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

test("a server that does not start is an error with its reason and the end of its log", async () => {
  await (await startPrivateServer({ dir })).stop();
  appendFileSync(join(dir, "pg/postgresql.conf"), "no_such_setting = 1\n");

  await expect(startPrivateServer({ dir })).rejects.toMatchObject({
    code: "database_start_failed",
    message: expect.stringMatching(/does not start: .*configuration file.*pg\.log/),
    details: { log: expect.arrayContaining([expect.stringContaining("no_such_setting")]) },
  });
});

test("a folder that holds something else than a database is left alone", async () => {
  mkdirSync(join(dir, "pg"), { recursive: true });
  if (isRoot) chownSync(join(dir, "pg"), NOBODY, NOBODY);
  writeFileSync(join(dir, "pg/letter.txt"), "dear");

  await expect(startPrivateServer({ dir })).rejects.toMatchObject({
    code: "database_start_failed",
    message: expect.stringContaining("there is no PG_VERSION in it"),
  });
  expect(readdirSync(join(dir, "pg"))).toEqual(["letter.txt"]);
});

test.skipIf(!existsSync(DEBIAN_15))(
  "another PostgreSQL runs too, and its database is refused by this one in a clear sentence",
  async () => {
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

test.skipIf(!isRoot)("root starts it in a folder that only root can enter", async () => {
  dir = join(home, "closed", "project", ".sluice");
  mkdirSync(join(home, "closed"), { mode: 0o700 });

  const first = await startPrivateServer({ dir });

  expect(await ask(first.url, "select 6 * 7")).toBe(42);
  expect(statSync(join(dir, "pg")).uid).toBe(NOBODY);
  await first.stop({ keepRunning: true });
  const second = await startPrivateServer({ dir });
  expect(second.wasAdopted).toBe(true);
  await second.stop();
});

test.skipIf(!isRoot)("root starts it with binaries that only root can enter", async () => {
  const closed = join(home, "closed");
  mkdirSync(closed, { mode: 0o700 });
  execFileSync("cp", ["-R", locatePackage(platformName()), join(closed, "native")]);
  const options = { dir, binaries: join(closed, "native"), copyFolder: join(home, "copies") };
  chmodSync(home, 0o755);

  const server = await startPrivateServer(options);

  // Needs a library and a file of the copy while the server runs.
  await ask(server.url, "create extension pgcrypto");
  expect(await ask(server.url, "select '2026-07-01 12:00 Europe/Vienna'::timestamptz::text")).toBe(
    "2026-07-01 10:00:00+00",
  );
  await server.stop();
});

test.skipIf(!isRoot)("an ordinary user starts it, and root adopts that user's server", async () => {
  chownSync(home, NOBODY, NOBODY);
  const child = startServerChild({ uid: NOBODY });
  const { url } = await answerOf(child);

  const server = await startPrivateServer({ dir });

  expect(server).toMatchObject({ url, wasAdopted: true });
  child.say("keep");
  expect(await child.answer()).toBe("stopped");
  await server.stop();
});

test.skipIf(!isRoot)("a folder that may not be written is an error with its path", async () => {
  chmodSync(home, 0o755);

  expect(await startServerChild({ uid: NOBODY }).answer()).toMatchObject({
    code: "storage_failed",
    message: `Sluice may not write ${dir}. Give this user the permission, or set SLUICE_DIR to another folder.`,
  });
});

test.skipIf(!isRoot)("a database of another user is an error that names both", async () => {
  chmodSync(home, 0o777);
  mkdirSync(join(dir, "pg"), { recursive: true });
  chmodSync(dir, 0o777);

  expect(await startServerChild({ uid: NOBODY }).answer()).toMatchObject({
    code: "database_start_failed",
    message: expect.stringContaining(`belongs to another user (uid 0; this one is ${NOBODY})`),
  });
});

test.skipIf(!isRoot)("a user without a name is an error that says what to do", async () => {
  chmodSync(home, 0o777);

  expect(await startServerChild({ uid: 54_321 }).answer()).toMatchObject({
    code: "database_start_failed",
    message: expect.stringContaining("needs a name for user id 54321"),
  });
});

const canMount = isRoot && isLinux && mountSmallDisk(mkdtempSync(join(tmpdir(), "sluice-disk-")));

/** Whether a small disk can be mounted; undone at once. */
function mountSmallDisk(folder: string): boolean {
  const isMounted =
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]).status === 0;
  if (isMounted) spawnSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return isMounted;
}

test.skipIf(!canMount)("a full disk is an error with its folder, and leaves no half", async () => {
  const disk = join(home, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=20m", "tmpfs", disk]);
  dir = join(disk, ".sluice");

  try {
    await expect(startPrivateServer({ dir })).rejects.toMatchObject({
      code: "storage_full",
      message: expect.stringContaining(`There is no space left on the disk of ${dir}`),
    });
    expect(readdirSync(dir).filter((name) => name.startsWith("pg.draft-"))).toEqual([]);
    expect(existsSync(join(dirname(dir), ".sluice/pg"))).toBe(false);
  } finally {
    execFileSync("umount", [disk]);
  }
});
