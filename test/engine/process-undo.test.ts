/** Stopping and undoing processes. */
import { afterEach, describe, expect, test } from "vitest";
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
} from "../support/team-process.ts";
import { until } from "../support/until.ts";

let scene: ProcessScene;

afterEach(() => scene?.[Symbol.asyncDispose]());

describe("stopping", () => {
  test("undoes everything, newest first, the interrupted batch included", async () => {
    const gate = new Gate();
    scene = await openTeamScene(holding(gate, 21));
    const job = await scene.start(50);
    await scene.waitForCalls(3);

    const { outcome, job: stopped } = await scene.service.act(job.id, "stop", PERSON);

    expect({ outcome, state: stopped.state }).toEqual({ outcome: "reached", state: "stopped" });
    expect(stopped.result).toEqual({
      rows: "undone",
      recordsDone: 20,
      recordsUndone: 30,
      recordsKept: 0,
      recordsFailed: 0,
      output: null,
    });
    expect(await teamsOf(scene)).toEqual([]);
    expect(calledIn(scene, 3)).toEqual(["undo 21-30", "undo 11-20", "undo 1-10"]);
    expect(scene.calls.slice(3).map(({ isCommitted }) => isCommitted)).toEqual([false, true, true]);
    await expectAllGood(scene.pool);
  });

  test("gives undo what run returned for the same batch", async () => {
    const given: unknown[] = [];
    scene = await openTeamScene({
      run: ({ records }) => ({ first: records[0]?.record }),
      undo: ({ result }) => void given.push(result),
    });
    const job = await scene.start(30, { pauseAfter: 20 });
    await scene.waitForState(job.id, "paused");

    await scene.service.act(job.id, "stop", PERSON);

    expect(given).toEqual(['{"first":11}', '{"first":1}']);
  });

  test("keeps what was done when that is asked for, and it can be undone later", async () => {
    scene = await openTeamScene(toTable);
    const job = await scene.start(30, { pauseAfter: 20 });
    await scene.waitForState(job.id, "paused");

    const { job: stopped } = await scene.service.act(job.id, "stop", PERSON, { rows: "keep" });

    expect(stopped).toMatchObject({ state: "stopped", result: { rows: "kept", recordsDone: 20 } });
    expect(await teamsOf(scene)).toEqual(upTo(20));
    const { job: undone } = await scene.service.act(job.id, "undo", PERSON);
    expect(undone).toMatchObject({
      state: "undone",
      result: { rows: "undone", recordsUndone: 20 },
    });
    expect(await teamsOf(scene)).toEqual([]);
  });

  test("of a process without undo keeps what was done, and refuses to be asked for more", async () => {
    scene = await openTeamScene({ run: toTable.run });
    const job = await scene.start(30, { pauseAfter: 20 });
    await scene.waitForState(job.id, "paused");

    await expect(scene.service.act(job.id, "stop", PERSON, { rows: "undo" })).rejects.toMatchObject(
      { code: "undo_not_possible" },
    );
    expect((await scene.job(job.id)).state).toBe("paused");
    const { job: stopped } = await scene.service.act(job.id, "stop", PERSON);

    expect(stopped).toMatchObject({ state: "stopped", result: { rows: "kept", recordsDone: 20 } });
    await expect(scene.service.act(job.id, "undo", PERSON)).rejects.toMatchObject({
      code: "undo_not_possible",
    });
  });

  test("before anything was begun calls nothing", async () => {
    scene = await openTeamScene(toTable);
    const job = await scene.start(30, { startPaused: true });

    const { job: stopped } = await scene.service.act(job.id, "stop", PERSON);

    expect(stopped).toMatchObject({ state: "stopped", result: { rows: "undone" } });
    expect(scene.calls).toEqual([]);
  });

  test("ends a statement that waits for a lock of somebody else", async () => {
    scene = await openTeamScene(toTable);
    const other = await scene.pool.connect();
    await other.query("begin; lock table team in access exclusive mode");
    const job = await scene.start(30);
    await until("a statement waits", async () => {
      const { rowCount } = await scene.pool.query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into team%'",
      );
      return rowCount !== 0;
    });
    const stopping = scene.service.act(job.id, "stop", PERSON);
    await until("it waits no more", async () => {
      const { rowCount } = await scene.pool.query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into team%'",
      );
      return rowCount === 0;
    });
    await other.query("rollback");
    other.release();

    expect((await stopping).job.state).toBe("stopped");
    expect(await teamsOf(scene)).toEqual([]);
  });
});

