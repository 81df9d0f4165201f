/** Batches that fail, are refused, or end with their runner. */
import { afterEach, describe, expect, test } from "vitest";
import { createFailpoints } from "../../src/engine/failpoints.ts";
import { expectAllGood } from "../support/all-good.ts";
import { PERSON, type ProcessScene } from "../support/process-scene.ts";
import {
  calledIn,
  Gate,
  holding,
  openTeamScene,
  teamsOf,
  toTable,
  upTo,
  waitUntilLetGo,
} from "../support/team-process.ts";
import { until } from "../support/until.ts";

let scene: ProcessScene;

afterEach(() => scene?.[Symbol.asyncDispose]());

describe("a batch that fails", () => {
  test("is tried again with the same key, and nothing of the first attempt is left", async () => {
    scene = await openTeamScene({
      run: async (batch, context) => {
        await toTable.run(batch, context);
        if (batch.attempt < 3 && batch.key.endsWith(":11-20")) throw new Error("flaky");
      },
    });

    const job = await scene.start(30);

    expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
    expect(await teamsOf(scene)).toEqual(upTo(30));
    expect(calledIn(scene)).toEqual([
      "run 1-10",
      "run 11-20",
      "run 11-20",
      "run 11-20",
      "run 21-30",
    ]);
    expect(scene.hostsStarted).toBe(1);
  });

  test("for good fails the job, which goes on at that batch when the process is put right", async () => {
    scene = await openTeamScene({
      run: (batch) => {
        if (batch.key.endsWith(":11-20")) throw new Error("a defect");
      },
    });
    const job = await scene.start(30);
    const failed = await scene.waitForEnd(job.id);
    expect(failed.failure).toMatchObject({
      code: "process_failed",
      message: expect.stringContaining(
        "rows 11 to 20 failed 3 times, last with: a defect",
      ) as string,
    });
    const before = scene.calls.length;
    scene.process = toTable;

    await scene.service.act(job.id, "resume", PERSON);

    expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
    expect(calledIn(scene, before)).toEqual(["run 11-20", "run 21-30"]);
  });

  test("because its host died is tried again in another", async () => {
    scene = await openTeamScene({
      run: async (batch, context) => {
        await toTable.run(batch, context);
        if (batch.attempt === 1) context.die();
      },
    });

    const job = await scene.start(20);

    expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
    expect(await teamsOf(scene)).toEqual(upTo(20));
    expect(scene.hostsStarted).toBe(3);
  });

  test("is halved with isolate until the records at fault are rejected alone", async () => {
    scene = await openTeamScene({
      ...toTable,
      rules: { isolate: true, retries: 1 },
      run: async (batch, context) => {
        await toTable.run(batch, context);
        const bad = batch.records.find(({ record }) => record === 14 || record === 20);
        if (bad !== undefined) throw new Error(`cannot take ${bad.record}`);
      },
    });

    const job = await scene.start(25);
    const end = await scene.waitForEnd(job.id);

    expect(end).toMatchObject({ state: "succeeded", progress: { written: 23, rejected: 2 } });
    expect(await teamsOf(scene)).toEqual(upTo(25).filter((id) => id !== 14 && id !== 20));
    const { rows } = await scene.pool.query(
      "select record_no, code, message from sluice.rejection order by record_no",
    );
    expect(rows).toEqual([
      { record_no: 14, code: "refused_by_process", message: "cannot take 14" },
      { record_no: 20, code: "refused_by_process", message: "cannot take 20" },
    ]);
    await expectAllGood(scene.pool);
  });

  test("when the database refuses what was left to the commit", async () => {
    scene = await openTeamScene({
      rules: { retries: 0 },
      run: async (_, { query }) => {
        await query("insert into member (team) values (99)", []);
      },
    });
    await scene.pool.query(
      "create table member (team integer references team (id) deferrable initially deferred)",
    );

    const job = await scene.start(5);

    expect((await scene.waitForEnd(job.id)).failure).toMatchObject({
      code: "process_failed",
      message: expect.stringContaining("foreign key") as string,
    });
  });

  test.each([
    ["/* a /* nested */ one */ commit", "transaction"],
    ["; -- now\n ROLLBACK", "transaction"],
    ["set search_path = other", "session"],
    ["select 1; commit", "multiple commands"],
  ])("because of the statement %s", async (statement, message) => {
    scene = await openTeamScene({
      rules: { retries: 0 },
      run: async (_, { query }) => {
        await query(statement, []);
      },
    });

    const job = await scene.start(5);

    expect((await scene.waitForEnd(job.id)).failure?.message).toContain(message);
  });

  test("when a statement failed, although user code took no notice", async () => {
    scene = await openTeamScene({
      rules: { retries: 0 },
      run: async (batch, context) => {
        await toTable.run(batch, context);
        await context.query("select 1 / 0", []).catch(() => undefined);
      },
    });

    const job = await scene.start(5);

    expect((await scene.waitForEnd(job.id)).failure?.message).toContain("division by zero");
    expect(await teamsOf(scene)).toEqual([]);
  });
});

