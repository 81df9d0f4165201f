/** Every state of an import, as its page shows it: what is said, what can be done, both themes, and a narrow window. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { CHROMIUM, screensNamed } from "./browser.ts";
import { PEOPLE_TYPES, peopleCsv } from "./scene.ts";
import { PATIENCE_MS, StatesScene } from "./states-scene.ts";

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
/** No job is let in while somebody holds this lock. */
const ADMISSION = 73;
const ADMISSION_GUARD = `
  create function wait_to_run() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(${ADMISSION});
      return new;
    end $$;
  create trigger guard before update on sluice.job for each row
    when (old.state = 'queued' and new.state = 'running') execute function wait_to_run()`;
/** Rows a second, so few that no job ends while it is looked at. */
const SPEED = 500;
/** From then on a time left is told. */
const TELLING_SECONDS = 6;
/** Why there is no pause. */
const ONE_STEP = "This step is one transaction.";
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
    `drop table if exists spread; create table spread (${COLUMNS}, pad text default repeat('x', 300)) with (fillfactor = 10)`,
  );
  const request = { ...direct("spread"), file: files.people };
  const { id } = await states.client.createJob(
    after === "pause" ? { ...request, pauseAfter: 10_000 } : { ...request, maxRejected: 40 },
  );
  await states.reach(id, after === "pause" ? "paused" : "failed");
  return id;
}

/** People of whom none is rejected; their ids are not those of `peopleCsv`. */
function goodCsv(rows: number): Buffer {
  const lines = Array.from({ length: rows }, (_, at) => `${900_000 + at},Ada ${at}`);
  return Buffer.from(`id,full_name\n${lines.join("\n")}\n`);
}

async function someIsUndone(id: string): Promise<void> {
  await until("some of it is undone", async () => {
    const { rows } = await states.scene.pool.query(
      "select from sluice.undo where job_id = $1 and removed > 4000",
      [id],
    );
    return rows.length > 0;
  });
}

