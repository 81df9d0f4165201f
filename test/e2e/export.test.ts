/** Exports through the API of a real service: what is in the file, and that pause, stop and death leave no trace in it. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FLIGHT_COLUMNS, importFlights, resultOf, waitForExport } from "../support/export-job.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile, sumsOf } from "../support/flights.ts";
import { waitForEnd } from "../support/import-job.ts";

/** A lease that no test outlives, and stretches that are short. */
const PACE = { leaseMs: 3_600_000, chunkTargetMs: 4 };
const ALL = { table: "flights", columns: FLIGHT_COLUMNS };

const flights = flightsFile(1);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

/** Names of all files that uploads and exports have left in the service's folder. */
async function storedFiles(): Promise<readonly string[]> {
  const names = await readdir(scene.path("service", "files"), { recursive: true });
  return names.filter((name) => name !== "folder-id" && name !== "exports").toSorted();
}

async function storedPieces(): Promise<readonly string[]> {
  return (await storedFiles()).filter((name) => name.startsWith("exports"));
}

/** The pieces are removed right after the commit that ends the job. */
async function expectNoPieces(): Promise<void> {
  await expect.poll(storedPieces, { timeout: 10_000 }).toEqual([]);
}

async function expectNothingRuns(): Promise<void> {
  const { rows } = await scene.pool.query(
    `select query from pg_stat_activity where application_name = 'sluice runner' and datname = current_database()
      and query like '%export_gate%' and xact_start is not null`,
  );
  expect(rows).toEqual([]);
}

describe("an export of a table with a key", () => {
  test("comes back from its file row by row", async () => {
    const service = await scene.start();
    await importFlights(scene, service.client, flights.bytes);

    const job = await service.client.createExport(ALL);
    const end = await waitForExport(service.client, job.id);

    expect(end).toMatchObject({ state: "succeeded", failure: null, method: "keyed" });
    const bytes = await resultOf(service.client, job.id);
    expect(end.result).toMatchObject({
      name: "flights.csv",
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      rowsExported: 50_000,
    });
    const file = end.result?.file ?? "";
    const back = await service.client.createJob({ kind: "import", file, table: "back" });
    expect((await waitForEnd(service.client, back.id)).state).toBe("succeeded");
    expect(await sumsOf(scene.pool, "back")).toEqual(flights.sums);
    await expectNoPieces();
    await expectAllGood(scene.pool);
  });

  test("by a date has the rows of that date, in the order of the key", async () => {
    const service = await scene.start();
    await importFlights(scene, service.client, flights.bytes);
    const day = {
      from: { column: "date", value: "2001-01-02" },
      to: { column: "date", value: "2001-01-03" },
    };

    const job = await service.client.createExport({ table: "flights", columns: ["id"], ...day });
    const end = await waitForExport(service.client, job.id);

    const { rows } = await scene.pool.query<{ id: string }>(
      "select f.id::text as id from flights f where date >= '2001-01-02Z' and date < '2001-01-03Z' order by f.id",
    );
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.length).toBeLessThan(50_000);
    expect((await resultOf(service.client, job.id)).toString()).toBe(
      ["id", ...rows.map(({ id }) => id), ""].join("\n"),
    );
    expect(end.progress).toMatchObject({ recordsWritten: rows.length, fraction: 1 });
  });

  test("leaves out what is added behind the last key after the start", async () => {
    const service = await scene.start();
    await importFlights(scene, service.client, flights.bytes);
    const job = await service.client.createExport({ ...ALL, startPaused: true });
    await scene.pool.query("insert into flights (date, origin) values (now(), 'NEW')");

    await service.client.act(job.id, "resume");

    expect((await waitForExport(service.client, job.id)).result?.rowsExported).toBe(50_000);
  });
});

describe("the same bytes", () => {
  test("come from an export that was paused again and again", async () => {
    const service = await scene.start({ settings: PACE });
    await importFlights(scene, service.client, flightsFile(4).bytes);
    const whole = await service.client.createExport(ALL);
    const { result } = await waitForExport(service.client, whole.id);

    const job = await service.client.createExport(ALL);
    for (const share of [0.02, 0.2, 0.4, 0.6]) {
      await scene.waitFor(job.id, "goes on", (stored) => stored.share >= share);
      const { job: paused } = await service.client.act(job.id, "pause");
      expect(paused.state).toBe("paused");
      await expectNothingRuns();
      expect((await scene.stored(job.id)).read).toBe(paused.progress.recordsRead);
      await service.client.act(job.id, "resume");
    }

    expect((await waitForExport(service.client, job.id)).result).toMatchObject({
      sha256: result?.sha256,
      bytes: result?.bytes,
    });
    await expectAllGood(scene.pool);
  });

  test.each([
    "after_claim:1",
    "chunk_encoded:4",
    "before_commit:1",
    "before_commit:5",
    "after_commit:5",
    "publish_begun:1",
    "export_rename:1",
    "publish_before_commit:1",
  ])("come from a service that is killed at %s", async (failpoint) => {
    const first = await scene.start({ settings: PACE });
    await importFlights(scene, first.client, flights.bytes);
    const whole = await first.client.createExport(ALL);
    const { result } = await waitForExport(first.client, whole.id);
    await first.end("SIGTERM");
    const victim = await scene.start({
      settings: PACE,
      environment: { SLUICE_FAILPOINT: failpoint },
    });
    const job = await victim.client.createExport(ALL);
    await victim.ended;
    const before = await scene.stored(job.id);
    const ledger = await scene.ledger(job.id);

    const next = await scene.start({ settings: PACE });

    const end = await waitForExport(next.client, job.id);
    expect(end.result).toMatchObject({ sha256: result?.sha256, bytes: result?.bytes });
    expect((await scene.stored(job.id)).read).toBeGreaterThanOrEqual(before.read);
    expect(await scene.ledger(job.id)).toEqual(expect.arrayContaining([...ledger]));
    await expectNoPieces();
    await expectAllGood(scene.pool);
  });
});

describe("a stopped export", () => {
  test.each([0, 0.1, 0.5])("after a share of %d leaves no file", async (share) => {
    const service = await scene.start({ settings: PACE });
    await importFlights(scene, service.client, flights.bytes);
    const before = await storedFiles();
    const job = await service.client.createExport(ALL);
    await scene.waitFor(job.id, "has begun", (stored) => stored.share >= share);

    const { job: stopped } = await service.client.act(job.id, "stop");

    expect(stopped).toMatchObject({ state: "stopped", result: null });
    expect(await storedFiles()).toEqual(before);
    await expect(service.client.openResult(job.id)).rejects.toMatchObject({ code: "no_result" });
    await expectAllGood(scene.pool);
  });

  test("whose service dies before its files are removed leaves none after the next start", async () => {
    const victim = await scene.start({
      settings: PACE,
      environment: { SLUICE_FAILPOINT: "export_rename:1" },
    });
    await importFlights(scene, victim.client, flights.bytes);
    const before = await storedFiles();
    const job = await victim.client.createExport(ALL);
    await victim.ended;
    expect((await storedFiles()).length).toBeGreaterThan(before.length);
    // As if another service had stopped it, whose folder is the same.
    await scene.pool.query("update sluice.job_signal set wish = 'stop' where job_id = $1", [
      job.id,
    ]);

    await scene.start({ settings: PACE });

    await scene.waitForState(job.id, "stopped");
    await expect.poll(storedFiles, { timeout: 10_000 }).toEqual(before);
  });
});
