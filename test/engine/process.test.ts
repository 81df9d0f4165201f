import { afterEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import type { TestProcess } from "../support/fake-host.ts";
import { PERSON, ProcessScene } from "../support/process-scene.ts";

let scene: ProcessScene;

afterEach(() => scene?.[Symbol.asyncDispose]());

const INSERT = "insert into team (id, name) values ($1, $2)";

/** Writes each record to a table, as a process by which a crash would be seen. */
const toTable: TestProcess = {
  run: async (batch, { query }) => {
    for (const { values } of batch.records) await query(INSERT, values);
  },
  undo: async (batch, { query }) => {
    for (const { values } of batch.records)
      await query("delete from team where id = $1", [values[0]]);
  },
};

async function openScene(process: TestProcess, ...rest: never[]): Promise<void> {
  scene = await ProcessScene.open(process, ...rest);
  await scene.pool.query("create table team (id integer primary key, name text)");
}

async function teams(): Promise<readonly number[]> {
  const { rows } = await scene.pool.query<{ id: number }>("select id from team order by id");
  return rows.map(({ id }) => id);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

describe("a process", () => {
  test("runs over all records in batches, once each, and ends with its books balanced", async () => {
    await openScene(toTable);

    const job = await scene.start(25);
    const end = await scene.waitForEnd(job.id);

    expect(end).toMatchObject({
      state: "succeeded",
      failure: null,
      progress: { read: 25, written: 25, rejected: 0 },
      result: { rows: "kept", recordsDone: 25, output: null },
    });
    expect(await teams()).toEqual(upTo(25));
    expect(scene.calls.map(({ key, records }) => [key, records.length])).toEqual([
      [`${job.id}:1-10`, 10],
      [`${job.id}:11-20`, 10],
      [`${job.id}:21-25`, 5],
    ]);
    await expectAllGood(scene.pool);
  });

  test("stops: everything is undone, newest first", async () => {
    let isHeld = true;
    await openScene({
      ...toTable,
      run: async (batch, context) => {
        await toTable.run(batch, context);
        if (batch.key.endsWith(":21-30") && isHeld)
          await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      },
    });
    const job = await scene.start(50);
    await scene.waitForCalls(3);
    isHeld = false;

    const { outcome, job: stopped } = await scene.service.act(job.id, "stop", PERSON);

    expect({ outcome, state: stopped.state }).toEqual({ outcome: "reached", state: "stopped" });
    expect(stopped.result).toMatchObject({ rows: "undone", recordsDone: 20, recordsUndone: 30 });
    expect(await teams()).toEqual([]);
    expect(
      scene.calls
        .slice(3)
        .map(({ what, key, isCommitted }) => [what, key.split(":")[1], isCommitted]),
    ).toEqual([
      ["undo", "21-30", false],
      ["undo", "11-20", true],
      ["undo", "1-10", true],
    ]);
    await expectAllGood(scene.pool);
  });
});
