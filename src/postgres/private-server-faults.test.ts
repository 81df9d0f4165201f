import pg from "pg";
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  compileSource,
  startChild,
  type CompiledSource,
} from "../../test/support/compiled-child.ts";
import {
  ask,
  isLinux,
  isRoot,
  makeServerHome,
  NOBODY,
  postmasterPid,
  startServerChild,
  type ServerHome,
} from "../../test/support/server-home.ts";
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

test("a start that was killed half-way leaves nothing that the next one minds", async () => {
  const child = startServerChild(source, dir);
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
  process.kill(postmasterPid(dir), "SIGKILL");

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
    expect(existsSync(join(dir, "pg"))).toBe(false);
  } finally {
    execFileSync("umount", [disk]);
  }
});
