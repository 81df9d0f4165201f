/** What an import stands on changes under it: its target, its source, the disk, the settings of the database. */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile, sumsOf } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import { isLinux, isRoot } from "../support/server-home.ts";
import type { ServiceProcess } from "../support/service.ts";

const TARGET =
  "create table target (date timestamptz, delay int, distance int, origin text, destination text)";

const flights = flightsFile(1);
let scene: FaultScene;
let service: ServiceProcess;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

/** An import that paused itself after some records. */
async function pausedImport(mode: "create" | "append"): Promise<{ id: string; file: string }> {
  service = await scene.start();
  if (mode === "append") await scene.pool.query(TARGET);
  const job = await startImport(service.client, flights.bytes, {
    table: "target",
    mode,
    pauseAfter: 5_000,
  });
  await scene.waitForState(job.id, "paused");
  return { id: job.id, file: job.file };
}

async function expectFailure(jobId: string, code: string, message: string): Promise<void> {
  const failed = await scene.waitForState(jobId, "failed");
  expect(failed.failure).toMatchObject({ code, message: expect.stringContaining(message) });
  await expectAllGood(scene.pool);
}

test("a target that appears before publishing is left as it is, and the job goes on when it is gone", async () => {
  const { id } = await pausedImport("create");
  await scene.pool.query("create table target (other int)");

  await service.client.act(id, "resume");
  await expectFailure(id, "table_exists", "created by somebody else");

  expect((await scene.pool.query("select other from target")).rowCount).toBe(0);
  await scene.pool.query("drop table target");
  await service.client.act(id, "resume");
  await scene.expectImported(id, "target", flights.sums);
});

describe("a target that changes before publishing", () => {
  test.each([
    ["dropped", "drop table target", TARGET],
    [
      "without a column",
      "alter table target drop column delay",
      "alter table target add column delay int",
    ],
    [
      "of another type",
      "alter table target alter column origin type date using null",
      "alter table target alter column origin type text",
    ],
    [
      "with a constraint",
      "alter table target add constraint short check (distance < 10)",
      "alter table target drop constraint short",
    ],
    [
      "with a trigger that drops rows",
      `create function drop_row() returns trigger language plpgsql as 'begin return null; end';
       create trigger dropping before insert on target for each row execute function drop_row()`,
      "drop trigger dropping on target",
    ],
  ])("is refused when it is %s, and takes the rows when it fits again", async (_, change, back) => {
    const { id } = await pausedImport("append");
    await scene.pool.query(change);

    await service.client.act(id, "resume");
    await scene.waitForState(id, "failed");
    await expectAllGood(scene.pool);

    await scene.pool.query(back);
    await service.client.act(id, "resume");
    await scene.expectImported(id, "target", flights.sums);
  });

  test("takes the rows when it only has a column more", async () => {
    const { id } = await pausedImport("append");
    await scene.pool.query("alter table target add column note text default 'none'");

    await service.client.act(id, "resume");

    await scene.expectImported(id, "target", flights.sums);
  });
});

describe("a source that changes while its job is paused", () => {
  test.each([
    ["cut short", (path: string) => truncate(path, 1_000_000)],
    ["longer", (path: string) => writeFile(path, "2000-01-01,1,1,A,B\n", { flag: "a" })],
    ["removed", (path: string) => rm(path)],
  ])("is not read when it is %s", async (_, change) => {
    const { id, file } = await pausedImport("create");
    await change(scene.path("service", "files", file));

    await service.client.act(id, "resume");

    await expectFailure(id, "source_changed", "");
    expect((await scene.stored(id)).read).toBe(5_000);
  });
});

test.skipIf(!isLinux || !isRoot)(
  "a disk that is full refuses the upload, leaves nothing of it, and the service goes on",
  async () => {
    const files = scene.path("small");
    await mkdir(files);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", files]);
    try {
      service = await scene.start({ environment: { SLUICE_FILES: files } });

      const large = service.client.uploadFile("large.csv", flightsFile(2).bytes);
      await expect(large).rejects.toMatchObject({ status: 507 });

      expect(await readdir(files)).toEqual([]);
      const job = await startImport(service.client, flights.bytes, { table: "target" });
      await scene.expectImported(job.id, "target", flights.sums);
      await service.end("SIGTERM");
    } finally {
      execFileSync("umount", [files]);
    }
  },
);

test("a database whose defaults would break the protocol does not", async () => {
  const { rows } = await scene.pool.query<{ name: string }>("select current_database() as name");
  for (const setting of [
    "default_transaction_isolation = 'serializable'",
    "statement_timeout = '40ms'",
    "lock_timeout = '1ms'",
    "idle_in_transaction_session_timeout = '1ms'",
    "synchronous_commit = off",
    "standard_conforming_strings = off",
    "bytea_output = 'escape'",
    "datestyle = 'SQL, DMY'",
  ])
    await scene.pool.query(`alter database ${rows[0]?.name} set ${setting}`);
  service = await scene.start({ environment: { SLUICE_FAILPOINT: "chunk_gap:*:sleep=50" } });
  const job = await startImport(service.client, flights.bytes, { table: "target" });

  await scene.waitForShare(job.id, 0.3);
  expect((await service.client.act(job.id, "pause")).isReached).toBe(true);
  await service.client.act(job.id, "resume");

  await scene.waitForState(job.id, "succeeded");
  expect(await sumsOf(scene.pool, "target")).toEqual(flights.sums);
});
