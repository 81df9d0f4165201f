import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENGINE_DEFAULTS } from "../../src/core/engine-settings.ts";
import { NO_FAILPOINTS } from "../../src/core/failpoint.ts";
import type { DispatchMessage, Dispatcher } from "../../src/core/ports.ts";
import type { JobStore } from "../../src/core/store-ports.ts";
import type { PartAssignment, RunnerStore, SupervisorStore } from "../../src/core/runner-ports.ts";
import { createControl, type Control } from "../../src/engine/control.ts";
import { CONTROL_NAME, openPool, RUNNER_NAME } from "../../src/store/connect.ts";
import { createControlStore } from "../../src/store/control-store.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { openRunnerStore } from "../../src/store/runner-store.ts";
import { createSupervisorStore } from "../../src/store/supervisor-store.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import {
  aChunk,
  COPY_COLUMNS,
  insertJob,
  LOSING_DISPATCHER,
  NO_READING,
} from "../support/stored-job.ts";

const PERSON = { by: "dana" };

let database: TestDatabase;
let controlPool: pg.Pool;
let jobs: JobStore;
let supervision: SupervisorStore;
let control: Control;
let controlStore: ReturnType<typeof createControlStore>;
let runner: RunnerStore;
let runnerId: string;
let sent: DispatchMessage[] = [];

const recording: Dispatcher = {
  ...LOSING_DISPATCHER,
  dispatch: (messages) => {
    sent.push(...messages);
    return Promise.resolve();
  },
};

beforeAll(async () => {
  database = await openTestDatabase();
  controlPool = openPool(database.url, CONTROL_NAME, 4);
  jobs = createJobStore(database.pool, recording);
  supervision = createSupervisorStore(database.pool, "folder_test");
  controlStore = createControlStore(controlPool, database.pool, recording);
  control = createControl(jobs, controlStore, ENGINE_DEFAULTS, () => undefined);
  runner = await openRunnerStore(database.url, NO_FAILPOINTS);
  runnerId = await supervision.insertRunner("worker_test", 1);
});

afterAll(async () => {
  await runner?.close();
  await controlPool?.end();
  await database?.[Symbol.asyncDispose]();
});

async function runningJob(): Promise<{
  jobId: string;
  staging: string;
  assignment: PartAssignment;
}> {
  const job = await insertJob(jobs);
  const message = { jobId: job.id, partNo: 1, epoch: 1 };
  await supervision.claim(runnerId, message, 1000);
  const assignment = await runner.openPart(message);
  if (assignment === null) throw new Error("the part cannot be opened");
  sent = [];
  return { jobId: job.id, staging: job.plan.staging, assignment };
}

const commit = (assignment: PartAssignment, from: number, to: number) =>
  runner.commitChunk(assignment, "text", COPY_COLUMNS, aChunk(from, to));

async function history(jobId: string): Promise<string[]> {
  return (await jobs.listEvents(jobId, 0)).map((event) => event.type);
}

async function stagingExists(staging: string): Promise<boolean> {
  return (await jobs.findRelationKind({ schema: "sluice", table: staging })) !== null;
}

