/** Workers beside a service, on one database and one folder of files. */
import { readFile } from "node:fs/promises";
import type pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { runCommand } from "../support/cli.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import { SMALL_PIECES } from "../support/service.ts";
import { startWorkerProcess, type WorkerProcess } from "../support/worker.ts";
import { until } from "../support/until.ts";

/** Short, so that a rescue by lease is quick. At least three heartbeats. */
const SHORT_LEASE = { heartbeatMs: 300, leaseMs: 1_500, sweepMs: 300 };
const SLOW_CHUNKS = { SLUICE_FAILPOINT: "chunk_gap:*:sleep=30" };

let scene: FaultScene;
let workers: WorkerProcess[];

beforeEach(async () => {
  scene = await FaultScene.open();
  workers = [];
});
afterEach(async () => {
  for (const worker of workers) await worker[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

function environmentOf(folder: string): Record<string, string> {
  return {
    DATABASE_URL: scene.database.url,
    SLUICE_DIR: scene.path(folder),
    SLUICE_FILES: scene.path("files"),
  };
}

/** A worker of the pace of tests. */
function startWorker(folder: string): WorkerProcess {
  const worker = startWorkerProcess({
    environment: { ...environmentOf(folder), ...SLOW_CHUNKS },
    settings: { ...SMALL_PIECES, ...SHORT_LEASE },
  });
  workers.push(worker);
  return worker;
}

/** The program `sluice worker`. */
function startProgram(folder: string, environment: Record<string, string> = {}): WorkerProcess {
  const worker = startWorkerProcess({
    environment: { ...environmentOf(folder), ...environment },
  });
  workers.push(worker);
  return worker;
}

function startService(): ReturnType<FaultScene["start"]> {
  return scene.start({
    settings: SHORT_LEASE,
    environment: { SLUICE_FILES: scene.path("files"), ...SLOW_CHUNKS },
  });
}

/** Waits until a worker has a part of a job in hand. */
function waitForClaim(worker: string, jobId: string): Promise<true> {
  return until(`${worker} works on the job`, async () => {
    const { rowCount } = await scene.pool.query(
      `select from sluice.part p join sluice.runner r on r.id = p.runner_id
        where p.job_id = $1 and r.worker = $2 and p.part_no > 0`,
      [jobId, worker],
    );
    return rowCount !== 0;
  });
}

describe("of two workers and a service", () => {
  test("the others go on when a worker is killed in the middle of an import, and nothing is lost or doubled", async () => {
    const flights = flightsFile(4);
    const service = await startService();
    const [first, second] = [startWorker("first"), startWorker("second")];
    const [firstId, secondId] = await Promise.all([first.id, second.id]);
    const job = await startImport(service.client, flights.bytes, { table: "flights" });
    await waitForClaim(firstId, job.id);
    await waitForClaim(secondId, job.id);

    await first.end("SIGKILL");

    await scene.expectImported(job.id, "flights", flights.sums);
    expect((await scene.stored(job.id)).rescues).toBeGreaterThan(0);
  });
});

describe("sluice worker", () => {
  test("runs what is left when the service has ended, by a name that survives restarts", async () => {
    const flights = flightsFile(1);
    const service = await startService();
    const job = await startImport(service.client, flights.bytes, { table: "flights" });
    await scene.waitForOpenChunk();
    await service.end("SIGKILL");

    const first = startProgram("worker");
    const id = await first.id;
    await scene.expectImported(job.id, "flights", flights.sums);
    await first.end("SIGKILL");

    expect(await startProgram("worker").id).toBe(id);
    expect((await readFile(scene.path("worker", "worker-id"), "utf8")).trim()).toBe(id);
  });

  test("SIGTERM finishes the chunks in hand, gives the job back and ends with 0 within 10 s", async () => {
    const flights = flightsFile(1);
    const service = await startService();
    const job = await startImport(service.client, flights.bytes, { table: "flights" });
    await scene.waitForOpenChunk();
    await service.end("SIGTERM");
    const read = (await scene.stored(job.id)).read;
    const worker = startProgram("worker", { SLUICE_FAILPOINT: "chunk_gap:*:sleep=200" });
    await scene.waitFor(job.id, "goes on", (stored) => stored.read > read);

    const began = performance.now();
    const code = await worker.end("SIGTERM");

    expect(code).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await scene.stored(job.id)).toMatchObject({ state: "queued", signal: "run" });
    expect((await scene.pool.query("select from sluice.runner")).rowCount).toBe(0);
    await expectAllGood(scene.pool);
  });

  test("with another folder of files than the live service's is refused", async () => {
    await startService();

    const end = await runCommand(["worker"], {
      cwd: scene.path(),
      environment: { ...environmentOf("worker"), SLUICE_FILES: scene.path("elsewhere") },
    });

    expect(end).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Set SLUICE_FILES to the folder that the other uses"),
    });
  });

  test("on the folder of a service is refused with its address, and commands there find the service", async () => {
    const service = await startService();

    const end = await runCommand(["worker"], {
      cwd: scene.path(),
      environment: environmentOf("service"),
    });

    expect(end.code).toBe(1);
    expect(end.stderr).toContain(`Another Sluice service (pid ${service.pid}, ${service.url})`);
  });

  test("holds its folder against a service, and commands there do not wait for it", async () => {
    await startService();
    await startProgram("worker").id;

    const jobs = await runCommand(["jobs"], {
      cwd: scene.path(),
      environment: environmentOf("worker"),
    });
    const serve = await runCommand(["serve"], {
      cwd: scene.path(),
      environment: { ...environmentOf("worker"), SLUICE_PORT: "0" },
    });

    expect(jobs).toMatchObject({
      code: 75,
      stderr: expect.stringContaining("No Sluice service runs"),
    });
    expect(serve).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Another Sluice worker (pid"),
    });
  });

  test("without DATABASE_URL is wrong usage that says why", async () => {
    const end = await runCommand(["worker"], {
      cwd: scene.path(),
      environment: { SLUICE_DIR: scene.path("worker") },
    });

    expect(end).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("A worker needs DATABASE_URL"),
    });
  });
});

