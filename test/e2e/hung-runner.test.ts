/** Runner threads that loop for ever, and chunks that stay in their transaction. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";

/** A thread that is silent for a second hangs. */
const QUICK_HANG = { heartbeatMs: 200, hangMs: 1_000, leaseMs: 3_600_000 };

const flights = flightsFile(1);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

describe("a runner thread that hangs", () => {
  test("is terminated, and its part goes on in another", async () => {
    const service = await scene.start({
      settings: QUICK_HANG,
      environment: { SLUICE_FAILPOINT: "chunk_encoded:6:block=3600000" },
    });
    const job = await startImport(service.client, flights.bytes, { table: "flights" });

    await scene.expectImported(job.id, "flights", flights.sums);
    expect(service.log()).toContain("is terminated; its chunk rolls back");
  });

  test.each([
    ["pause", "paused"],
    ["stop", "stopped"],
  ] as const)("does not keep its job from the answer to %s", async (action, state) => {
    const service = await scene.start({
      environment: { SLUICE_FAILPOINT: "chunk_encoded:2:block=3600000" },
      settings: { heartbeatMs: 200, hangMs: 3_600_000, drainMs: 100 },
    });
    const job = await startImport(service.client, flights.bytes, { table: "flights" });
    await scene.waitForOpenChunk();

    const { isReached, job: answered } = await service.client.act(job.id, action);

    expect({ isReached, state: answered.state }).toEqual({ isReached: true, state });
    await expectAllGood(scene.pool);
  });
});

test("a pause ends a chunk that stays in its transaction, and the job goes on right when it is resumed", async () => {
  const stuck = await scene.start({
    environment: { SLUICE_FAILPOINT: "chunk_gap:*:sleep=3600000" },
  });
  const job = await startImport(stuck.client, flights.bytes, { table: "flights" });
  await scene.waitForOpenChunk();

  const { isReached } = await stuck.client.act(job.id, "pause");

  expect(isReached).toBe(true);
  expect(await scene.stored(job.id)).toMatchObject({ state: "paused", read: 0 });
  await stuck.end("SIGTERM");
  const next = await scene.start();
  await next.client.act(job.id, "resume");
  await scene.expectImported(job.id, "flights", flights.sums);
});
