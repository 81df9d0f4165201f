/** Processes in the browser: the cards, the form of one, its jobs in each state, and stories of running and undoing. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProcessJobView } from "../../src/client/index.ts";
import { temporaryFolder } from "../support/service.ts";
import { until } from "../support/until.ts";
import {
  CHROMIUM,
  complaintsOf,
  expectAccessible,
  screensNamed,
  startBrowser,
  takePicture,
  THEMES,
  type TestBrowser,
  type Theme,
} from "./browser.ts";
import { openScene, type Scene } from "./scene.ts";

const NOTES = `import { defineProcess } from "sluice";
import { z } from "zod";

export default defineProcess({
  name: "notes",
  title: "Take notes",
  description: "Writes a row for each record.",
  params: z.object({
    country: z.enum(["IN", "DE"]).default("DE"),
    label: z.string().min(2).describe("what is written beside each name"),
    times: z.number().int().min(1).max(9).default(1),
    isLoud: z.boolean().default(false),
    apiToken: z.string().optional(),
  }),
  record: z.object({ id: z.string(), name: z.string().min(1, "A name is needed.") }),
  batchSize: 100,
  async run(batch, ctx) {
    for (const record of batch.records)
      await ctx.tx.query("insert into note (id, label) values ($1, $2)", [record.id, ctx.params.label]);
    ctx.log("noted", { records: batch.records.length, country: ctx.params.country });
  },
  async undo(batch, ctx) {
    for (const record of batch.records) {
      if (record.name === "stay") ctx.keep(record, "it is asked to stay");
      else
        await ctx.tx.query("delete from note where id = $1 and label = $2", [record.id, ctx.params.label]);
    }
  },
});
`;
const PLAIN = `import { defineProcess } from "sluice";

export default defineProcess({ name: "plain", title: "Look on", batchSize: 100, run() {} });
`;
const SHOUT = `import { defineProcess } from "sluice";

export default defineProcess({
  name: "shout",
  title: "Shout the names",
  output: { columns: ["name"] },
  run(batch, ctx) {
    for (const record of batch.records) ctx.emit({ name: record.name.toUpperCase() });
  },
});
`;
const SLOW = `import { setTimeout } from "node:timers/promises";
import { defineProcess } from "sluice";

export default defineProcess({
  name: "slow",
  batchSize: 10,
  async run(batch, ctx) {
    if (batch.records[0].id !== "1") await setTimeout(60_000, undefined, { signal: ctx.signal });
  },
});
`;
const BROKEN = `import { defineProcess } from "sluice";

export default defineProcess({ name: "broken", run: });
`;

const CSV = `id,name\n${Array.from({ length: 1000 }, (_, at) => `${at + 1},${at === 4 ? "stay" : at === 9 ? "" : `name ${at + 1}`}\n`).join("")}`;

let scene: Scene;
let empty: Scene;
let browser: TestBrowser;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;
let paused: ProcessJobView;
let plain: ProcessJobView;
let done: ProcessJobView;
let shouted: ProcessJobView;
let undone: ProcessJobView;

async function reached(id: string, state: ProcessJobView["state"]): Promise<void> {
  await until(`the job is ${state}`, async () => {
    return (await scene.service.client.getJob(id)).state === state;
  });
}

async function openPage(theme: Theme, path: string, width?: number): Promise<Page> {
  const context = await browser.open({ theme, ...(width === undefined ? {} : { width }) });
  const page = await context.newPage();
  await page.goto(scene.service.url + path);
  return page;
}

async function countNotes(): Promise<number> {
  const { rows } = await scene.pool.query<{ count: number }>(
    "select count(*)::int as count from note",
  );
  return rows[0]?.count ?? -1;
}

describe.skipIf(CHROMIUM === null)(screensNamed("processes"), () => {
  beforeAll(async () => {
    folder = await temporaryFolder();
    const processes = join(folder.path, "processes");
    await mkdir(join(folder.path, "none"), { recursive: true });
    await mkdir(processes);
    await writeFile(join(processes, "notes.ts"), NOTES);
    await writeFile(join(processes, "plain.ts"), PLAIN);
    await writeFile(join(processes, "shout.ts"), SHOUT);
    await writeFile(join(processes, "slow.ts"), SLOW);
    await writeFile(join(processes, "broken.ts"), BROKEN);
    scene = await openScene({ SLUICE_PROCESSES: processes });
    empty = await openScene({ SLUICE_PROCESSES: join(folder.path, "none") });
    browser = await startBrowser();
    await scene.pool.query("create table note (id text, label text)");
    const { client } = scene.service;
    file = (await client.uploadFile("people.csv", Buffer.from(CSV))).id;
    const params = { label: "seen", apiToken: "hunter2" };
    done = await client.createProcess({ process: "notes", file, params });
    await reached(done.id, "succeeded");
    undone = await client.createProcess({ process: "notes", file, params });
    await reached(undone.id, "succeeded");
    await client.act(undone.id, "undo");
    await reached(undone.id, "undone");
    paused = await client.createProcess({ process: "notes", file, params, pauseAfter: 500 });
    await reached(paused.id, "paused");
    plain = await client.createProcess({ process: "plain", file, pauseAfter: 300 });
    await reached(plain.id, "paused");
    shouted = await client.createProcess({ process: "shout", file });
    await reached(shouted.id, "succeeded");
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
    await empty?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const SCREENS = [
    ["list", () => "/processes", "broken.ts"],
    ["form", () => "/processes/notes", "what is written beside each name"],
    ["form-again", () => `/processes/notes?rerun=${done.id}`, "Earlier jobs"],
    ["form-plain", () => "/processes/plain", "no undo: what it does stays"],
    ["broken", () => "/processes/broken", "broken.ts"],
    ["missing", () => "/processes/nowhere", "nowhere"],
    ["jobs", () => "/jobs", "process → shout"],
    ["done", () => `/jobs/${done.id}`, "Take notes: 999 rows done"],
    ["paused", () => `/jobs/${paused.id}`, "Paused after 500 rows, as asked."],
    ["result", () => `/jobs/${shouted.id}`, "SHA-256"],
    ["undone", () => `/jobs/${undone.id}`, "Undid 998 rows."],
    ["log", () => `/jobs/${done.id}/log`, "noted"],
    ["rows", () => `/jobs/${done.id}/rows`, "rows that are done"],
    ["rejected", () => `/jobs/${done.id}/rejected`, "A name is needed."],
    ["settings", () => `/jobs/${done.id}/settings`, "••••"],
    ["receipt-of-files", () => `/jobs/${shouted.id}/receipt`, "File made"],
    ["receipt", () => `/jobs/${undone.id}/receipt`, "1 row kept, the first is"],
  ] as const;

  for (const theme of THEMES)
    test.each(SCREENS)(`%s, in the ${theme} theme`, async (name, path, text) => {
      const page = await openPage(theme, "/settings");
      const complaints = complaintsOf(page);

      await page.goto(scene.service.url + path());
      await page.getByText(text).first().waitFor({ state: "attached" });

      await takePicture(page, `process-${name}-${theme}`);
      await expectAccessible(page);
      expect(await page.getByText("hunter2").count()).toBe(0);
      expect(complaints.filter((complaint) => !/404|422/.test(complaint))).toEqual([]);
      await page.context().close();
    });

  const QUESTIONS = [
    ["stop", () => paused.id, "Stop…", "for 5 batches"],
    ["stop-plain", () => plain.id, "Stop…", "This process has no undo."],
    ["undo", () => done.id, "Undo…", "for 10 batches"],
  ] as const;

  for (const theme of THEMES)
    test.each(QUESTIONS)(
      `the question %s, in the ${theme} theme`,
      async (name, id, button, text) => {
        const page = await openPage(theme, `/jobs/${id()}`);

        await page.getByRole("button", { name: button }).click();
        await page.locator("dialog").getByText(text).waitFor();

        await takePicture(page, `process-${name}-${theme}`);
        await expectAccessible(page);
        await page.context().close();
      },
    );

  test.each(THEMES)("an empty folder shows an example, in the %s theme", async (theme) => {
    const context = await browser.open({ theme });
    const page = await context.newPage();
    await page.goto(`${empty.service.url}/processes`);

    await page.getByText("There is no process yet").waitFor();

    await takePicture(page, `process-empty-${theme}`);
    await expectAccessible(page);
    expect(await page.getByRole("button", { name: "Copy" }).isVisible()).toBe(true);
    await context.close();
  });

  test.each(["/processes", "/processes/notes"])("%s fits a width of 360 pixels", async (path) => {
    const page = await openPage("light", path, 360);
    await page.getByText("Take notes").first().waitFor();

    const wider: boolean = await page.evaluate(
      "document.documentElement.scrollWidth > document.documentElement.clientWidth",
    );

    expect(wider).toBe(false);
    await page.context().close();
  });

  test("a person runs a process, looks, stops, and has it undone", async () => {
    const before = await countNotes();
    const page = await openPage("light", "/processes");
    await page.getByRole("link", { name: "Take notes" }).click();

    await page.setInputFiles('input[type="file"]', {
      name: "more.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(CSV),
    });
    await page.getByRole("option", { name: /more\.csv/ }).waitFor({ state: "attached" });
    await page.getByLabel("label").fill("x");
    await page.getByLabel("Pause after").fill("200");
    await page.getByRole("button", { name: "Run" }).click();
    await page.locator("#hint-label .cellbad").waitFor();
    await takePicture(page, "process-refused-light");
    await expectAccessible(page);
    await page.getByLabel("label").fill("xx");
    await page.getByLabel("country").selectOption("IN");
    await page.getByLabel("isLoud").check();
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Paused after 200 rows, as asked.").waitFor();
    const during = await countNotes();
    await page.getByRole("button", { name: "Stop…" }).click();
    expect(await page.getByLabel("Undo them.").isChecked()).toBe(true);
    await page.getByRole("button", { name: "Stop and undo" }).click();
    await page.getByText("Undid 198 rows.").waitFor();

    expect(during - before).toBe(199);
    expect((await countNotes()) - before).toBe(1);
    const { items } = await scene.service.client.listJobs({ kind: "process", limit: 1 });
    expect(items[0]).toMatchObject({
      params: { label: "xx", country: "IN", isLoud: true, times: 1 },
    });
    await page.context().close();
  });

  test("a person stops a process and keeps what it did, and undoes it later", async () => {
    const { client } = scene.service;
    const job = await client.createProcess({
      process: "notes",
      file,
      params: { label: "kept" },
      pauseAfter: 300,
    });
    await reached(job.id, "paused");
    const page = await openPage("light", `/jobs/${job.id}`);

    await page.getByRole("button", { name: "Stop…" }).click();
    await page.getByLabel("Keep them.").check();
    await page.getByRole("button", { name: "Stop and keep rows" }).click();
    await page.getByText("299 rows are done and kept.").waitFor();
    await page.getByRole("button", { name: "Undo…" }).click();
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await page.getByText("Undid 298 rows.").waitFor();

    expect((await client.getJob(job.id)).state).toBe("undone");
    await page.context().close();
  });

  test("a pause that waits for a batch can be forced", async () => {
    const { client } = scene.service;
    const job = await client.createProcess({ process: "slow", file });
    await until("the first batch is done", async () => {
      return (await client.getJob(job.id)).progress.recordsRead === 10;
    });
    const page = await openPage("light", `/jobs/${job.id}`);

    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Finishing the current batch.").waitFor();
    const force = page.getByRole("button", { name: "Force pause" });
    await force.waitFor();
    await takePicture(page, "process-forced-light");
    await expectAccessible(page);
    await force.click();
    await page.getByText("Nothing runs and no lock is held").waitFor();

    await client.act(job.id, "stop");
    await page.context().close();
  });
});