describe("pausing", () => {
  test("lets no chunk commit after it was answered", async () => {
    const { jobId, assignment } = await runningJob();
    await commit(assignment, 0, 10);

    const { outcome, job } = await control.act(jobId, "pause", PERSON, { reason: "lunch" });

    expect(outcome).toBe("reached");
    expect(job).toMatchObject({ state: "paused", stateReason: { by: "dana" } });
    expect(await commit(assignment, 10, 20)).toEqual({ kind: "left", why: "signal" });
    expect(await history(jobId)).toEqual([
      "job.created",
      "job.running",
      "job.pausing",
      "job.paused",
    ]);
  });

  test("waits for the chunk in flight and counts it", async () => {
    const { jobId, assignment } = await runningJob();
    const slow = await openRunnerStore(database.url, { ...NO_FAILPOINTS, chunkGapMs: 300 });
    const inFlight = slow.commitChunk(assignment, "text", COPY_COLUMNS, aChunk(0, 10));
    await waitForOpenChunk();

    const { job } = await control.act(jobId, "pause", PERSON);

    expect(await inFlight).toEqual({ kind: "committed", rejectedByDatabase: 0 });
    expect(job.progress.read).toBe(10);
    await slow.close();
  });

  test("is answered as already so when it is repeated", async () => {
    const { jobId } = await runningJob();
    await control.act(jobId, "pause", PERSON);

    expect((await control.act(jobId, "pause", PERSON)).outcome).toBe("reached");
  });

  test("terminates a runner that is frozen in the middle of its chunk", async () => {
    const { jobId, assignment } = await runningJob();
    const frozen = new pg.Client({ connectionString: database.url, application_name: RUNNER_NAME });
    const terminated = new Promise((resolve) => frozen.on("error", resolve));
    await frozen.connect();
    await frozen.query("begin");
    await frozen.query("select from sluice.job where id = $1 for share", [jobId]);

    const { outcome, job } = await control.act(jobId, "pause", PERSON);

    expect(outcome).toBe("reached");
    expect(job.state).toBe("paused");
    await terminated;
    expect(await commit(assignment, 0, 10)).toEqual({ kind: "left", why: "signal" });
  });

  test("never ends another person's session, and is carried out when that lets go", async () => {
    const { jobId } = await runningJob();
    const other = new pg.Client({ connectionString: database.url, application_name: "psql" });
    await other.connect();
    await other.query("begin");
    await other.query("select from sluice.job where id = $1 for share", [jobId]);
    const quick = createControl(
      jobs,
      controlStore,
      { ...ENGINE_DEFAULTS, actionWaitMs: 200 },
      () => undefined,
    );

    const { outcome, job } = await quick.act(jobId, "pause", PERSON);
    expect({ outcome, state: job.state }).toEqual({ outcome: "underway", state: "pausing" });

    await other.query("commit");
    await control.settle(jobId, "pause");
    expect((await jobs.findJob(jobId))?.state).toBe("paused");
    await other.end();
  });
});

describe("resuming", () => {
  test("raises the epoch, sends one message for each unfinished part, and work of the old epoch commits nothing", async () => {
    const { jobId, assignment } = await runningJob();
    await commit(assignment, 0, 10);
    await control.act(jobId, "pause", PERSON);

    const { job } = await control.act(jobId, "resume", PERSON);

    expect(job).toMatchObject({ state: "queued", epoch: 2 });
    expect(sent).toEqual([{ jobId, partNo: 1, epoch: 2 }]);
    expect(await commit(assignment, 10, 20)).toEqual({ kind: "left", why: "epoch" });
    expect(await supervision.claim(runnerId, { jobId, partNo: 1, epoch: 1 }, 1000)).toBe("gone");
    expect(await supervision.claim(runnerId, { jobId, partNo: 1, epoch: 2 }, 1000)).toBe("claimed");
    expect((await runner.openPart({ jobId, partNo: 1, epoch: 2 }))?.part.nextByte).toBe(100);
  });
});

describe("stopping", () => {
  test.each(["running", "paused"])(
    "drops the staged rows of a %s job and leaves nothing",
    async (from) => {
      const { jobId, staging, assignment } = await runningJob();
      await commit(assignment, 0, 10);
      if (from === "paused") await control.act(jobId, "pause", PERSON);

      const { job } = await control.act(jobId, "stop", PERSON);

      expect(job).toMatchObject({ state: "stopped", staging: null, result: { rows: "undone" } });
      expect(await stagingExists(staging)).toBe(false);
      expect(await commit(assignment, 10, 20)).toMatchObject({ kind: "left" });
    },
  );

  test("is refused after the end, with what is possible then", async () => {
    const { jobId, assignment } = await runningJob();
    await commit(assignment, 0, 100);
    await runner.publish(assignment, NO_READING);

    await expect(control.act(jobId, "stop", PERSON)).rejects.toMatchObject({
      code: "transition_not_allowed",
      details: { state: "succeeded", actions: ["undo", "rerun"] },
    });
  });
});

describe("a request whose process died", () => {
  test.each(["pause", "stop"] as const)("is found and carried out: %s", async (signal) => {
    const { jobId } = await runningJob();
    await controlStore.signal(jobId, signal, { actor: "dana", reason: null });

    expect(await controlStore.findUnsettled(0)).toContainEqual({ jobId, signal });
    await control.settle(jobId, signal);

    expect((await jobs.findJob(jobId))?.state).toBe(signal === "pause" ? "paused" : "stopped");
    expect((await controlStore.findUnsettled(0)).filter((job) => job.jobId === jobId)).toEqual([]);
  });
});

