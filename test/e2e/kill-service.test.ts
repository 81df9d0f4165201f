/** The service dies by SIGKILL at every boundary of a commit, and the next one on its folder goes on. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";

/** A lease that no test outlives: what goes on before, goes on without it. */
const NO_LEASE = { leaseMs: 3_600_000 };
/** Makes the transaction of each chunk long enough to be hit. */
const SLOW_CHUNKS = { SLUICE_FAILPOINT: "chunk_gap:*:sleep=20" };

const flights = flightsFile(1);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

describe("a service killed at a failpoint", () => {
  test.each([
    "after_claim:2",
    "chunk_encoded:3",
    "chunk_begun:1",
    "before_commit:3",
    "after_commit:3",
    "publish_begun:1",
    "publish_before_commit:1",
  ])("%s goes on at once, from its checkpoint", async (failpoint) => {
    const victim = await scene.start({
      settings: NO_LEASE,
      environment: { SLUICE_FAILPOINT: failpoint },
    });
    const job = await startImport(victim.client, flights.bytes, { table: "flights" });
    await victim.ended;
    const before = await scene.stored(job.id);
    const committed = await scene.ledger(job.id);

    await scene.start({ settings: NO_LEASE });

    await scene.expectImported(job.id, "flights", flights.sums);
    expect((await scene.stored(job.id)).read).toBeGreaterThanOrEqual(before.read);
    expect(await scene.ledger(job.id)).toEqual(expect.arrayContaining([...committed]));
  });
});

test("a service killed five times in one job writes every record once", async () => {
  let service = await scene.start({ settings: NO_LEASE, environment: SLOW_CHUNKS });
  const job = await startImport(service.client, flights.bytes, { table: "flights" });

  for (const share of [0.05, 0.2, 0.35, 0.5, 0.65]) {
    await scene.waitForShare(job.id, share);
    await scene.waitForOpenChunk();
    await service.end("SIGKILL");
    const before = await scene.stored(job.id);
    service = await scene.start({ settings: NO_LEASE, environment: SLOW_CHUNKS });
    expect((await scene.stored(job.id)).read).toBeGreaterThanOrEqual(before.read);
  }

  await scene.expectImported(job.id, "flights", flights.sums);
});

test("a service killed again while it takes over writes every record once", async () => {
  const first = await scene.start({ settings: NO_LEASE, environment: SLOW_CHUNKS });
  const job = await startImport(first.client, flights.bytes, { table: "flights" });
  await scene.waitForShare(job.id, 0.2);
  await scene.waitForOpenChunk();
  await first.end("SIGKILL");
  const second = await scene.start({
    settings: NO_LEASE,
    environment: { SLUICE_FAILPOINT: "after_claim:1" },
  });
  await second.ended;

  await scene.start({ settings: NO_LEASE });

  await scene.expectImported(job.id, "flights", flights.sums);
});

describe("a request whose service is killed before it is carried out", () => {
  test.each([
    ["pause", "paused"],
    ["stop", "stopped"],
  ] as const)("is not forgotten: %s", async (action, state) => {
    const slow = { SLUICE_FAILPOINT: "chunk_gap:*:sleep=1500" };
    const victim = await scene.start({ settings: NO_LEASE, environment: slow });
    const job = await startImport(victim.client, flights.bytes, { table: "flights" });
    await scene.waitForOpenChunk();
    const answer = victim.client.act(job.id, action).catch(() => "no answer");
    await scene.waitFor(job.id, `is asked to ${action}`, ({ signal }) => signal === action);
    await victim.end("SIGKILL");
    expect(await answer).toBe("no answer");
    expect((await scene.stored(job.id)).state).toBe("running");

    await scene.start({ settings: NO_LEASE });

    await scene.waitForState(job.id, state);
    await expectAllGood(scene.pool);
  });
});

test("a paused job stays paused when its service is killed, and goes on when it is resumed", async () => {
  const victim = await scene.start({ settings: NO_LEASE });
  const job = await startImport(victim.client, flights.bytes, { table: "flights" });
  await scene.waitForShare(job.id, 0.2);
  await victim.client.act(job.id, "pause");
  const paused = await scene.stored(job.id);
  await victim.end("SIGKILL");

  const next = await scene.start({ settings: NO_LEASE });
  const other = await startImport(next.client, flights.bytes, { table: "other" });
  await scene.expectImported(other.id, "other", flights.sums);

  expect(await scene.stored(job.id)).toEqual(paused);
  await next.client.act(job.id, "resume");
  await scene.expectImported(job.id, "flights", flights.sums);
});
