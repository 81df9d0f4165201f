/** Every state of an export and of a process, as its page shows it. */
import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import { until } from "../support/until.ts";
import { CHROMIUM, screensNamed } from "./browser.ts";
import { PATIENCE_MS, StatesScene } from "./states-scene.ts";

/** Locks at which the process waits before it does a batch, and before it undoes its first. */
const GATES = { run: 71, undo: 72 } as const;
const GATED = `import { defineProcess } from "sluice";

export default defineProcess({
  name: "create-teams",
  title: "Create teams",
  batchSize: 100,
  async run(batch, ctx) {
    if (batch.records[0].id !== "1") await ctx.tx.query("select pg_advisory_xact_lock_shared(${GATES.run})");
    if (batch.records.some((record) => record.name === "broken")) throw new Error("HTTP 429 from api.example.com");
    for (const record of batch.records) {
      if (record.name === "bad") ctx.reject(record, "A name is needed.", { column: "name" });
      else await ctx.tx.query("insert into team (id) values ($1)", [record.id]);
    }
  },
  async undo(batch, ctx) {
    if (batch.records[0].id === "1") await ctx.tx.query("select pg_advisory_xact_lock_shared(${GATES.undo})");
    for (const record of batch.records) {
      if (record.name === "stay") ctx.keep(record, "it is asked to stay");
      else await ctx.tx.query("delete from team where id = $1", [record.id]);
    }
  },
});
`;
const PLAIN = `import { defineProcess } from "sluice";

export default defineProcess({ name: "plain", title: "Look on", batchSize: 100, run() {} });
`;
const WAITING = ["❚❚ Pause", "■ Stop…"];
const SPEED = 1000;

let states: StatesScene;
let teams: string;
let broken: string;

/** Teams, of which the rows that are given have other names. */
function teamsCsv(rows: number, others: Readonly<Record<number, string>>): Buffer {
  const lines = Array.from(
    { length: rows },
    (_, at) => `${at + 1},${others[at + 1] ?? `team ${at + 1}`}`,
  );
  return Buffer.from(`id,name\n${lines.join("\n")}\n`);
}