describe("a lost runner", () => {
  test("gives its work back with a new epoch", async () => {
    const { jobId, assignment } = await runningJob();
    await commit(assignment, 0, 10);

    await control.rescue({ jobId, epoch: 1 }, true);

    expect(await jobs.findJob(jobId)).toMatchObject({ state: "queued", epoch: 2, signal: "run" });
    expect(sent).toEqual([{ jobId, partNo: 1, epoch: 2 }]);
    expect(await commit(assignment, 10, 20)).toEqual({ kind: "left", why: "epoch" });
  });

  test("that is lost again and again at one place fails the job, which can be resumed", async () => {
    const { jobId } = await runningJob();

    for (let epoch = 1; epoch <= ENGINE_DEFAULTS.maxRescues + 1; epoch += 1)
      await control.rescue({ jobId, epoch }, true);

    expect(await jobs.findJob(jobId)).toMatchObject({
      state: "failed",
      failure: { code: "runner_lost" },
    });
    expect((await control.act(jobId, "resume", PERSON)).job.state).toBe("queued");
  });

  test("is rescued once by all who notice it, and a late one takes nothing from its successor", async () => {
    const { jobId } = await runningJob();

    await Promise.all(Array.from({ length: 4 }, () => control.rescue({ jobId, epoch: 1 }, true)));

    expect(await jobs.findJob(jobId)).toMatchObject({ state: "queued", epoch: 2, signal: "run" });
  });

  test("does not make a pause be forgotten that is asked for while it is rescued", async () => {
    const { jobId } = await runningJob();
    const slow: typeof controlStore = {
      ...controlStore,
      underBarrier: (id, work) =>
        controlStore.underBarrier(id, async (tx) => {
          // The process of this pause dies after its signal.
          await controlStore.signal(jobId, "pause", { actor: "dana", reason: null });
          return work(tx);
        }),
    };
    const rescuer = createControl(jobs, slow, ENGINE_DEFAULTS, () => undefined);

    await rescuer.rescue({ jobId, epoch: 1 }, true);

    expect(await controlStore.findUnsettled(0)).toContainEqual({ jobId, signal: "pause" });
  });

  test("does not undo a pause that was asked for before", async () => {
    const { jobId } = await runningJob();
    await controlStore.signal(jobId, "pause", { actor: "dana", reason: null });

    await control.rescue({ jobId, epoch: 1 }, true);

    expect((await jobs.findJob(jobId))?.state).toBe("paused");
  });
});

describe("a failed job", () => {
  test("keeps checkpoint and rows, and goes on when it is resumed", async () => {
    const { jobId, staging, assignment } = await runningJob();
    await commit(assignment, 0, 10);
    await control.fail(jobId, 1, { code: "unclosed_quote", message: "m", advice: "a" });
    expect(await jobs.findJob(jobId)).toMatchObject({
      state: "failed",
      failure: { code: "unclosed_quote" },
    });
    expect(await stagingExists(staging)).toBe(true);

    const { job } = await control.act(jobId, "resume", PERSON);

    expect(job).toMatchObject({
      state: "queued",
      failure: null,
      endedAt: null,
      progress: { read: 10 },
    });
  });

  test("leaves nothing when it is undone", async () => {
    const { jobId, staging } = await runningJob();
    await control.fail(jobId, 1, { code: "unclosed_quote", message: "m", advice: "a" });

    const { job } = await control.act(jobId, "undo", PERSON);

    expect(job.state).toBe("undone");
    expect(await stagingExists(staging)).toBe(false);
  });

  test("is not failed by the news of an older epoch", async () => {
    const { jobId } = await runningJob();
    await control.rescue({ jobId, epoch: 1 }, true);

    await control.fail(jobId, 1, { code: "unclosed_quote", message: "m", advice: "a" });

    expect(await jobs.findJob(jobId)).toMatchObject({ state: "queued", signal: "run" });
  });
});

/** Waits until a chunk has passed its gate and sleeps inside its transaction. */
async function waitForOpenChunk(): Promise<void> {
  for (;;) {
    const { rowCount } = await database.pool.query(
      "select from pg_stat_activity where application_name = $1 and wait_event = 'PgSleep'",
      [RUNNER_NAME],
    );
    if (rowCount !== 0) return;
  }
}
