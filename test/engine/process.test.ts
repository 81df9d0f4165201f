/** Processes through the job service, with real runners and a database, and user code that is a function of the test. */
import { afterEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import type { TestProcess } from "../support/fake-host.ts";
import { PERSON, type ProcessScene } from "../support/process-scene.ts";
import { calledIn, openTeamScene, teamsOf, toTable, upTo } from "../support/team-process.ts";

let scene: ProcessScene;

afterEach(() => scene?.[Symbol.asyncDispose]());

describe("a process", () => {
  test("runs over all records in batches, once each, and ends with its books balanced", async () => {
    scene = await openTeamScene(toTable);

    const job = await scene.start(25);
    const end = await scene.waitForEnd(job.id);

    expect(end).toMatchObject({
      state: "succeeded",
      failure: null,
      progress: { read: 25, written: 25, rejected: 0 },
      result: { rows: "kept", recordsDone: 25, output: null },
    });
    expect(await teamsOf(scene)).toEqual(upTo(25));
    expect(calledIn(scene)).toEqual(["run 1-10", "run 11-20", "run 21-25"]);
    await expectAllGood(scene.pool);
  });

  test("over a file without records succeeds without a call", async () => {
    scene = await openTeamScene(toTable);

    const job = await scene.startOver("id,name\n\n\n");

    expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
    expect(scene.calls).toEqual([]);
  });

  test("never sees what cannot be read; what it refuses is rejected with its words", async () => {
    scene = await openTeamScene({
      batchSize: 2,
      run: (batch, { reject }) => {
        for (const [index, { values }] of batch.records.entries())
          if (values[1] === "bad") reject(index, "no such team");
      },
    });

    const job = await scene.startOver("id,name\n1,good\n2,bad\n3\n\n4,good,more\n5,bad\n");
    const end = await scene.waitForEnd(job.id);

    expect(end.progress).toMatchObject({ read: 5, written: 1, rejected: 4 });
    expect(scene.calls.flatMap(({ records }) => records)).toEqual([1, 2, 5]);
    const rejected = await scene.service.openRecords(job.id, "rejected");
    const seen: unknown[] = [];
    for await (const page of rejected.read())
      for (const { line, fields, rejection } of page)
        seen.push([line, fields?.length, rejection?.code, rejection?.message]);
    expect(seen).toEqual([
      [3, 2, "refused_by_process", "no such team"],
      [4, 1, "too_few_fields", "1 field, 2 expected"],
      [6, 3, "too_many_fields", "3 fields, 2 expected"],
      [7, 2, "refused_by_process", "no such team"],
    ]);
    await expectAllGood(scene.pool);
  });

  test("fails when more is rejected than allowed, and goes on with a higher limit", async () => {
    scene = await openTeamScene({ run: (_, { reject }) => reject(0, "no") });
    const job = await scene.start(50, { maxRejected: 1 });
    const failed = await scene.waitForEnd(job.id);
    expect(failed).toMatchObject({
      state: "failed",
      failure: { code: "too_many_rejected" },
      progress: { read: 20, rejected: 2 },
    });

    await scene.service.act(job.id, "resume", PERSON, { maxRejected: 5 });

    expect((await scene.waitForEnd(job.id)).progress).toMatchObject({ read: 50, rejected: 5 });
  });

  test("that is named by an idempotency key is created once", async () => {
    scene = await openTeamScene(toTable);
    const file = (await scene.start(5)).file.id;
    const request = { kind: "process", process: "test", file } as const;
    const key = { idempotencyKey: "once" };

    const first = await scene.service.createProcess(request, PERSON, key);
    const second = await scene.service.createProcess(request, PERSON, key);

    expect(second).toMatchObject({ isNew: false, job: { id: first.job.id } });
    await expect(
      scene.service.createProcess({ ...request, params: { other: 1 } }, PERSON, key),
    ).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });

  test("is run again with other params over the same file", async () => {
    scene = await openTeamScene({ run: () => undefined });
    const job = await scene.start(5, { params: { a: 1 } });
    await scene.waitForEnd(job.id);

    const { job: again } = await scene.service.rerunJob(job.id, { params: { a: 2 } }, PERSON);

    expect(again).toMatchObject({ parent: job.id, request: { params: { a: 2 }, process: "test" } });
    expect((await scene.waitForEnd(again.id)).state).toBe("succeeded");
    await expect(scene.service.rerunJob(job.id, { table: "x" }, PERSON)).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  test("can be the job of the flat API, of which there is one", async () => {
    scene = await openTeamScene(toTable);
    const file = (await scene.start(1, { startPaused: true })).file.id;
    const request = { kind: "process", process: "test", file, startPaused: true } as const;

    const job = await scene.service.createFlatJob(request, PERSON);

    expect(job).toMatchObject({ kind: "process", door: "flat", state: "paused" });
    expect(await scene.service.createFlatJob(request, PERSON)).toBeNull();
    expect((await scene.service.findFlatJob())?.id).toBe(job?.id);
  });

  test("keeps the newest lines that it logs, those of failed attempts too", async () => {
    scene = await openTeamScene({
      run: ({ key, attempt }, { log }) => {
        for (let line = 1; line <= 700; line += 1)
          log({ message: `line ${line}`, fields: { key }, at: new Date() });
        if (attempt === 1) throw new Error("not yet");
      },
    });
    const job = await scene.start(5);
    await scene.waitForEnd(job.id);

    const lines = await scene.service.listLog(job.id, { limit: 2000 });

    expect(lines).toHaveLength(1000);
    expect(lines[0]).toMatchObject({ message: "line 402", fields: { key: `${job.id}:1-5` } });
    expect(lines[299]?.message).toBe("attempt 1 failed: not yet");
    const after = lines[997]?.id ?? 0;
    expect(
      (await scene.service.listLog(job.id, { limit: 5, after })).map((x) => x.message),
    ).toEqual(["line 699", "line 700"]);
  });
});

/** The result of `swap` over so many records. */
const swapped = (count: number): string =>
  ["b,a", ...upTo(count).map((id) => `name ${id},${id}`), ""].join("\n");

describe("a result", () => {
  const swap: TestProcess = {
    output: ["b", "a"],
    run: (batch, { emit }) => {
      for (const { values } of batch.records) emit(`${values[1] ?? ""},${values[0] ?? ""}`);
    },
    undo: () => undefined,
  };

  test("is what was emitted, in order, although attempts failed in between", async () => {
    scene = await openTeamScene({
      ...swap,
      run: (batch, context) => {
        void swap.run(batch, context);
        if (batch.attempt === 1 && batch.key.endsWith(":11-20")) throw new Error("again");
      },
    });

    const job = await scene.start(35);
    const end = await scene.waitForEnd(job.id);

    expect(await scene.result(job.id)).toBe(swapped(35));
    expect(end.result?.output).toMatchObject({ rows: 35, name: "people-test.csv" });
    await expect.poll(() => scene.pieces()).toEqual([]);
    await expectAllGood(scene.pool);
  });

  test("has a refused commit's lines left out", async () => {
    scene = await openTeamScene({
      ...swap,
      rules: { retries: 1 },
      run: async (batch, context) => {
        await swap.run(batch, context);
        // The first attempt breaks a rule that is looked at when the batch is to be committed.
        if (batch.attempt === 1) await context.query("insert into member (team) values (99)", []);
      },
    });
    await scene.pool.query(
      "create table member (team integer references team (id) deferrable initially deferred)",
    );

    const job = await scene.start(25);

    expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
    expect(await scene.result(job.id)).toBe(swapped(25));
  });

  test("is the same after pauses", async () => {
    scene = await openTeamScene(swap);
    const job = await scene.start(35, { pauseAfter: 7 });
    for (const pauseAfter of [8, 23, null]) {
      await scene.waitForState(job.id, "paused");
      await scene.service.act(job.id, "resume", PERSON, { pauseAfter });
    }

    await scene.waitForEnd(job.id);

    expect(await scene.result(job.id)).toBe(swapped(35));
  });

  test("of a stopped job leaves no piece", async () => {
    scene = await openTeamScene(swap);
    const job = await scene.start(35, { pauseAfter: 20 });
    await scene.waitForState(job.id, "paused");
    expect(await scene.pieces()).not.toEqual([]);

    await scene.service.act(job.id, "stop", PERSON);

    expect(await scene.pieces()).toEqual([]);
    await expect(scene.service.openResult(job.id)).rejects.toMatchObject({ code: "no_result" });
  });

  test("that was forgotten by a service which died before it removed it is removed by the next", async () => {
    scene = await openTeamScene(swap);
    const job = await scene.start(5);
    const { result } = await scene.waitForEnd(job.id);
    const file = result?.output?.file ?? "";
    await scene.pool.query("update sluice.file set removed_at = clock_timestamp() where id = $1", [
      file,
    ]);
    expect(await scene.stored()).toContain(file);

    await scene.clean();

    expect(await scene.stored()).not.toContain(file);
  });

  test("is gone after an undo", async () => {
    scene = await openTeamScene(swap);
    const job = await scene.start(5);
    const { result } = await scene.waitForEnd(job.id);
    const file = result?.output?.file ?? "";
    expect(await scene.service.getFile(file)).toMatchObject({ name: "people-test.csv" });

    await scene.service.act(job.id, "undo", PERSON);

    await expect(scene.service.openResult(job.id)).rejects.toMatchObject({ code: "no_result" });
    await expect(scene.service.getFile(file)).rejects.toMatchObject({ code: "not_found" });
    expect(await scene.stored()).not.toContain(file);
  });
});