describe.skipIf(CHROMIUM === null)(
  screensNamed("the states of an import"),
  { timeout: PATIENCE_MS },
  () => {
    beforeAll(async () => {
      states = await StatesScene.open();
      await states.scene.pool.query(
        `create table visible (${COLUMNS}); ${GUARD}; ${ADMISSION_GUARD}`,
      );
      files = {
        many: await states.upload("people_2026.csv", peopleCsv(100_000)),
        people: await states.upload("people.csv", peopleCsv(12_000)),
        good: await states.upload("good.csv", goodCsv(249)),
      };
    });
    afterEach(async () => {
      const { pool } = states.scene;
      // What waits at the gate could not be stopped.
      await pool.query("update gate set is_open = true");
      await states.clear();
      await pool.query("update gate set is_open = false; truncate guarded, visible");
    });
    afterAll(async () => {
      await states?.[Symbol.asyncDispose]();
    });

    test("is not there yet: three ways to begin, the search and the keys", async () => {
      const { page } = states;
      await states.goTo("/jobs");
      await page.getByText("Drop a CSV here, or choose a file").waitFor();
      for (const way of ["Try with sample data", "Export a table", "Write a process"])
        await page.getByText(way).waitFor();
      await states.look("none");
      for (const [name, keys] of [
        ["search", "Control+k"],
        ["keys", "?"],
      ] as const) {
        await page.keyboard.press(keys);
        await page.locator("dialog[open]").waitFor();
        await states.look(`dialog-${name}`, "window");
        await page.keyboard.press("Escape");
        await page.locator("dialog[open]").waitFor({ state: "detached" });
      }
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
      await until("a time left is told", async () => {
        return (await client.getJob(one.id)).timing.runningSeconds > TELLING_SECONDS;
      });
      await states.show("running-staged", one.id, {
        pill: "▶ Running",
        says: [/✓ Saved .* ago: all [\d,]+ rows\./, "Nothing is visible in public.new_people"],
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
      await states.goTo("/jobs");
      await states.page.getByText("Paused 1").waitFor();
      await states.look("list-at-work");
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
        buttons: ["↶ Undo…", "✎ Fix and retry", "↻ Run again…", "Forget…"],
      });
    });

    test("pauses as it was asked to, and for long", async () => {
      const { client } = states;
      const asked = await client.createJob({ ...staged("asked"), pauseAfter: 1000 });
      const job = await client.createJob({ ...staged(), maxRecordsPerSecond: SPEED });
      await states.read(job.id, 400);
      await states.holdJob(job.id);
      await states.watch(job.id);
      states.ask(job.id, "pause");
      await states.see("pausing", {
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
      await until(
        "it publishes",
        async () => (await client.getJob(clean.id)).phase === "publishing",
      );
      await states.show("publishing", clean.id, {
        pill: "▶ Publishing",
        says: [
          "Making 249 rows visible in public.guarded in one step: all of them or none.",
          ONE_STEP,
        ],
        buttons: ["❚❚ Pause", "■ Stop…"],
      });
      await scene.pool.query("update gate set is_open = true");
      await states.reach(clean.id, "succeeded");
      await states.show("done", clean.id, {
        pill: "✓ Done",
        says: [/Imported 249 rows into public\.guarded in/, "249 read = 249 written + 0 rejected"],
        buttons: ["↶ Undo…", "↻ Run again…", "Forget…"],
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
          /Making 11,940 rows visible/,
          ONE_STEP,
          `Waiting for a lock held by pid ${held.pid}, “lock table guarded in share mode”, for`,
        ],
        buttons: ["❚❚ Pause", "■ Stop…"],
      });
      await held.letGo();
      await states.reach(job.id, "succeeded");
      await states.show("done-rejected", job.id, {
        pill: "✓ Done, 60 rejected",
        says: [
          /Imported 11,940 rows into public\.guarded in/,
          "12,000 read = 11,940 written + 60 rejected",
        ],
        buttons: ["↶ Undo…", "✎ Fix and retry", "↻ Run again…", "Forget…"],
      });
    });

    test("is stopped and undone while its rows are visible", async () => {
      const { scene } = states;
      const id = await spread("pause");
      await states.show("paused-direct", id, {
        pill: "❚❚ Paused",
        says: ["Paused after 10,000 rows, as asked.", "Rows are visible in public.spread"],
        buttons: ["▶ Resume", "■ Stop…", "Look at the rows"],
      });
      await scene.pool.query("update spread set notes = 'mine' where id in (2003, 3003, 4003)");
      const held = await states.hold("select from spread where id = 2 for update");
      states.ask(id, "stop");
      await states.reach(id, "stopping");
      await someIsUndone(id);
      await states.show("stopping-direct", id, {
        pill: "■ Stopping…",
        says: [/Undoing: [4-9],\d{3} of 9,950 rows\./],
        buttons: [],
      });
      await held.letGo();
      await states.reach(id, "stopped");
      await states.show("stopped-direct", id, {
        pill: "■ Stopped",
        says: [/Stopped after 10,000 rows\. Removed 9,947 rows from/, /3 rows were changed/],
        buttons: ["↻ Run again…", "Forget…"],
      });
    });

    test("fails, and is undone while its rows are visible", async () => {
      const { scene } = states;
      const id = await spread("failure");
      await states.show("failed", id, {
        pill: "! Failed",
        says: [
          /41 rows were rejected, the limit is 40\. The rows written so far are visible in the table\./,
          /What was read so far is saved: 8,\d{3} rows\./,
          "Resume with a higher limit, or correct the file.",
        ],
        buttons: ["▶ Resume", "↶ Undo…", "↻ Run again…"],
      });
      await states.lookAtQuestion("undo-direct", "Undo…", ["Removes 8,"]);
      await scene.pool.query("update spread set notes = 'mine' where id = 2003");
      const held = await states.hold("select from spread where id = 2 for update");
      states.ask(id, "undo");
      await states.reach(id, "undoing");
      await someIsUndone(id);
      await states.show("undoing", id, {
        pill: "↶ Undoing…",
        says: [/Undoing: [4-7],\d{3} of 8,\d{3} rows\./],
        buttons: [],
      });
      await held.letGo();
      await states.reach(id, "undone");
      await states.show("undone", id, {
        pill: "↶ Undone",
        says: [/Removed [\d,]+ rows from public\.spread\. 1 row was changed/],
        buttons: ["↻ Run again…", "Forget…"],
      });
    });

    test("lists jobs in every state", async () => {
      await states.goTo("/jobs");
      await states.page.getByText("Undone").first().waitFor();
      await states.page.getByText("Needs attention 0").waitFor();
      await states.look("list");
    });

    test("waits for a lock, keeps what was seen without the service, and waits again when its worker was lost", async () => {
      const { client, scene, page } = states;
      const { id } = await client.createJob({ ...direct("visible"), maxRecordsPerSecond: SPEED });
      await states.read(id, 1000);
      const held = await states.hold("lock table visible in share mode");
      await states.show("running-locked", id, {
        pill: "▶ Running",
        says: [
          "Rows are visible in public.visible as they are saved.",
          `Slow: waiting for a lock held by pid ${held.pid}, “lock table visible in share mode”, for`,
        ],
        buttons: WAITING,
      });
      await scene.service.end("SIGKILL");
      await page
        .locator(".banner")
        .getByText("The service does not answer. Trying again")
        .waitFor();
      await states.look("service-gone");
      expect(await page.getByText("Rows are visible in public.visible").isVisible()).toBe(true);
      // The job stays where the rescue puts it.
      await states.close(ADMISSION);
      await scene.restart();
      await states.reach(id, "queued");
      await states.show("queued-after-loss", id, {
        pill: "◷ Waiting",
        says: [/The worker was lost at [\d:]+ [AP]M\. Continues in a moment; nothing is lost\./],
        buttons: WAITING,
      });
    });
  },
);