describe("the schema of a database", () => {
  test("is not made by a worker: it waits, and begins when a service has made it", async () => {
    await scene.pool.query("drop schema sluice cascade");
    await scene.pool.query("drop schema if exists sluice_dispatch cascade");
    const worker = startProgram("worker");
    await worker.says("has no schema of Sluice yet");
    expect(await hasSchema(scene.pool)).toBe(false);

    await startService();

    expect(await worker.id).toMatch(/^worker_/);
  });

  test("is waited for until SIGTERM, which ends the worker with 0", async () => {
    await scene.pool.query("drop schema sluice cascade");
    const worker = startProgram("worker");
    await worker.says("has no schema of Sluice yet");

    expect(await worker.end("SIGTERM")).toBe(0);
    expect(await hasSchema(scene.pool)).toBe(false);
  });

  test("of an older version is waited for, and left as it is", async () => {
    await scene.pool.query(
      "delete from sluice.migration where number = (select max(number) from sluice.migration)",
    );
    const worker = startProgram("worker");

    await worker.says("The schema of the database is of an older version");

    expect(await worker.end("SIGTERM")).toBe(0);
  });

  test("of a newer version is refused", async () => {
    await scene.pool.query(
      "insert into sluice.migration (number, name, checksum) values (9999, '9999_later.sql', 'x')",
    );

    const end = await runCommand(["worker"], {
      cwd: scene.path(),
      environment: environmentOf("worker"),
    });

    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining("9999_later.sql") });
  });
});

async function hasSchema(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query("select to_regnamespace('sluice') is not null as is_there");
  return rows[0]?.is_there === true;
}