describe("undoing", () => {
  test("after success leaves records that undo keeps out, rejected ones too", async () => {
    scene = await openTeamScene({
      run: async (batch, context) => {
        context.reject(1, "no");
        const taken = batch.records.filter((_, index) => index !== 1);
        await toTable.run({ ...batch, records: taken }, context);
      },
      undo: (_, { keep }) => keep(0, "has members"),
    });
    const job = await scene.start(20);
    await scene.waitForEnd(job.id);
    scene.calls.length = 0;

    const { job: undone } = await scene.service.act(job.id, "undo", PERSON);

    expect(undone.result).toMatchObject({
      rows: "undone",
      recordsUndone: 16,
      recordsKept: 2,
      keptReasons: [{ reason: "has members", records: 2, firstRecord: 1 }],
    });
    expect(scene.calls[0]?.records).toEqual([11, 13, 14, 15, 16, 17, 18, 19, 20]);
    const lines = await scene.service.listLog(job.id, { limit: 10 });
    expect(lines.map(({ message }) => message)).toEqual(["kept: has members", "kept: has members"]);
  });

  test("goes on behind a batch that cannot be undone, fails, and tries only that one again", async () => {
    scene = await openTeamScene({
      ...toTable,
      rules: { retries: 1 },
      undo: async (batch, context) => {
        await toTable.undo?.(batch, context);
        if (batch.key.endsWith(":11-20")) throw new Error("service away");
      },
    });
    const job = await scene.start(30);
    await scene.waitForEnd(job.id);
    scene.calls.length = 0;

    await expect(scene.service.act(job.id, "undo", PERSON)).rejects.toMatchObject({
      code: "undo_failed",
      message: expect.stringContaining(
        "1 batch with 10 rows could not be undone: service away",
      ) as string,
    });

    expect(calledIn(scene)).toEqual(["undo 21-30", "undo 11-20", "undo 11-20", "undo 1-10"]);
    const failed = await scene.job(job.id);
    expect(failed).toMatchObject({ state: "failed", phase: "undoing" });
    expect(await teamsOf(scene)).toEqual(upTo(20).slice(10));
    await expect(scene.service.act(job.id, "resume", PERSON)).rejects.toMatchObject({
      code: "transition_not_allowed",
      details: { actions: ["undo", "rerun"] },
    });

    scene.process = toTable;
    scene.calls.length = 0;
    const { job: undone } = await scene.service.act(job.id, "undo", PERSON);

    expect(undone).toMatchObject({ state: "undone", result: { recordsUndone: 30 } });
    expect(calledIn(scene)).toEqual(["undo 11-20"]);
    expect(await teamsOf(scene)).toEqual([]);
    await expectAllGood(scene.pool);
  });

  test("of a failed job reverses what was committed and the batch that failed", async () => {
    scene = await openTeamScene({
      ...toTable,
      rules: { retries: 0 },
      run: async (batch, context) => {
        await toTable.run(batch, context);
        if (batch.key.endsWith(":11-20")) throw new Error("a defect");
      },
    });
    const job = await scene.start(30);
    expect((await scene.waitForEnd(job.id)).state).toBe("failed");

    const { job: undone } = await scene.service.act(job.id, "undo", PERSON);

    expect(undone).toMatchObject({ state: "undone", failure: null });
    expect(calledIn(scene, 2)).toEqual(["undo 11-20", "undo 1-10"]);
    expect(await teamsOf(scene)).toEqual([]);
  });

  test("gives a halved batch to undo as its halves and as it was begun", async () => {
    scene = await openTeamScene({
      ...toTable,
      batchSize: 4,
      rules: { isolate: true, retries: 0 },
      run: async (batch, context) => {
        await toTable.run(batch, context);
        if (batch.records.some(({ record }) => record === 2)) throw new Error("no");
      },
    });
    const job = await scene.start(4);
    await scene.waitForEnd(job.id);
    scene.calls.length = 0;

    const { job: undone } = await scene.service.act(job.id, "undo", PERSON);

    expect(calledIn(scene)).toEqual(["undo 3-4", "undo 1-1", "undo 1-2", "undo 1-4"]);
    expect(undone.result).toMatchObject({ recordsUndone: 3, recordsFailed: 0 });
  });

  test("of a job whose file is gone fails with the reason", async () => {
    scene = await openTeamScene(toTable);
    const job = await scene.start(10);
    await scene.waitForEnd(job.id);
    await scene.service.deleteFile(job.file.id);

    await expect(scene.service.act(job.id, "undo", PERSON)).rejects.toMatchObject({
      code: "undo_failed",
      message: expect.stringContaining("gone") as string,
    });
  });
});