describe.skipIf(CHROMIUM === null)(
  screensNamed("the states of exports and processes"),
  { timeout: PATIENCE_MS },
  () => {
    beforeAll(async () => {
      states = await StatesScene.open({ "create-teams.ts": GATED, "plain.ts": PLAIN });
      await states.scene.pool.query(
        `create table team (id text);
       create table people as select g as id, 'name ' || g as name from generate_series(1, 60000) g;
       alter table people add primary key (id)`,
      );
      teams = await states.upload("teams.csv", teamsCsv(1000, { 7: "bad", 90: "stay" }));
      broken = await states.upload("broken.csv", teamsCsv(300, { 7: "bad", 250: "broken" }));
    });
    afterEach(async () => {
      await states.clear();
      await states.scene.pool.query("truncate team");
    });
    afterAll(async () => {
      await states?.[Symbol.asyncDispose]();
    });

    test("an export runs, is paused and stopped", async () => {
      const { client } = states;
      const { id } = await client.createExport({ table: "people", maxRecordsPerSecond: SPEED });
      await states.read(id, 1000);
      await states.show("export-running", id, {
        pill: "▶ Running",
        says: [/✓ Saved .* ago: all/, "people.csv appears at the end, whole."],
        buttons: WAITING,
      });
      await states.lookAtQuestion("export-stop", "Stop…", [
        "in the file so far",
        "Undo: delete the file.",
      ]);
      await client.act(id, "pause");
      await states.show("export-paused", id, {
        pill: "❚❚ Paused",
        says: ["Nothing runs and no lock is held.", "people.csv appears at the end, whole."],
        buttons: ["▶ Resume", "■ Stop…"],
      });
      const held = await states.holdJob(id);
      states.ask(id, "stop");
      await states.reach(id, "stopping");
      await states.show("export-stopping", id, {
        pill: "■ Stopping…",
        says: [/Deleting the [\d,]+ rows that are in the file so far\./],
        buttons: [],
      });
      await held.letGo();
      await states.reach(id, "stopped");
      await states.show("export-stopped", id, {
        pill: "■ Stopped",
        says: [/Stopped after [\d,]+ rows\. There is no file\./],
        buttons: ["↻ Export again…", "Forget…"],
      });
    });

    test("an export publishes and is done", async () => {
      const { client } = states;
      const held = await states.hold("lock table sluice.file in share mode");
      const { id } = await client.createExport({ table: "people" });
      await until("it publishes", async () => (await client.getJob(id)).phase === "publishing");
      await states.show("export-publishing", id, {
        pill: "▶ Publishing",
        says: [
          "Putting people.csv together from 60,000 rows: all of them or no file.",
          "This step is one transaction.",
          `Waiting for a lock held by pid ${held.pid}, “lock table sluice.file in share mode”, for`,
        ],
        buttons: ["❚❚ Pause", "■ Stop…"],
      });
      await held.letGo();
      await states.reach(id, "succeeded");
      await states.show("export-done", id, {
        pill: "✓ Done",
        says: [
          /Exported 60,000 rows into people\.csv, .* in/,
          "60,000 read = 60,000 written + 0 rejected",
        ],
        buttons: ["↻ Export again…", "Forget…"],
      });
    });

    test("a process runs, is paused and undone", async () => {
      const { client } = states;
      const gate = await states.close(GATES.run);
      const { id } = await client.createProcess({ process: "create-teams", file: teams });
      await states.read(id, 100);
      await states.show("process-running", id, {
        pill: "▶ Running",
        says: [
          /✓ Saved .* ago: all 100 rows\./,
          "What it does is there batch by batch, as it is saved.",
        ],
        buttons: WAITING,
      });
      const undo = await states.close(GATES.undo);
      await states.watch(id);
      states.ask(id, "pause");
      await states.see("process-pausing", {
        pill: "❚❚ Pausing…",
        says: ["Finishing the current batch."],
        buttons: ["■ Stop…"],
      });
      // Ten seconds are long for a batch: then it says what it waits for, and can be forced.
      await states.page.getByRole("button", { name: "Force pause" }).waitFor();
      await states.show("process-pausing-long", id, {
        pill: "❚❚ Pausing…",
        says: [`Still waiting for a lock held by pid ${gate.pid}`],
        buttons: ["■ Stop…", "Force pause"],
      });
      await states.page.getByRole("button", { name: "Force pause" }).click();
      await states.reach(id, "paused");
      await gate.letGo();
      await states.show("process-paused", id, {
        pill: "❚❚ Paused",
        says: [/Paused .* ago, after 100 rows\. Nothing runs and no lock is held\./],
        buttons: ["▶ Resume", "■ Stop…"],
      });
      await states.lookAtQuestion("process-stop", "Stop…", [
        "Runs the process's own undo for 1 batch",
        "Keep them.",
      ]);
      await client.act(id, "resume", { pauseAfter: 500 });
      await states.reach(id, "paused");
      states.ask(id, "stop");
      await states.reach(id, "stopping");
      await until("four batches are undone", async () => {
        const { rows } = await states.scene.pool.query("select from team");
        return rows.length <= 99;
      });
      await states.show("process-stopping", id, {
        pill: "■ Stopping…",
        says: ["Undoing: 400 of 499 rows."],
        buttons: [],
      });
      await undo.letGo();
      await states.reach(id, "stopped");
      await states.show("process-stopped", id, {
        pill: "■ Stopped",
        says: [
          /Stopped after 500 rows\. Undid 498 rows\. 1 row was left as the process's undo asked\./,
        ],
        buttons: ["↻ Run again…", "Forget…"],
      });
    });

    test("a process fails, is undone, or is kept", async () => {
      const { client } = states;
      const failing = await client.createProcess({ process: "create-teams", file: broken });
      const kept = await client.createProcess({ process: "plain", file: teams, pauseAfter: 300 });
      const done = await client.createProcess({ process: "create-teams", file: teams });
      await states.reach(done.id, "succeeded");
      await states.show("process-done", done.id, {
        pill: "✓ Done, 1 rejected",
        says: [/Create teams: 999 rows done in/, "1,000 read = 999 written + 1 rejected"],
        buttons: ["↶ Undo…", "✎ Fix and retry", "↻ Run again…", "Forget…"],
      });
      await states.reach(failing.id, "failed");
      await states.show("process-failed", failing.id, {
        pill: "! Failed",
        says: [/HTTP 429 from api\.example\.com/, /What was read so far is saved: /],
        buttons: ["▶ Resume", "↶ Undo…", "↻ Run again…"],
      });
      await states.reach(kept.id, "paused");
      await states.goTo(`/jobs/${kept.id}`);
      await states.lookAtQuestion("process-stop-plain", "Stop…", ["This process has no undo."]);
      await client.act(kept.id, "stop");
      await states.show("process-kept", kept.id, {
        pill: "■ Stopped",
        says: ["Stopped after 300 rows. 300 rows are done and kept."],
        buttons: ["↻ Run again…", "Forget…"],
      });
      const gate = await states.close(GATES.undo);
      states.ask(done.id, "undo");
      await states.reach(done.id, "undoing");
      await until("nine batches are undone", async () => {
        const { rows } = await states.scene.pool.query(
          "select from sluice.batch where job_id = $1 and state = 'undone'",
          [done.id],
        );
        return rows.length === 9;
      });
      await states.show("process-undoing", done.id, {
        pill: "↶ Undoing…",
        says: ["Undoing: 900 of 999 rows."],
        buttons: [],
      });
      await gate.letGo();
      await states.reach(done.id, "undone");
      await states.show("process-undone", done.id, {
        pill: "↶ Undone",
        says: ["Undid 998 rows. 1 row was left as the process's undo asked."],
        buttons: ["↻ Run again…", "Forget…"],
      });
    });
  },
);