test("a service that fails in the middle of halving goes on with the half that comes next", async () => {
  scene = await openTeamScene({
    ...toTable,
    rules: { isolate: true, retries: 0 },
    run: async (batch, context) => {
      await toTable.run(batch, context);
      if (batch.records.some(({ record }) => record === 14)) throw new Error("not this one");
    },
  });
  scene.failpoints = createFailpoints("batch_failed:2:throw");
  const job = await scene.start(25);
  expect((await scene.waitForEnd(job.id)).failure?.code).toBe("internal");

  await scene.service.act(job.id, "resume", PERSON);

  const end = await scene.waitForEnd(job.id);
  expect(end).toMatchObject({ state: "succeeded", progress: { written: 24, rejected: 1 } });
  expect(await teamsOf(scene)).toEqual(upTo(25).filter((id) => id !== 14));
  expect(calledIn(scene)).toEqual([
    "run 1-10",
    "run 11-20",
    "run 11-15",
    "run 11-15",
    "run 11-13",
    "run 14-15",
    "run 14-14",
    "run 15-15",
    "run 16-20",
    "run 21-25",
  ]);
  await expectAllGood(scene.pool);
});

describe("a gate", () => {
  test("refuses a runner whose epoch is over, and nothing of its batch is left", async () => {
    const gate = new Gate();
    scene = await openTeamScene(
      { ...holding(gate, 1), rules: { retries: 0 } },
      { batchPollMs: 60_000 }, // it does not notice by itself
    );
    const job = await scene.start(10);
    await scene.waitForCalls(1);
    await scene.service.act(job.id, "pause", PERSON, { force: true });

    gate.open();
    await waitUntilLetGo(scene, job.id);

    expect(await teamsOf(scene)).toEqual([]);
    expect(await scene.batches(job.id)).toEqual(["1-10 begun"]);
    expect((await scene.job(job.id)).progress.read).toBe(0);
  });

  test("refuses a checkpoint that has moved", async () => {
    const gate = new Gate();
    scene = await openTeamScene(holding(gate, 11));
    const job = await scene.start(30);
    await scene.waitForCalls(2);
    // As if another had committed the batch.
    await scene.pool.query("update sluice.part set next_byte = next_byte + 1 where job_id = $1", [
      job.id,
    ]);

    gate.open();
    await waitUntilLetGo(scene, job.id);

    expect(await teamsOf(scene)).toEqual(upTo(10));
    await scene.service.act(job.id, "stop", PERSON, { rows: "keep" });
  });

  test("keeps a batch from being begun while another runner has one in hand", async () => {
    const gate = new Gate();
    scene = await openTeamScene(
      {
        ...toTable,
        run: async (batch, context) => {
          await toTable.run(batch, context);
          // Takes no notice of being told to stop, as user code may.
          if (batch.key.endsWith(":11-20") && scene.calls.length === 2)
            await gate.wait(new AbortController().signal);
        },
      },
      { hostGraceMs: 600_000 },
    );
    const job = await scene.start(30);
    await scene.waitForCalls(2);
    await scene.service.act(job.id, "pause", PERSON, { force: true });
    await scene.service.act(job.id, "resume", PERSON);
    await until("the other runner was offered it", async () => {
      scene.supervisor.nudge();
      await scene.supervisor.tick();
      return true;
    });
    expect(scene.calls).toHaveLength(2);

    gate.open();

    expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
    expect(await teamsOf(scene)).toEqual(upTo(30));
  });
});

describe("an error of Sluice's own", () => {
  test.each(["batch_begun", "batch_run", "before_commit", "publish_before_commit"])(
    "at %s fails the job, which goes on when it is resumed",
    async (name) => {
      scene = await openTeamScene(toTable);
      scene.failpoints = createFailpoints(`${name}:1:throw`);
      const job = await scene.start(30);
      expect((await scene.waitForEnd(job.id)).failure?.code).toBe("internal");

      await scene.service.act(job.id, "resume", PERSON);

      expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
      expect(await teamsOf(scene)).toEqual(upTo(30));
      await expectAllGood(scene.pool);
    },
  );
});

test("a service that is stopped gives the batch back after its time, and another goes on", async () => {
  const gate = new Gate();
  scene = await openTeamScene(holding(gate, 11), { drainMs: 400 });
  const job = await scene.start(30);
  await scene.waitForCalls(2);

  await scene.restart();

  expect((await scene.waitForState(job.id, "running", "succeeded")).progress.read).toBeGreaterThan(
    9,
  );
  gate.open();
  expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
  expect(await teamsOf(scene)).toEqual(upTo(30));
  expect(calledIn(scene)).toEqual(["run 1-10", "run 11-20", "run 11-20", "run 21-30"]);
});
