/** The supervisor step by step, over a real store whose answers get lost, with runner threads that the test plays. */
import { EventEmitter } from "node:events";
import type { Worker } from "node:worker_threads";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ENGINE_DEFAULTS } from "../../src/core/engine-settings.ts";
import { SluiceError } from "../../src/core/errors.ts";
import type { ControlStore } from "../../src/core/control-ports.ts";
import type { JobStore } from "../../src/core/store-ports.ts";
import type { SupervisorStore } from "../../src/core/runner-ports.ts";
import { createControl } from "../../src/engine/control.ts";
import type { PartOutcome } from "../../src/engine/run-part.ts";
import type { FromRunner, ToRunner } from "../../src/engine/runner-protocol.ts";
import type { LineLog } from "../../src/core/line-log.ts";
import { createTroubleLog } from "../../src/engine/trouble-log.ts";
import { Supervisor } from "../../src/engine/supervisor.ts";
import { CONTROL_NAME, openPool } from "../../src/store/connect.ts";
import { createControlStore } from "../../src/store/control-store.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { createSupervisorStore } from "../../src/store/supervisor-store.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { insertJob, LOSING_DISPATCHER } from "../support/stored-job.ts";
import { until } from "../support/until.ts";

/** No loop takes a second step by itself. */
const BY_HAND = { pollMs: 3_600_000, sweepMs: 3_600_000, heartbeatMs: 3_600_000 };

/** A runner thread whose outcomes the test decides. */
class HandThread extends EventEmitter {
  readonly heard: ToRunner[] = [];

  postMessage(message: ToRunner): void {
    this.heard.push(message);
    if (message.type === "drain") this.end({ kind: "drained" });
  }

  say(message: FromRunner): void {
    this.emit("message", message);
  }

  end(outcome: PartOutcome): void {
    this.say({ type: "outcome", outcome });
  }

  terminate(): Promise<number> {
    return Promise.resolve(1);
  }
}

let database: TestDatabase;
let controlPool: pg.Pool;
let jobs: JobStore;
let controlStore: ControlStore;
let store: SupervisorStore;
let threads: HandThread[];
let supervisor: Supervisor;
let log: string[];
const keep: LineLog = (line, level = "info") => {
  if (level !== "debug") log.push(line);
};
/** Methods of the stores whose next answer is lost: what they did is committed. */
let lost: Set<string>;

beforeAll(async () => {
  database = await openTestDatabase();
  controlPool = openPool(database.url, CONTROL_NAME, 4);
  jobs = createJobStore(database.pool, LOSING_DISPATCHER);
  controlStore = losing(createControlStore(controlPool, database.pool, LOSING_DISPATCHER));
  store = losing(createSupervisorStore(database.pool, "folder_test"));
});
afterAll(async () => {
  await controlPool?.end();
  await database?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  threads = [];
  log = [];
  lost = new Set();
  supervisor = createSupervisor("worker_hand");
  await supervisor.start();
});
afterEach(async () => {
  lost = new Set();
  await supervisor?.stop();
  await database.pool.query("delete from sluice.job");
});

function createSupervisor(worker: string): Supervisor {
  const settings = { ...ENGINE_DEFAULTS, ...BY_HAND };
  return new Supervisor({
    worker,
    lanes: 1,
    concurrency: 10,
    settings,
    store,
    controlStore,
    control: createControl(jobs, controlStore, settings, () => undefined),
    dispatcher: LOSING_DISPATCHER,
    startThread: () => {
      const thread = new HandThread();
      threads.push(thread);
      return thread as unknown as Worker; // a lane uses the methods that HandThread has
    },
    log: keep,
    hitHeartbeat: () => Promise.resolve(),
    troubles: createTroubleLog(keep),
    onConcluded: () => undefined,
  });
}

/** Calls through, and loses the answer of the methods in `lost`, once each. */
function losing<T extends object>(port: T): T {
  return new Proxy(port, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]) => {
        const result: unknown = await Reflect.apply(member, target, args);
        if (lost.delete(String(name)))
          throw new SluiceError("database_unavailable", "The answer was lost.");
        return result;
      };
    },
  });
}

/** Steps until a thread that is not among the first `dead` ones was given a part, and returns it. */
function offered({ dead = 0 } = {}): Promise<HandThread> {
  return until("a thread was given a part", () => {
    supervisor.nudge();
    const given = threads.slice(dead).find(({ heard }) => heard.some(({ type }) => type === "run"));
    return given ?? null;
  });
}

function stateOf(jobId: string, state: string): Promise<true> {
  return until(`the job is ${state}`, async () => {
    supervisor.nudge();
    await supervisor.sweep().catch(() => undefined);
    return (await jobs.findJob(jobId))?.state === state;
  });
}

