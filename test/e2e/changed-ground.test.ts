/** What an import stands on changes under it: its source, the disk, the settings of the database. */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile, sumsOf } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import { isLinux, isRoot } from "../support/server-home.ts";
import type { ServiceProcess } from "../support/service.ts";

const flights = flightsFile(1);
let scene: FaultScene;
let service: ServiceProcess;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

describe("a source that changes while its job is paused", () => {
  test.each([
    ["cut short", (path: string) => truncate(path, 1_000_000)],
    ["longer", (path: string) => writeFile(path, "2000-01-01,1,1,A,B\n", { flag: "a" })],
    ["removed", (path: string) => rm(path)],
    [
      "another of the same length",
      (path: string) => writeFile(path, flights.bytes.toString("latin1").replaceAll("LAS", "LAX")),
    ],
  ])("is not read when it is %s", async (_, change) => {
    service = await scene.start();
    const body = { table: "target", pauseAfter: 5_000 };
    const { id, file } = await startImport(service.client, flights.bytes, body);
    await scene.waitForState(id, "paused");
    await change(scene.path("service", "files", file));

    await service.client.act(id, "resume");

    const failed = await scene.waitForState(id, "failed");
    expect(failed).toMatchObject({ read: 5_000, failure: { code: "source_changed" } });
    await expectAllGood(scene.pool);
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

      expect(await readdir(files)).toEqual(["folder-id"]);
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
