/** Sessions of other people that hold locks on what an import needs. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import pg from "pg";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";
import { until } from "../support/until.ts";

const TARGET =
  "create table target (date timestamptz, delay int, distance int, origin text, destination text)";

const flights = flightsFile(1);
let scene: FaultScene;
let service: ServiceProcess;
let other: pg.Client;

beforeAll(async () => {
  scene = await FaultScene.open();
  service = await scene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

beforeEach(async () => {
  await scene.pool.query(`drop table if exists target; ${TARGET}`);
  other = new pg.Client({ connectionString: scene.database.url, application_name: "nightly" });
  await other.connect();
});
afterEach(() => other?.end());

async function hold(table: string): Promise<void> {
  await other.query("begin");
  await other.query(`lock table ${table} in access exclusive mode`);
}

function waitForLockOn(table: string): Promise<true> {
  return until(`somebody waits for ${table}`, async () => {
    const { rowCount } = await scene.pool.query(
      "select from pg_locks where not granted and relation = $1::regclass",
      [table],
    );
    return rowCount !== 0;
  });
}

describe("publishing into a table that another session has locked", () => {
  test("waits, and publishes when that lets go", async () => {
    await hold("target");
    const job = await startImport(service.client, flights.bytes, {
      table: "target",
      mode: "append",
    });
    await waitForLockOn("target");

    await expect(service.client.act(job.id, "pause")).rejects.toMatchObject({
      code: "transition_not_allowed",
    });
    await other.query("commit");

    await scene.expectImported(job.id, "target", flights.sums);
  });

  test("is tried again when the server ends it to resolve a deadlock", async () => {
    // The server ends whichever has waited for a second when both wait: the publishing, if the other one is quick.
    await until("the publishing is the one that was ended", async () => {
      await hold("target");
      const job = await startImport(service.client, flights.bytes, {
        table: "target",
        mode: "append",
      });
      await waitForLockOn("target");
      const isOtherEnded = await other
        .query("select from sluice.job where id = $1 for update", [job.id])
        .then(() => false)
        .catch((error: unknown) => error instanceof pg.DatabaseError && error.code === "40P01");
      await other.query("commit");

      await scene.expectImported(job.id, "target", flights.sums);
      if (isOtherEnded) await scene.pool.query("truncate target");
      return !isOtherEnded;
    });
  });

  test("can be stopped while it waits", async () => {
    await hold("target");
    const job = await startImport(service.client, flights.bytes, {
      table: "target",
      mode: "append",
    });
    await waitForLockOn("target");

    const { job: stopped } = await service.client.act(job.id, "stop");

    expect(stopped.state).toBe("stopped");
    await other.query("commit");
    expect((await scene.pool.query("select from target")).rowCount).toBe(0);
    await expectAllGood(scene.pool);
  });
});

describe("a chunk that waits for a lock of another session", () => {
  test("is told with who holds it, and keeps no service from starting again when it was killed", async () => {
    const first = await scene.start({ folder: "killed", environment: ownFiles() });
    await hold("target");
    const { id } = await startImport(first.client, flights.bytes, {
      table: "target",
      mode: "append",
      delivery: "direct",
    });
    await waitForLockOn("target");
    await until("its runner was seen after it had connected", async () => {
      const { rowCount } = await scene.pool.query(
        `select from sluice.runner r join pg_stat_activity a on a.pid = r.backend_pid
          where a.wait_event_type = 'Lock' and a.backend_start < r.seen_at`,
      );
      return rowCount !== 0;
    });
    const activity = await fetch(`${first.url}/v1/jobs/${id}/activity`);
    expect(await activity.json()).toMatchObject({
      job: id,
      lock: { query: "lock table target in access exclusive mo …", since: expect.any(String) },
    });
    await first.end("SIGKILL");

    await scene.start({ folder: "killed", environment: ownFiles() });

    await other.query("commit");
    await scene.expectImported(id, "target", flights.sums);
  });
});

function ownFiles(): Record<string, string> {
  return { SLUICE_FILES: scene.path("service", "files") };
}

describe("while another session has locked the staging table", () => {
  test("a stop is answered as on the way, and is carried out when that lets go", async () => {
    const quick = await scene.start({
      folder: "quick",
      settings: { actionWaitMs: 500 },
      environment: ownFiles(),
    });
    const jobId = await pausedJob();
    await hold(`sluice.stage_${jobId.slice(4)}`);

    const { isReached, job } = await quick.client.act(jobId, "stop");

    expect({ isReached, state: job.state }).toEqual({ isReached: false, state: "stopping" });
    await other.query("commit");
    await scene.waitForState(jobId, "stopped");
    await expectAllGood(scene.pool);
  });

  test("an undo is refused with the name of the session, and is carried out afterwards", async () => {
    const jobId = await pausedJob();
    await service.client.act(jobId, "resume", { maxRejected: 0 });
    await scene.waitForState(jobId, "failed");
    await hold(`sluice.stage_${jobId.slice(4)}`);

    await expect(service.client.act(jobId, "undo")).rejects.toMatchObject({
      code: "lock_timeout",
      message: expect.stringContaining("nightly"),
    });

    await other.query("commit");
    expect((await service.client.act(jobId, "undo")).job.state).toBe("undone");
    await expectAllGood(scene.pool);
  });
});

/** Its last row is bad. */
async function pausedJob(): Promise<string> {
  const bytes = Buffer.concat([flights.bytes, Buffer.from("never,1,1,LAS,LAS\n")]);
  const { id } = await startImport(service.client, bytes, { table: "t", pauseAfter: 5_000 });
  await scene.waitForState(id, "paused");
  return id;
}
