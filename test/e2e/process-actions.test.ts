/** What a person asks of processes that run or have ended, through the REST API of a real service. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { aFileOfPeople, DoorScene } from "../support/door-scene.ts";

let door: DoorScene;

beforeAll(async () => {
  door = await DoorScene.open();
});
afterAll(() => door?.[Symbol.asyncDispose]());
beforeEach(() => door.scene.pool.query("delete from note"));

describe("an action", () => {
  test("undo reverses a job that has succeeded, and keeps what its process keeps", async () => {
    const { id } = await door.start("notes", aFileOfPeople(25, ["stay"]));
    const done = await door.waitForEnd(id);
    expect(done.undo).toEqual({ possible: true, until: null, reason: null });
    expect(done.actions).toEqual(["undo", "rerun"]);

    await door.client.act(id, "undo", { reason: "wrong file" });
    const job = await door.waitForState(id, "undone");

    expect(job).toMatchObject({
      undo: { possible: false, reason: "already_undone" },
      result: { rows: "undone", recordsDone: 25, recordsUndone: 24, recordsKept: 1 },
    });
    expect(await door.client.getReceipt(id)).toMatchObject({
      isBalanced: true,
      undo: {
        undone: 24,
        kept: 1,
        failed: 0,
        keptReasons: [{ reason: "it is asked to stay", records: 1, firstRecord: 1 }],
      },
    });
    expect(await door.countNotes()).toBe(1);
    await expectAllGood(door.scene.pool);
  });

  test("stop undoes what was done, or keeps it when that is asked", async () => {
    const body = { pauseAfter: 20 };
    const undone = await door.start("notes", aFileOfPeople(40), body);
    await door.waitForState(undone.id, "paused");

    const first = await door.client.act(undone.id, "stop", {});
    expect(await door.countNotes()).toBe(0);
    const kept = await door.start("notes", aFileOfPeople(40), body);
    await door.waitForState(kept.id, "paused");
    const second = await door.client.act(kept.id, "stop", { rows: "keep" });

    expect(first.job).toMatchObject({
      state: "stopped",
      result: { rows: "undone", recordsUndone: 20 },
    });
    expect(second.job).toMatchObject({
      state: "stopped",
      result: { rows: "kept", recordsDone: 20 },
      undo: { possible: true },
    });
    expect(await door.countNotes()).toBe(20);
  });

  test("stop of a process without undo keeps, and undo is refused", async () => {
    const { id } = await door.start("slow", aFileOfPeople(20), { pauseAfter: 10 });
    await door.waitForState(id, "paused");

    const refused = await door.post(`/v1/jobs/${id}/stop`, { rows: "undo" });
    const stopped = await door.client.act(id, "stop", {});
    const late = await door.post(`/v1/jobs/${id}/undo`, {});

    expect(refused).toMatchObject({ status: 409, body: { code: "undo_not_possible" } });
    expect(stopped.job).toMatchObject({
      state: "stopped",
      result: { rows: "kept", recordsDone: 10 },
      undo: { possible: false, reason: "no_undo" },
    });
    expect(late).toMatchObject({ status: 409 });
  });

  test("pause with force does not wait for the batch in hand", async () => {
    const { id } = await door.start("slow", aFileOfPeople(30));
    await door.waitForBatch(id, 11);

    const paused = await door.post(`/v1/jobs/${id}/pause`, { force: true, reason: "too slow" });

    expect(paused).toMatchObject({
      status: 200,
      body: { state: "paused", progress: { recordsRead: 10 } },
    });
    await door.client.act(id, "stop", {});
  });

  test("rerun makes another job with corrected params, and refuses what a process does not take", async () => {
    const { id } = await door.start("notes", aFileOfPeople(5), { params: { label: "first" } });
    await door.waitForEnd(id);
    await door.scene.pool.query("delete from note");
    const rerun = `/v1/jobs/${id}/rerun`;

    const plan = await door.post(rerun, { params: { label: "second" }, validateOnly: true });
    const made = await door.post(rerun, { params: { label: "second" }, name: "again" });
    const refused = await door.post(rerun, { table: "people" });

    expect(plan).toMatchObject({
      status: 200,
      body: { validateOnly: true, kind: "process", params: { label: "second" } },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { kind: "process", parent: id, name: "again", params: { label: "second" } },
    });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: "/table" }] } });
    await door.waitForEnd(String(made.body["id"]));
    const { rows } = await door.scene.pool.query("select distinct label from note");
    expect(rows).toEqual([{ label: "second" }]);
  });

  test("rerun of an import takes no params", async () => {
    const file = await door.client.uploadFile("people.csv", Buffer.from(aFileOfPeople(1)));
    const { id } = await door.client.createJob({ kind: "import", file: file.id, table: "plain" });

    expect(await door.post(`/v1/jobs/${id}/rerun`, { params: {} })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/params", code: "unknown_field" }] },
    });
  });
});
