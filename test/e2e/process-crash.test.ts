/** A service that is killed at every line that writes: the end is the same as without, in the database, outside and in the result. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { ProcessServiceScene } from "../support/process-service.ts";
import { startTeamService, type TeamService } from "../support/team-service.ts";

const RECORDS = 500;
const PACE = { leaseMs: 3_600_000, sweepMs: 200, batchRetryMs: 20 };

/**
 * A row, a call to another service and a line of output for each record; an error at the first attempt of one batch. With
 * a schema of its own: eight times a test its code is loaded, and a library would be most of that.
 */
const EFFECTS = `
import { defineProcess } from "sluice";
const call = async (url, method, key, body, signal) => {
  const response = await fetch(url, { method, headers: { "idempotency-key": key }, body, signal });
  if (!response.ok && response.status !== 404) throw new Error(String(response.status));
  await response.text();
};
export default defineProcess({
  name: "effects",
  params: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
  batchSize: 100,
  output: { columns: (fields) => [...fields, "key"] },
  async run(batch, ctx) {
    await ctx.tx.query("insert into effect (id) select unnest($1::int[])", [batch.records.map((r) => Number(r.id))]);
    for (const record of batch.records.slice(0, 5))
      await call(ctx.params.url + "/teams", "POST", batch.keyOf(record), JSON.stringify({ name: record.name }), ctx.signal);
    for (const record of batch.records) ctx.emit({ ...record, key: batch.keyOf(record).split(":")[1] });
    if (batch.key.endsWith(":201-300") && ctx.attempt === 1) throw new Error("once");
  },
  async undo(batch, ctx) {
    for (const record of batch.records.slice(0, 5))
      await call(ctx.params.url + "/teams/by-key/" + encodeURIComponent(batch.keyOf(record)), "DELETE", "", undefined, ctx.signal);
    await ctx.tx.query("delete from effect where id = any ($1::int[])", [batch.records.map((r) => Number(r.id))]);
    if (batch.key.endsWith(":201-300") && ctx.attempt === 1) throw new Error("once");
  },
});
`;

const csv = `id,name\n${Array.from({ length: RECORDS }, (_, at) => `${at + 1},"team, ${at + 1}"\n`).join("")}`;
const wanted = `id,name,key\n${Array.from({ length: RECORDS }, (_, at) => `${at + 1},"team, ${at + 1}",${at + 1}\n`).join("")}`;

let teams: TeamService;
let world: ProcessServiceScene;

beforeEach(async () => {
  teams = await startTeamService();
  world = await ProcessServiceScene.open({ "effects.ts": EFFECTS });
  await world.scene.pool.query("create table effect (id integer primary key)");
});
afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  await teams?.[Symbol.asyncDispose]();
});

async function effects(): Promise<number> {
  const { rows } = await world.scene.pool.query<{ count: string }>("select count(*) from effect");
  return Number(rows[0]?.count);
}

describe("a run", () => {
  test.each([
    "after_claim:1",
    "batch_begun:1",
    "batch_begun:4",
    "batch_run:1",
    "batch_run:3",
    "batch_failed:1",
    "before_commit:1",
    "before_commit:5",
    "after_commit:1",
    "after_commit:5",
    "publish_begun:1",
    "export_rename:1",
    "publish_before_commit:1",
  ])("whose service is killed at %s ends as one that is not", async (failpoint) => {
    const victim = await world.start({
      settings: PACE,
      environment: { SLUICE_FAILPOINT: failpoint },
    });
    const job = await world.create("effects", csv, { params: { url: teams.url } });
    await victim.ended;
    const before = (await world.job(job.id)).progress.read;
    const ledger = await world.scene.ledger(job.id);

    await world.start({ settings: PACE });
    const end = await world.waitForEnd(job.id);

    expect(end).toMatchObject({ state: "succeeded", failure: null });
    expect(await effects()).toBe(RECORDS);
    expect(await world.result(job.id)).toBe(wanted);
    expect(end.result?.output?.sha256).toBe(createHash("sha256").update(wanted).digest("hex"));
    expect(teams.teams.size).toBe(25);
    expect(teams.made()).toBe(25);
    expect(end.progress.read).toBeGreaterThanOrEqual(before);
    expect(await world.scene.ledger(job.id)).toEqual(expect.arrayContaining([...ledger]));
    await expectAllGood(world.scene.pool);
  });
});

describe("an undo", () => {
  test.each([
    "undo_chunk:1",
    "undo_chunk:4",
    "undo_before_commit:1",
    "undo_before_commit:3",
    "undo_after_commit:1",
    "undo_after_commit:4",
    "undo_before_end:1",
  ])("whose service is killed at %s leaves nothing", async (failpoint) => {
    const victim = await world.start({
      settings: PACE,
      environment: { SLUICE_FAILPOINT: failpoint },
    });
    const request = { params: { url: teams.url }, pauseAfter: 400 };
    const job = await world.create("effects", csv, request);
    await world.waitForState(job.id, "paused");
    expect(teams.teams.size).toBe(20);
    const stopping = world.act(job.id, "stop");
    await victim.ended;

    await world.start({ settings: PACE });

    await stopping;
    const end = await world.waitForEnd(job.id);
    expect(end).toMatchObject({
      state: "stopped",
      result: { rows: "undone", recordsDone: 400, recordsUndone: 400 },
    });
    expect(await effects()).toBe(0);
    expect(teams.teams.size).toBe(0);
    await expectAllGood(world.scene.pool);
  });
});
