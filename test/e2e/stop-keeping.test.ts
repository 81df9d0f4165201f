/** Stopping a staged import with its rows kept: what is committed is published as at a normal end. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport, waitForShare } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";

/** A lease that no test outlives: what goes on before, goes on without it. */
const NO_LEASE = { leaseMs: 3_600_000 };
/** Makes the transaction of each chunk long enough to be hit. */
const SLOW_CHUNKS = { SLUICE_FAILPOINT: "chunk_gap:*:sleep=20" };
const TABLE =
  "create table flights (date timestamptz, delay int, distance int, origin text, destination text)";

/** Over two of the smallest parts, so that several are read. */
const flights = flightsFile(4);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

function start(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  return scene.start({ settings: NO_LEASE, environment });
}

async function countOf(condition = "true"): Promise<number> {
  const { rows } = await scene.pool.query<{ count: number }>(
    `select count(*)::int as count from flights where ${condition}`,
  );
  return rows[0]?.count ?? -1;
}

test("publishes the rows of all parts that are ready, and nothing else", async () => {
  const { client } = await start(SLOW_CHUNKS);
  const { id } = await startImport(client, flights.bytes, { table: "flights" });
  await waitForShare(client, id, 0.3);

  const { job, isReached } = await client.act(id, "stop", { rows: "keep", reason: "enough" });

  expect(isReached).toBe(true);
  expect(job).toMatchObject({
    state: "stopped",
    phase: null,
    stateReason: { by: "local" },
    result: { rows: "kept", rowsInserted: job.progress.recordsWritten },
  });
  expect(job.progress.fraction).toBeLessThan(1);
  expect(await countOf()).toBe(job.progress.recordsWritten);
  expect((await client.getReceipt(id)).isBalanced).toBe(true);
  await expectAllGood(scene.pool);
});

test("books rows that the table refuses as rejections, of a paused job too", async () => {
  await scene.pool.query(`${TABLE}; alter table flights add id serial, add exclude (id with =)`);
  await scene.pool.query("create unique index on flights (distance, origin, destination, date)");
  const { client } = await start(SLOW_CHUNKS);
  const { id } = await startImport(client, flights.bytes, { table: "flights", mode: "append" });
  await waitForShare(client, id, 0.5);
  const paused = (await client.act(id, "pause")).job;

  const { job } = await client.act(id, "stop", { rows: "keep" });

  expect(job.state).toBe("stopped");
  const { recordsRead, recordsWritten, recordsRejected } = job.progress;
  expect(recordsRejected).toBeGreaterThan(0);
  expect([recordsRead, recordsWritten + recordsRejected]).toEqual([
    paused.progress.recordsRead,
    paused.progress.recordsRead,
  ]);
  expect(job.result).toMatchObject({ rows: "kept", rowsInserted: recordsWritten });
  expect(await countOf()).toBe(recordsWritten);
  const rejected = await scene.pool.query("select from sluice.rejection where job_id = $1", [id]);
  expect(rejected.rowCount).toBe(recordsRejected);
  await expectAllGood(scene.pool);
});

test.each(["after_claim", "publish_prepared", "publish_before_commit"])(
  "is carried out by the next service when the first is killed at %s",
  async (name) => {
    const first = await start(SLOW_CHUNKS);
    const { id } = await startImport(first.client, flights.bytes, { table: "flights" });
    await waitForShare(first.client, id, 0.3);
    const { progress } = (await first.client.act(id, "pause")).job;
    await first.end("SIGTERM");
    const victim = await start({ SLUICE_FAILPOINT: `${name}:1` });
    const answer = victim.client.act(id, "stop", { rows: "keep" }).catch(() => "no answer");
    await victim.ended;
    expect(await answer).toBe("no answer");
    expect(await scene.stored(id)).toMatchObject({ state: "stopping", phase: "publishing" });

    const { client } = await start();

    await scene.waitForState(id, "stopped");
    expect(await countOf()).toBe(progress.recordsWritten);
    expect((await client.getJob(id)).result).toMatchObject({
      rows: "kept",
      rowsInserted: progress.recordsWritten,
    });
    await expectAllGood(scene.pool);
  },
);

test("fails with what keeps it from publishing, and the rows wait to be resumed or undone", async () => {
  const { client } = await start(SLOW_CHUNKS);
  const { id } = await startImport(client, flights.bytes, { table: "flights" });
  await waitForShare(client, id, 0.2);
  await scene.pool.query(TABLE);

  await expect(client.act(id, "stop", { rows: "keep" })).rejects.toMatchObject({
    code: "table_exists",
  });

  expect(await client.getJob(id)).toMatchObject({
    state: "failed",
    actions: ["resume", "undo", "rerun"],
  });
  expect((await client.act(id, "undo")).job.state).toBe("undone");
  await expectAllGood(scene.pool);
});

test("has nothing to publish before the first chunk, and is then a stop like any other", async () => {
  const { client } = await start();
  const { id } = await startImport(client, flights.bytes, { table: "flights", startPaused: true });

  const { job } = await client.act(id, "stop", { rows: "keep" });

  expect(job).toMatchObject({ state: "stopped", result: { rows: "undone", rowsInserted: 0 } });
  await expectAllGood(scene.pool);
});
