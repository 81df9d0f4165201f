import { expect, test } from "vitest";
import type { SampleStore, SampleWorker } from "../core/sample-ports.ts";
import { SampleKeeper } from "./sample-keeper.ts";
import { createTroubleLog } from "./trouble-log.ts";

test("a sample whose worker cannot be started is left to everybody", async () => {
  const lines: string[] = [];
  let starts = 0;
  let notes = 0;
  let isKept = true;
  const store: SampleStore = {
    listKept: async () => (isKept ? ["job_1"] : []),
    isInHand: async () => false,
    noteLoss: async () => {
      notes += 1;
    },
    giveUp: async () => {
      isKept = false;
    },
    listLosses: async () => [],
    countRows: async () => null,
  };
  const failing = (): SampleWorker => {
    starts += 1;
    return {
      pid: starts,
      hasStarted: () => false,
      ended: Promise.resolve(),
      kill: () => undefined,
      stop: async () => undefined,
    };
  };
  const keeper = new SampleKeeper({
    keeper: "worker_1",
    store,
    startWorker: failing,
    forget: async () => undefined,
    log: (line) => lines.push(line),
    lookMs: 1,
    troubles: createTroubleLog(() => undefined),
  });

  await expect.poll(() => isKept).toBe(false);
  await keeper.stop();

  expect(starts).toBe(3);
  expect(notes).toBe(0);
  expect(lines.at(-1)).toContain("any takes it");
});
