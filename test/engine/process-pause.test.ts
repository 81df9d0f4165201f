/** Pausing processes. */
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
  waitUntilLetGo,
} from "../support/team-process.ts";

let scene: ProcessScene;

afterEach(() => scene?.[Symbol.asyncDispose]());

describe("pausing", () => {
  test("while a batch runs is seen; the batch commits, and nothing after it", async () => {
    const gate = new Gate();
    scene = await openTeamScene(holding(gate, 11), { actionWaitMs: 100 });
    const job = await scene.start(40);
    await scene.waitForCalls(2);

    const { outcome, job: pausing } = await scene.service.act(job.id, "pause", PERSON);

    expect({ outcome, state: pausing.state }).toEqual({ outcome: "underway", state: "pausing" });
    expect((await scene.job(job.id)).state).toBe("pausing");
    gate.open();
    const paused = await scene.waitForState(job.id, "paused");
    expect(paused.progress.read).toBe(20);
    expect(await teamsOf(scene)).toEqual(upTo(20));
    expect(scene.calls).toHaveLength(2);
    expect(await scene.batches(job.id)).toEqual(["1-10 committed", "11-20 committed"]);

    await scene.service.act(job.id, "resume", PERSON);
    expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
    expect(calledIn(scene)).toEqual(["run 1-10", "run 11-20", "run 21-30", "run 31-40"]);
    await expectAllGood(scene.pool);
  });

  test("is answered when the batch in hand has ended", async () => {
    const gate = new Gate();
    scene = await openTeamScene(holding(gate, 11));
    const job = await scene.start(40);
    await scene.waitForCalls(2);

    const pausing = scene.service.act(job.id, "pause", PERSON);
    await scene.waitForState(job.id, "pausing");
    gate.open();

    expect(await pausing).toMatchObject({ outcome: "reached", job: { state: "paused" } });
  });

  test("by force ends the batch at once, and it is done again with the same key", async () => {
    const gate = new Gate();
    scene = await openTeamScene(holding(gate, 11));
    const job = await scene.start(30);
    await scene.waitForCalls(2);

    const { job: paused } = await scene.service.act(job.id, "pause", PERSON, { force: true });

    expect(paused).toMatchObject({ state: "paused", progress: { read: 10 } });
    gate.open();
    await scene.service.act(job.id, "resume", PERSON);
    expect((await scene.waitForEnd(job.id)).state).toBe("succeeded");
    expect(calledIn(scene)).toEqual(["run 1-10", "run 11-20", "run 11-20", "run 21-30"]);
    expect(await teamsOf(scene)).toEqual(upTo(30));
  });

  test("ends the waiting between two attempts", async () => {
    scene = await openTeamScene(
      { run: () => Promise.reject(new Error("no")), rules: { retries: 20 } },
      { batchRetryMs: 60_000 },
    );
    const job = await scene.start(5);
    await scene.waitForCalls(1);

    const { job: paused } = await scene.service.act(job.id, "pause", PERSON);

    expect(paused.state).toBe("paused");
    expect(await scene.batches(job.id)).toEqual(["1-5 begun"]);
  });

  test("after so many records is exact, again and again", async () => {
    scene = await openTeamScene(toTable);
    const job = await scene.start(30, { pauseAfter: 14 });
    expect((await scene.waitForState(job.id, "paused")).progress.read).toBe(14);

    await scene.service.act(job.id, "resume", PERSON, { pauseAfter: 15 });
    expect((await scene.waitForState(job.id, "paused")).progress.read).toBe(15);

    await scene.service.act(job.id, "resume", PERSON);
    await scene.waitForEnd(job.id);
    expect(calledIn(scene)).toEqual([
      "run 1-10",
      "run 11-14",
      "run 15-15",
      "run 16-25",
      "run 26-30",
    ]);
  });

  test("of a job whose runner is lost is carried out without it", async () => {
    const gate = new Gate();
    scene = await openTeamScene(holding(gate, 11), { actionWaitMs: 50 });
    const job = await scene.start(30);
    await scene.waitForCalls(2);
    await scene.service.act(job.id, "pause", PERSON);
    const { epoch } = await scene.job(job.id);

    await scene.control.rescue({ jobId: job.id, epoch }, true);

    expect(await scene.job(job.id)).toMatchObject({ state: "paused", epoch: epoch + 1 });
    gate.open();
    await waitUntilLetGo(scene, job.id);
    expect(await scene.batches(job.id)).toEqual(["1-10 committed", "11-20 begun"]);
    expect(await teamsOf(scene)).toEqual(upTo(10));
  });

  test("that nobody ended after its runner let go is ended by the sweep", async () => {
    scene = await openTeamScene(toTable);
    const job = await scene.start(30, { pauseAfter: 10 });
    await scene.waitForState(job.id, "paused");
    await scene.service.act(job.id, "resume", PERSON, { pauseAfter: 20 });
    await scene.waitForState(job.id, "paused");
    // As if the service had died between the two.
    await scene.pool.query(
      `update sluice.job set wish = 'run', state = 'queued' where id = '${job.id}';
       update sluice.job set state = 'running', phase = 'reading' where id = '${job.id}';
       update sluice.job set wish = 'pause', state = 'pausing' where id = '${job.id}'`,
    );

    expect((await scene.waitForState(job.id, "paused")).progress.read).toBe(20);
  });
});
