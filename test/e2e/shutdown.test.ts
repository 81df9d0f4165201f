/** SIGTERM in the middle of a job, second services on a folder, clients that stay connected. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";

const CLI = fileURLToPath(new URL("../../dist/sluice.js", import.meta.url));
const NO_LEASE = { leaseMs: 3_600_000 };
const SLOW_CHUNKS = { SLUICE_FAILPOINT: "chunk_gap:*:sleep=100" };

const flights = flightsFile(1);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

test("SIGTERM finishes the chunks in hand, gives the job back and ends with 0; the next start goes on", async () => {
  const service = await scene.start({ settings: NO_LEASE, environment: SLOW_CHUNKS });
  const job = await startImport(service.client, flights.bytes, { table: "flights" });
  await scene.waitForOpenChunk();

  expect(await service.end("SIGTERM")).toBe(0);

  const left = await scene.stored(job.id);
  expect(left).toMatchObject({ state: "queued", phase: null, signal: "run" });
  expect(left.read).toBeGreaterThan(0);
  expect((await scene.pool.query("select from sluice.runner")).rowCount).toBe(0);
  await expectAllGood(scene.pool);
  await scene.start({ settings: NO_LEASE });
  await scene.expectImported(job.id, "flights", flights.sums);
});

test("a second SIGTERM ends the service at once, and the next start goes on", async () => {
  const service = await scene.start({ settings: NO_LEASE, environment: SLOW_CHUNKS });
  const job = await startImport(service.client, flights.bytes, { table: "flights" });
  await scene.waitForOpenChunk();

  process.kill(service.pid, "SIGTERM");
  process.kill(service.pid, "SIGTERM");
  await service.ended;

  await scene.start({ settings: NO_LEASE });
  await scene.expectImported(job.id, "flights", flights.sums);
});

test("a client that listens to events does not hold the shutdown", async () => {
  const service = await scene.start({ environment: SLOW_CHUNKS });
  const job = await startImport(service.client, flights.bytes, { table: "flights" });
  const stream = await fetch(`${service.url}/v1/events?job=${job.id}`);
  const reader = stream.body?.getReader();
  await reader?.read();
  await scene.waitForOpenChunk();

  const began = performance.now();
  const code = await service.end("SIGTERM");

  expect(code).toBe(0);
  // A connection that is waited for is cut after 10 s.
  expect(performance.now() - began).toBeLessThan(8_000);
});

test("a second service on a folder is refused with the address of the first", async () => {
  const first = await scene.start();

  const second = spawn(process.execPath, [CLI, "serve"], {
    env: {
      PATH: process.env["PATH"],
      SLUICE_DIR: scene.path("service"),
      SLUICE_PORT: "0",
      DATABASE_URL: scene.database.url,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  second.stderr.on("data", (bytes: Buffer) => (said += String(bytes)));
  await once(second, "close");

  expect(second.exitCode).toBe(1);
  expect(said).toContain(`Another Sluice service (pid ${first.pid}, ${first.url}) uses`);
  expect(await first.client.listJobs()).toMatchObject({ items: [] });
});
