/** Retrying the rejected records of a process: the same code over the corrected ones, once each. */
import { afterEach, expect, test } from "vitest";
import type { ProcessJob } from "../../src/core/job.ts";
import { expectAllGood } from "../support/all-good.ts";
import type { TestProcess } from "../support/fake-host.ts";
import { PERSON, type ProcessScene } from "../support/process-scene.ts";
import { openTeamScene, teamsOf, toTable } from "../support/team-process.ts";

let scene: ProcessScene;
afterEach(() => scene?.[Symbol.asyncDispose]());

/** `toTable` that refuses teams without a name. */
const named: TestProcess = {
  ...toTable,
  run: async (batch, context) => {
    const good = batch.records.filter(({ values }, at) => {
      if (values[1] === "") context.reject(at, "a name is needed");
      return values[1] !== "";
    });
    await toTable.run({ ...batch, records: good }, context);
  },
};

async function retried(jobId: string): Promise<ProcessJob> {
  const { job } = await scene.service.retryJob(jobId, {}, PERSON);
  return scene.waitForEnd(job.id);
}

test("a process runs over its corrected records alone, and an undone retry gives them back", async () => {
  scene = await openTeamScene(named);
  const job = await scene.startOver("id,name\n1,North\n2,\n3\n", { name: "teams" });
  expect((await scene.waitForEnd(job.id)).progress).toMatchObject({ written: 1, rejected: 2 });
  const corrected = await scene.service.correctRecords(
    job.id,
    [
      { record: 2, values: { name: "South" } },
      { record: 3, values: ["3", "West"] },
    ],
    PERSON,
  );
  expect(corrected.map(({ fix }) => fix?.correction?.problem)).toEqual([null, null]);

  const first = await retried(job.id);
  const teams = await teamsOf(scene);
  await scene.service.act(first.id, "undo", PERSON);
  await scene.waitForState(first.id, "undone");
  const second = await retried(job.id);

  expect(first).toMatchObject({ state: "succeeded", parent: job.id, progress: { written: 2 } });
  expect(teams).toEqual([1, 2, 3]);
  expect(second).toMatchObject({ state: "succeeded", progress: { written: 2 } });
  expect(await teamsOf(scene)).toEqual([1, 2, 3]);
  expect((await scene.job(job.id)).retries).toEqual({ recordsRetried: 2, recordsFixed: 2 });
  await expectAllGood(scene.pool);
});
