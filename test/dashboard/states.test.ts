/** Every state of an import, as its page shows it: what is said, what can be done, both themes, and a narrow window. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { CHROMIUM, screensNamed } from "./browser.ts";
import { PEOPLE_TYPES, peopleCsv } from "./scene.ts";
import { StatesScene } from "./states-scene.ts";

/** Columns of `peopleCsv`, as a table has them. */
const COLUMNS =
  "id bigint primary key, full_name text, email text, age integer, zip text, born date, notes text";
/** Statements that insert into `guarded` wait until the gate is open. */
const GUARD = `
  create table guarded (${COLUMNS});
  create table gate (is_open boolean); insert into gate values (false);
  create function wait_for_gate() returns trigger language plpgsql as $$
    begin
      while not (select is_open from gate) loop perform pg_sleep(0.05); end loop;
      return null;
    end $$;
  create trigger guard before insert on guarded for each statement execute function wait_for_gate()`;
/** Under it jobs are let in. */
const ADMISSION_LOCK = 0x736c7561;
const SPEED = 2500;
const WAITING = ["❚❚ Pause", "■ Stop…"];

let states: StatesScene;
let files: Record<"many" | "people" | "good", string>;

const staged = (table = "new_people") =>
  ({ kind: "import", file: files.many, types: PEOPLE_TYPES, table }) as const;
const direct = (table: string) =>
  ({ kind: "import", file: files.many, table, mode: "append", delivery: "direct" }) as const;

/** A direct job that wrote to both ends of a table of many blocks: its undo takes more than one stretch. */
async function spread(after: "pause" | "failure"): Promise<string> {
  await states.scene.pool.query(
    `drop table if exists spread; create table spread (${COLUMNS}) with (fillfactor = 10)`,
  );
  const request = { ...direct("spread"), file: files.people };
  const { id } = await states.client.createJob(
    after === "pause"
      ? { ...request, pauseAfter: 10_000 }
      : { ...request, columns: { age: "born" as string, born: null }, maxRejected: 3 },
  );
  await states.reach(id, after === "pause" ? "paused" : "failed");
  return id;
}

