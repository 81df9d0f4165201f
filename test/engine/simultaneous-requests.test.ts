/** Requests for one job that arrive at the same moment. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type pg from "pg";
import { ENGINE_DEFAULTS } from "../../src/core/engine-settings.ts";
import type { JobStore } from "../../src/core/store-ports.ts";
import { createControl, type Control } from "../../src/engine/control.ts";
import { CONTROL_NAME, openPool } from "../../src/store/connect.ts";
import { createControlStore } from "../../src/store/control-store.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { insertJob, LOSING_DISPATCHER } from "../support/stored-job.ts";

const PERSON = { by: "dana" };

let database: TestDatabase;
let controlPool: pg.Pool;
let jobs: JobStore;
let control: Control;

beforeAll(async () => {
  database = await openTestDatabase();
  controlPool = openPool(database.url, CONTROL_NAME, 8);
  jobs = createJobStore(database.pool, LOSING_DISPATCHER);
  const store = createControlStore(controlPool, database.pool, LOSING_DISPATCHER);
  control = createControl(jobs, store, ENGINE_DEFAULTS, () => undefined);
});
afterAll(async () => {
  await controlPool?.end();
  await database?.[Symbol.asyncDispose]();
});

test("four pauses at once are all answered as reached, again and again", async () => {
  const { id } = await insertJob(jobs);

  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all([1, 2, 3, 4].map(() => control.act(id, "pause", PERSON)));
    expect(answers.map(({ outcome }) => outcome)).toEqual(Array(4).fill("reached"));
    await control.act(id, "resume", PERSON);
  }
});

test("a stop that meets pauses wins, and none of them fails otherwise than by a conflict", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id } = await insertJob(jobs);

    const [stop, ...pauses] = await Promise.allSettled([
      control.act(id, "stop", PERSON),
      control.act(id, "pause", PERSON),
      control.act(id, "pause", PERSON),
    ]);

    expect(stop.status).toBe("fulfilled");
    for (const pause of pauses)
      expect(pause.status === "fulfilled" || pause.reason.code).toEqual(
        pause.status === "fulfilled" || "transition_not_allowed",
      );
    expect((await jobs.findJob(id))?.state).toBe("stopped");
  }
});
