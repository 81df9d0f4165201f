/** Requests at any moment, in any order and at the same time: whatever they come to, each record is done once or undone. */
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { SluiceError } from "../../src/core/errors.ts";
import { expectAllGood } from "../support/all-good.ts";
import type { TestProcess } from "../support/fake-host.ts";
import { PERSON, type ProcessScene } from "../support/process-scene.ts";
import { openTeamScene, teamsOf, toTable, upTo } from "../support/team-process.ts";
import { until } from "../support/until.ts";

const RECORDS = 60;

let scene: ProcessScene;

afterEach(() => scene?.[Symbol.asyncDispose]());

/** What was made elsewhere: by key, as another service that knows repetitions. */
const outside = new Set<number>();

/** User code that takes its time, fails now and then, and does something outside of the database. */
const slow: TestProcess = {
  ...toTable,
  batchSize: 5,
  rules: { retries: 20 },
  run: async (batch, context) => {
    for (const { record } of batch.records) outside.add(record);
    await toTable.run(batch, context);
    await new Promise((resolve) => setTimeout(resolve, batch.records.length));
    if ((batch.records[0]?.record ?? 0) % 3 === batch.attempt) throw new Error("now and then");
  },
  undo: async (batch, context) => {
    await toTable.undo?.(batch, context);
    for (const { record } of batch.records) outside.delete(record);
    if ((batch.records[0]?.record ?? 0) % 2 === batch.attempt) throw new Error("now and then");
  },
};

const step = fc.record({
  what: fc.constantFrom("pause", "force", "resume", "rescue", "restart"),
  afterMs: fc.nat(40),
});
const storm = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 10 }),
  end: fc.constantFrom("finish", "stop", "undo"),
});

async function ask(
  jobId: string,
  what: (typeof step extends fc.Arbitrary<infer T> ? T : never)["what"],
): Promise<void> {
  if (what === "restart") return scene.restart();
  if (what === "rescue") {
    const { epoch } = await scene.job(jobId);
    return scene.control.rescue({ jobId, epoch }, false);
  }
  const isForced = what === "force";
  try {
    await scene.service.act(
      jobId,
      isForced ? "pause" : what,
      PERSON,
      isForced ? { force: true } : {},
    );
  } catch (error) {
    // Too late, or too early: a normal case of a storm.
    if (!(error instanceof SluiceError) || error.code !== "transition_not_allowed") throw error;
  }
}

/** Resumes a job until it has succeeded. */
async function finish(jobId: string): Promise<void> {
  await until("the job has succeeded", async () => {
    const { state } = await scene.job(jobId);
    if (state === "paused" || state === "failed") await ask(jobId, "resume");
    return state === "succeeded";
  });
}

test("a storm of requests", async () => {
  scene = await openTeamScene(slow, { batchRetryMs: 1, actionWaitMs: 2_000, drainMs: 500 });
  await fc.assert(
    fc.asyncProperty(storm, async ({ steps, end }) => {
      await scene.pool.query("truncate team");
      outside.clear();
      const job = await scene.start(RECORDS);
      const asking: Promise<void>[] = [];
      for (const { what, afterMs } of steps) {
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        // One after the other only where the supervisor itself is replaced.
        if (what === "restart") await Promise.all(asking.splice(0));
        const asked = ask(job.id, what);
        asking.push(asked);
        if (what === "restart") await asked;
      }
      await Promise.all(asking);
      if (end !== "stop") await finish(job.id);
      if (end === "stop") await scene.service.act(job.id, "stop", PERSON).catch(() => undefined);
      if (end === "undo") await scene.service.act(job.id, "undo", PERSON);
      const last = await scene.waitForEnd(job.id);

      expect({ state: last.state, failure: last.failure }).toMatchObject({ failure: null });
      const isKept = last.state === "succeeded";
      expect(await teamsOf(scene)).toEqual(isKept ? upTo(RECORDS) : []);
      expect(outside.size).toBe(isKept ? RECORDS : 0);
      await expectAllGood(scene.pool);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});
