/** The database ends connections, and goes away altogether, in the middle of a job. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SluiceApiError, type SluiceClient } from "../../src/client/index.ts";
import { openPool } from "../../src/store/connect.ts";
import { startPrivateServer } from "../../src/postgres/private-server.ts";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene, readStored } from "../support/fault-scene.ts";
import { flightsFile, sumsOf } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import { postmasterPid } from "../support/server-home.ts";
import { until } from "../support/until.ts";

const SLOW_CHUNKS = { SLUICE_FAILPOINT: "chunk_gap:*:sleep=10" };
const NO_LEASE = { leaseMs: 3_600_000 };

const flights = flightsFile(2);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

describe("connections that the database ends again and again", () => {
  test.each([
    ["of runners", ["sluice runner"]],
    ["of the service and its dispatch", ["sluice service"]],
    ["of control", ["sluice control"]],
    ["of everything", ["sluice runner", "sluice service", "sluice control"]],
  ])("%s do not keep a job from ending right", async (_, names) => {
    const service = await scene.start({ settings: NO_LEASE, environment: SLOW_CHUNKS });
    const job = await startImport(service.client, flights.bytes, { table: "flights" });

    for (const share of [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75]) {
      await scene.waitForShare(job.id, share);
      await scene.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = any($1) and datname = current_database()`,
        [names],
      );
    }

    await scene.expectImported(job.id, "flights", flights.sums);
    expect(service.isAlive()).toBe(true);
    expect((await scene.stored(job.id)).rescues).toBe(0);
  });
});

test("statements of runners that an administrator cancels are done again", async () => {
  const service = await scene.start({ settings: NO_LEASE, environment: SLOW_CHUNKS });
  const job = await startImport(service.client, flights.bytes, { table: "flights" });

  for (const share of [0.05, 0.25, 0.45, 0.65]) {
    await scene.waitForShare(job.id, share);
    await until("a chunk was cancelled", async () => {
      const { rowCount } = await scene.pool.query(
        `with busy as materialized (
            select pid from pg_stat_activity where application_name = 'sluice runner'
              and datname = current_database() and state = 'active' and query like '%chunk_gate%')
          select from busy where pg_cancel_backend(pid)`,
      );
      return rowCount !== 0;
    });
  }

  await scene.expectImported(job.id, "flights", flights.sums);
});

describe("a PostgreSQL that goes away and comes back", () => {
  test.each([
    ["is killed", kill],
    ["is restarted", stop],
  ])("and %s in the middle of a job loses and doubles nothing", async (_, end) => {
    const dir = scene.path("postgres");
    let server = await startPrivateServer({ dir });
    const service = await scene.start({
      databaseUrl: server.url,
      settings: NO_LEASE,
      environment: SLOW_CHUNKS,
    });
    const pool = openPool(server.url, "sluice test", 2);
    const job = await startImport(service.client, flights.bytes, { table: "flights" });
    await until("the job has begun", async () => (await readStored(pool, job.id)).share > 0.2);

    await end(dir, server);
    await until("the outage is told", () => tellsOfOutage(service.client, job.id));
    server = await startPrivateServer({ dir });

    await until("the job has ended", async () => {
      const seen = await readStored(pool, job.id);
      return seen.state === "succeeded";
    });
    expect(await sumsOf(pool, "flights")).toEqual(flights.sums);
    await expectAllGood(pool);
    await pool.end();
    await service.end("SIGTERM");
    await server.stop();
  });
});

/** The backends of a killed server notice its end some time later, and answer until then. */
async function tellsOfOutage(client: SluiceClient, jobId: string): Promise<boolean> {
  const error: unknown = await client.getJob(jobId).catch((reason: unknown) => reason);
  return error instanceof SluiceApiError && error.status === 503;
}

function kill(dir: string): void {
  process.kill(postmasterPid(dir), "SIGKILL");
}

async function stop(_: string, server: { stop(): Promise<void> }): Promise<void> {
  await server.stop();
}

describe("the private PostgreSQL of a folder", () => {
  test("survives the kill of its service, and the next one on the folder goes on with it at once", async () => {
    const start = { databaseUrl: undefined, settings: NO_LEASE, environment: SLOW_CHUNKS };
    const victim = await scene.start(start);
    const pool = openPool(victim.databaseUrl, "sluice test", 2);
    const job = await startImport(victim.client, flights.bytes, { table: "flights" });
    await until("the job has begun", async () => (await readStored(pool, job.id)).share > 0.2);
    const began = await pool.query("select pg_postmaster_start_time() as at");

    await victim.end("SIGKILL");
    const next = await scene.start(start);

    expect(next.databaseUrl).toBe(victim.databaseUrl);
    expect((await pool.query("select pg_postmaster_start_time() as at")).rows).toEqual(began.rows);
    await until("the job has ended", async () => {
      const { state } = await readStored(pool, job.id);
      return state === "succeeded";
    });
    expect(await sumsOf(pool, "flights")).toEqual(flights.sums);
    await expectAllGood(pool);
    await pool.end();
    expect(await next.end("SIGTERM")).toBe(0);
  });
});
