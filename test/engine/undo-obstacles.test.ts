/** Undoing imports that have ended where something is in the way: it is refused, fails, waits, or dies. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENGINE_DEFAULTS } from "../../src/core/engine-settings.ts";
import { createControl } from "../../src/engine/control.ts";
import { previewUndo } from "../../src/engine/preview-undo.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { LOSING_DISPATCHER } from "../support/stored-job.ts";
import { OF_OTHERS, PERSON, UndoScene } from "../support/undo-scene.ts";
import { until } from "../support/until.ts";

let scene: UndoScene;
beforeAll(async () => {
  scene = await UndoScene.open();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

describe("undo is not possible", () => {
  test.each([
    ["table_gone", "dropped since", "drop table $"],
    ["table_gone", "dropped since", "drop table $; create table $ (n int, name text)"],
    ["rows_unknown", "written anew", "alter table $ alter n type bigint"],
    ["rows_unknown", "emptied", "truncate $; insert into $ values (1, 'new')"],
  ])("for %s: %s", async (reason, words, statements) => {
    const { id, table } = await scene.imported("append");
    for (const statement of statements.split("; "))
      await scene.query(statement.replaceAll("$", table));
    const before =
      reason === "table_gone" && !statements.includes("create") ? 0 : await scene.countOf(table);
    const refusal = {
      code: "undo_not_possible",
      message: expect.stringContaining(words) as string,
      details: { reason, state: "succeeded" },
    };

    await expect(scene.control.act(id, "undo", PERSON)).rejects.toMatchObject(refusal);

    await expect(previewUndo(scene.jobs, id)).rejects.toMatchObject(refusal);
    expect((await scene.jobs.findJob(id))?.state).toBe("succeeded");
    if (await scene.isThere(table)) expect(await scene.countOf(table)).toBe(before);
  });

  test("when its days are over, or nobody has noted the rows", async () => {
    const { id, table } = await scene.imported();
    const ended = createJobStore(scene.controlPool, LOSING_DISPATCHER, 0);
    expect(await ended.findJob(id)).toMatchObject({ kept: { refusal: "expired" } });
    await expect(
      createControl(ended, scene.controlStore, ENGINE_DEFAULTS, () => undefined).act(
        id,
        "undo",
        PERSON,
      ),
    ).rejects.toMatchObject({ code: "undo_not_possible", details: { reason: "expired" } });

    await scene.query(`delete from sluice.kept_rows where job_id = '${id}'`);

    await expect(scene.control.act(id, "undo", PERSON)).rejects.toMatchObject({
      details: { reason: "rows_unknown" },
    });
    expect(await scene.countOf(table)).toBe(300);
  });
});

describe("an undo", () => {
  test("that the table refuses fails, says why, and goes on when it is asked for again", async () => {
    const { id, table } = await scene.imported("append");
    await scene.query(`revoke delete on ${table} from current_user`);

    await expect(scene.control.act(id, "undo", PERSON)).rejects.toMatchObject({
      code: "undo_failed",
      message: expect.stringContaining("permission denied") as string,
    });

    expect(await scene.jobs.findJob(id)).toMatchObject({ state: "failed", phase: "undoing" });
    await expect(scene.control.act(id, "resume", PERSON)).rejects.toMatchObject({
      code: "transition_not_allowed",
    });
    await scene.query(`grant delete on ${table} to current_user`);
    expect((await scene.undo(id)).result).toMatchObject({ rowsRemoved: 300, rowsLeft: 0 });
    expect(await scene.countOf(table)).toBe(10);
  });

  test("is gone on with when its process is gone, from the end when the table is in another file", async () => {
    const { id, table } = await scene.imported("append");
    let steps = 0;
    const dying: UndoScene["controlStore"] = {
      ...scene.controlStore,
      underBarrier: async (jobId, work) => {
        steps += 1;
        if (steps > 1) throw new Error("the process is gone");
        return scene.controlStore.underBarrier(jobId, work);
      },
    };
    const died = createControl(scene.jobs, dying, ENGINE_DEFAULTS, () => undefined);
    await expect(died.act(id, "undo", PERSON)).rejects.toThrow("the process is gone");
    expect(await scene.jobs.findJob(id)).toMatchObject({ state: "undoing", phase: "undoing" });
    // A place that is true of the file of that moment alone.
    await scene.query(
      `update sluice.undo set leaf = relation, next_block = 0, file_node = pg_relation_filenode(relation) where job_id = '${id}'`,
    );
    await scene.query(`vacuum full ${table}`);

    expect(await scene.controlStore.findIdleUndos(0)).toContain(id);
    await scene.control.continueUndo(id, 60_000);

    expect(await scene.jobs.findJob(id)).toMatchObject({
      state: "undone",
      result: { rowsRemoved: 300, rowsLeft: 0 },
    });
    expect(await scene.countOf(table)).toBe(10);
  });

  test("takes what it can up to a row that somebody holds, and waits for that one", async () => {
    const { id, table } = await scene.imported(
      "append",
      "create table $ (n int, name text) with (fillfactor = 10)",
    );
    // So that a statement ends before the held row.
    await scene.query(`alter table sluice.undo alter blocks set default 1`);
    const holder = new pg.Client(scene.database.url);
    await holder.connect();
    await holder.query(
      `begin; select from ${table} where ctid = (select min(ctid) from ${table} where n < ${OF_OTHERS}) for update`,
    );
    const undoing = scene.undo(id);

    await until(
      "rows behind the held one are gone",
      async () => (await scene.countOf(table)) < 310,
    );
    expect(await scene.countOf(table, `n < ${OF_OTHERS}`)).toBeGreaterThan(0);
    await holder.query("commit");
    await holder.end();

    expect((await undoing).result).toMatchObject({ rowsRemoved: 300, rowsLeft: 0 });
    expect(await scene.countOf(table)).toBe(10);
    await scene.query(`alter table sluice.undo alter blocks set default 64`);
  });

  test("of one job is a refusal to the next that asks, and no error to who asks again", async () => {
    const { id } = await scene.imported();
    await scene.undo(id);

    expect((await scene.control.act(id, "undo", PERSON)).job.state).toBe("undone");
    await expect(scene.control.act(id, "stop", PERSON)).rejects.toMatchObject({
      code: "transition_not_allowed",
    });
  });
});