describe("a part", () => {
  test("whose claim was committed and not answered is given to a runner", async () => {
    lost.add("claim");
    await insertJob(jobs);

    const thread = await offered();

    expect(thread.heard.filter(({ type }) => type === "run")).toHaveLength(1);
  });

  test("whose return was not answered does not keep the job from failing", async () => {
    const { id } = await insertJob(jobs);
    const thread = await offered();

    lost.add("release");
    thread.end({ kind: "failed", cause: "test", failure: failure() });

    await stateOf(id, "failed");
  });

  test.each([
    ["an ordinary failure is one line", failure(), /^job \S+ failed: unclosed_quote: m$/],
    [
      "a defect comes with its trace",
      { ...failure(), code: "internal" } as const,
      /failed: internal: Error: m\n {4}at here/,
    ],
  ])("that fails is told in the log: %s", async (_, failed, line) => {
    const { id } = await insertJob(jobs);
    const thread = await offered();

    thread.end({ kind: "failed", cause: "Error: m\n    at here", failure: failed });

    await stateOf(id, "failed");
    const told = log.filter((entry) => entry.includes(id));
    expect(told).toEqual([expect.stringMatching(line)]);
  });

  test("whose return was not answered does not keep the job from pausing itself", async () => {
    const { id } = await insertJob(jobs);
    const thread = await offered();

    lost.add("release");
    thread.end({ kind: "pause_after" });

    await stateOf(id, "paused");
  });
});

describe("a runner thread that dies", () => {
  test.each(["removeRunners", "insertRunner", "underBarrier"])(
    "is replaced when the answer of %s is lost",
    async (method) => {
      await insertJob(jobs);
      const thread = await offered();

      lost.add(method);
      thread.emit("error", new Error("out of memory"));

      await until("there is another thread", async () => {
        await supervisor.beat().catch(() => undefined);
        return threads.length > 1;
      });
      await offered({ dead: 1 });
    },
  );

  test("while it has nothing to do is replaced", async () => {
    threads[0]?.emit("error", new Error("out of memory"));
    await until("there is another thread", async () => {
      await supervisor.beat().catch(() => undefined);
      return threads.length > 1;
    });
    await insertJob(jobs);

    await offered({ dead: 1 });
  });
});

test("a job that cannot be rescued now does not keep a worker from starting", async () => {
  const { id } = await insertJob(jobs);
  const dead = await store.insertRunner("worker_again", 1);
  await store.claim(dead, { jobId: id, partNo: 1, epoch: 1 }, 10);
  const again = createSupervisor("worker_again");

  lost.add("underBarrier");
  await again.start();

  await offered();
  await again.stop();
});

describe("a sweep", () => {
  test("gives back a job that lost its runner while it was publishing, when its rescue was lost too", async () => {
    const { id } = await insertJob(jobs);
    await offered();
    await database.pool.query("update sluice.job set phase = 'publishing' where id = $1", [id]);
    await database.pool.query("update sluice.part set runner_id = null where job_id = $1", [id]);

    await supervisor.sweep();

    expect(await jobs.findJob(id)).toMatchObject({ state: "queued", phase: null, epoch: 2 });
  });

  test("leaves alone what a worker claims as its first deed after it was frozen", async () => {
    const woken = await store.insertRunner("worker_woken", 1);
    await database.pool.query(
      "update sluice.runner set seen_at = seen_at - interval '1 hour' where id = $1",
      [woken],
    );
    const { id } = await insertJob(jobs);

    expect(await store.claim(woken, { jobId: id, partNo: 1, epoch: 1 }, 10)).toBe("claimed");

    expect(await store.findLostJobs(ENGINE_DEFAULTS.leaseMs)).toEqual([]);
  });

  test("rescues one job while a foreign lock keeps the request of another from being carried out", async () => {
    const blocked = await insertJob(jobs);
    await controlStore.signal(blocked.id, "pause", { actor: "dana", reason: null });
    await database.pool.query("update sluice.job_signal set at = at - interval '2 hours'");
    const dead = await store.insertRunner("worker_dead", 1);
    const orphan = await insertJob(jobs);
    await store.claim(dead, { jobId: orphan.id, partNo: 1, epoch: 1 }, 10);
    await database.pool.query(
      "update sluice.runner set seen_at = seen_at - interval '1 hour' where id = $1",
      [dead],
    );
    const other = await database.pool.connect();
    await other.query("begin");
    await other.query("select from sluice.job where id = $1 for share", [blocked.id]);

    await supervisor.sweep().catch(() => undefined);

    expect(await jobs.findJob(orphan.id)).toMatchObject({ state: "queued", epoch: 2 });
    await other.query("rollback");
    other.release();
  });
});

function failure() {
  return { code: "unclosed_quote", message: "m", advice: "a" } as const;
}