describe.skipIf(CHROMIUM === null)(screensNamed("the states of an import"), () => {
  beforeAll(async () => {
    states = await StatesScene.open();
    await states.scene.pool.query(`create table visible (${COLUMNS}); ${GUARD}`);
    files = {
      many: await states.upload("people_2026.csv", peopleCsv(40_000)),
      people: await states.upload("people.csv", peopleCsv(12_000)),
      good: await states.upload("good.csv", peopleCsv(249)),
    };
  });
  afterEach(() => states.clear());
  afterAll(async () => {
    await states?.[Symbol.asyncDispose]();
  });

  test("waits, reads, is paused by a person and stopped", async () => {
    const { client } = states;
    const one = await client.createJob({ ...staged(), maxRecordsPerSecond: SPEED });
    const two = await client.createJob({ ...direct("visible"), maxRecordsPerSecond: SPEED });
    const three = await client.createJob({ ...direct("visible"), name: "people_2027.csv" });
    await states.read(two.id, 1);
    await states.show("queued", three.id, {
      pill: "◷ Waiting",
      says: ["Waits its turn: 2 jobs ahead."],
      buttons: WAITING,
    });
    await states.read(one.id, 13_000);
    await states.show("running-staged", one.id, {
      pill: "▶ Running",
      says: [/✓ Saved .* ago: all 1\d,\d{3} rows\./, "Nothing is visible in public.new_people"],
      buttons: WAITING,
    });
    await states.lookAtQuestion("stop-staged", "Stop…", ["Undo: discard them."]);
    await states.show("running-direct", two.id, {
      pill: "▶ Running",
      says: [/✓ Saved .* ago: all/, "Rows are visible in public.visible as they are saved."],
      buttons: WAITING,
    });
    await states.lookAtQuestion("stop-direct", "Stop…", ["Undo them.", "Keep them."]);
    await client.act(one.id, "pause", { reason: "to look" });
    await states.show("paused-by-a-person", one.id, {
      pill: "❚❚ Paused",
      says: ["Nothing runs and no lock is held.", "Nothing is visible in public.new_people"],
      buttons: ["▶ Resume", "■ Stop…", "Look at the rows"],
    });
    const held = await states.holdJob(one.id);
    states.ask(one.id, "stop");
    await states.reach(one.id, "stopping");
    await states.show("stopping-staged", one.id, {
      pill: "■ Stopping…",
      says: [/Discarding [\d,]+ rows\./],
      buttons: [],
    });
    await held.letGo();
    await states.reach(one.id, "stopped");
    await states.show("stopped-staged", one.id, {
      pill: "■ Stopped",
      says: [/Stopped after [\d,]+ rows\. public\.new_people was not made\./],
      buttons: ["↻ Run again…", "Forget…"],
    });
    await client.act(two.id, "stop", { rows: "keep" });
    await states.show("stopped-kept", two.id, {
      pill: "■ Stopped",
      says: [/Stopped after [\d,]+ rows\. [\d,]+ rows were kept in public\.visible\./],
      buttons: ["↻ Run again…", "Forget…"],
    });
  });

  test("pauses as it was asked to, and for long", async () => {
    const { client } = states;
    const asked = await client.createJob({ ...staged("asked"), pauseAfter: 1000 });
    const job = await client.createJob({ ...staged(), maxRecordsPerSecond: SPEED });
    await states.read(job.id, 1000);
    await states.holdJob(job.id);
    states.ask(job.id, "pause");
    await states.reach(job.id, "pausing");
    await states.show("pausing", job.id, {
      pill: "❚❚ Pausing…",
      says: ["Saving the rows in hand."],
      buttons: ["■ Stop…"],
    });
    await states.reach(asked.id, "paused");
    await states.show("paused-as-asked", asked.id, {
      pill: "❚❚ Paused",
      says: ["Paused after 1,000 rows, as asked. Look at them, then resume or stop."],
      buttons: ["▶ Resume", "■ Stop…", "Look at the rows"],
    });
  });

  test("publishes, waits for a lock, and is done", async () => {
    const { client, scene } = states;
    const clean = await client.createJob({
      kind: "import",
      file: files.good,
      table: "guarded",
      mode: "append",
    });
    await until("it publishes", async () => (await client.getJob(clean.id)).phase === "publishing");
    await states.show("publishing", clean.id, {
      pill: "▶ Publishing",
      says: [/Making 24[89] rows visible in public\.guarded in one step: all of them or none\./],
      buttons: ["❚❚ Pause", "■ Stop…"],
    });
    await scene.pool.query("update gate set is_open = true");
    await states.reach(clean.id, "succeeded");
    await states.show("done", clean.id, {
      pill: "✓ Done, 1 rejected",
      says: [
        /Imported 24[89] rows into public\.guarded in/,
        /249 read = 248 written \+ 1 rejected/,
      ],
      buttons: ["↻ Run again…", "Forget…"],
    });
    const held = await states.hold("lock table guarded in share mode");
    const job = await client.createJob({
      kind: "import",
      file: files.people,
      table: "guarded",
      mode: "append",
    });
    await until("it publishes", async () => (await client.getJob(job.id)).phase === "publishing");
    await states.show("publishing-locked", job.id, {
      pill: "▶ Publishing",
      says: [
        /Making 11,9\d\d rows visible/,
        `Waiting for a lock held by pid ${held.pid}, “lock table guarded in share mode”, for`,
      ],
      buttons: ["❚❚ Pause", "■ Stop…"],
    });
  });

  test("is stopped and undone while its rows are visible", async () => {
    const { client, scene } = states;
    const id = await spread("pause");
    await states.show("paused-direct", id, {
      pill: "❚❚ Paused",
      says: ["Paused after 10,000 rows, as asked.", "Rows are visible in public.spread"],
      buttons: ["▶ Resume", "■ Stop…", "Look at the rows"],
    });
    await scene.pool.query("update spread set notes = 'mine' where id in (2000, 3000, 4000)");
    const held = await states.hold("select from spread where id = 2 for update");
    states.ask(id, "stop");
    await states.reach(id, "stopping");
    await until("a stretch is undone", async () => {
      const { rows } = await scene.pool.query("select from sluice.undo where removed > 0");
      return rows.length > 0;
    });
    await states.show("stopping-direct", id, {
      pill: "■ Stopping…",
      says: [/Undoing/],
      buttons: [],
    });
    await held.letGo();
    await states.reach(id, "stopped");
    await states.show("stopped-direct", id, {
      pill: "■ Stopped",
      says: [/Stopped after 10,000 rows\./, /3 rows/],
      buttons: ["↻ Run again…", "Forget…"],
    });
  });
});
