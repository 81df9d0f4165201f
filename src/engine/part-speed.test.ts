import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PartLook } from "../core/runner-ports.ts";
import { PartSpeed } from "./part-speed.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

interface Scene {
  readonly speed: PartSpeed;
  readonly drain: AbortController;
  readonly looks: () => number;
  /** What the next looks see. */
  look: PartLook;
}

/** A part of a job with a limit, at which its runner has looked. */
async function aPart(maxRecordsPerSecond: number | null): Promise<Scene> {
  const drain = new AbortController();
  let looks = 0;
  const scene: Scene = {
    speed: new PartSpeed(() => {
      looks += 1;
      return Promise.resolve(scene.look);
    }, drain.signal),
    drain,
    looks: () => looks,
    look: { mayGoOn: true, maxRecordsPerSecond },
  };
  await scene.speed.paid();
  return scene;
}

/** Takes records and returns the milliseconds until they are paid for, with the outcome. */
async function waited({ speed }: Scene, records: number) {
  const begun = performance.now();
  speed.take(records);
  const paying = speed.paid().then((stop) => ({ ms: performance.now() - begun, stop }));
  await vi.runAllTimersAsync();
  return paying;
}

test("without a limit nothing is waited for, and a look is taken once a second", async () => {
  const scene = await aPart(null);

  for (let chunk = 0; chunk < 20; chunk += 1) {
    expect((await waited(scene, 1_000_000)).ms).toBe(0);
    vi.advanceTimersByTime(100);
  }

  expect(scene.looks()).toBeLessThanOrEqual(3);
  expect(scene.speed.mostRecords).toBe(Infinity);
});

test("each record costs its share of a second", async () => {
  const scene = await aPart(1_000);

  expect(scene.speed.mostRecords).toBe(250);
  expect(await waited(scene, 250)).toEqual({ ms: 250, stop: null });
  vi.advanceTimersByTime(100);
  expect(await waited(scene, 250)).toEqual({ ms: 150, stop: null });
});

test("a slow job has chunks of one record", async () => {
  const scene = await aPart(1);

  expect(scene.speed.mostRecords).toBe(1);
  expect((await waited(scene, 1)).ms).toBe(1_000);
});

test("time that went by unused is made up for by a second at the most", async () => {
  const scene = await aPart(1_000);
  vi.advanceTimersByTime(60_000);

  expect((await waited(scene, 1_000)).ms).toBe(0);
  expect((await waited(scene, 500)).ms).toBe(500);
});

test("a limit that changes ends the wait for the one before", async () => {
  const scene = await aPart(1);
  scene.look = { mayGoOn: true, maxRecordsPerSecond: 1_000 };

  expect((await waited(scene, 1_000)).ms).toBeLessThanOrEqual(100);
  expect((await waited(scene, 250)).ms).toBe(250);
});

test("another wish ends the wait within a tenth of a second", async () => {
  const scene = await aPart(1);
  scene.look = { mayGoOn: false, maxRecordsPerSecond: 1 };

  const { ms, stop } = await waited(scene, 1_000);

  expect(stop).toBe("left");
  expect(ms).toBeLessThanOrEqual(100);
});

test("a service that stops ends the wait at once", async () => {
  const { speed, drain } = await aPart(1);
  speed.take(1_000);
  const paying = speed.paid();
  drain.abort();

  expect(await paying).toBe("drained");
});
