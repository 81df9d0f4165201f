/** Exports in the browser: the wizard, the job's page in each state, and a story with a range of dates. */
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExportJobView } from "../../src/client/index.ts";
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
import { openScene, peopleCsv, type Scene } from "./scene.ts";

let scene: Scene;
let browser: TestBrowser;
let paused: ExportJobView;
let done: ExportJobView;
let stopped: ExportJobView;
let failed: ExportJobView;
let deleted: ExportJobView;

async function reached(id: string, state: ExportJobView["state"]): Promise<void> {
  await until(`the job is ${state}`, async () => {
    return (await scene.service.client.getJob(id)).state === state;
  });
}

async function openPage(theme: Theme, width?: number): Promise<Page> {
  const context = await browser.open({ theme, ...(width === undefined ? {} : { width }) });
  return context.newPage();
}

describe.skipIf(CHROMIUM === null)(screensNamed("exports"), () => {
  beforeAll(async () => {
    scene = await openScene();
    browser = await startBrowser();
    const { client } = scene.service;
    const file = await client.uploadFile("people.csv", peopleCsv(5000));
    const job = await client.createJob({
      kind: "import",
      file: file.id,
      table: "people",
      types: { born: "date", id: "bigint" },
      key: ["id"],
      maxRejected: null,
    });
    await until("the table is there", async () => (await client.getJob(job.id)).result !== null);
    done = await client.createExport({
      table: "people",
      from: { column: "born", value: "1960-01-01" },
      to: { column: "born", value: "1970-01-01" },
      format: { gzip: true, spreadsheetSafe: true },
    });
    await reached(done.id, "succeeded");
    paused = await client.createExport({ table: "people", startPaused: true });
    stopped = await client.createExport({ sql: "select * from people", startPaused: true });
    await client.act(stopped.id, "stop");
    failed = await client.createExport({
      sql: "select 1 / (id - 4000) as part, born from people",
      format: { type: "jsonl" },
    });
    await reached(failed.id, "failed");
    deleted = await client.createExport({ table: "people", columns: ["id"] });
    await reached(deleted.id, "succeeded");
    const { result } = (await client.getJob(deleted.id)) as ExportJobView; // it was created as one
    await client.deleteFile(result?.file ?? "");
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
  });

  const SCREENS = [
    ["wizard", () => "/export", "Choose a table, or write a query."],
    ["wizard-table", () => "/export?table=public.people", "The rows are read by ranges of the key"],
    [
      "wizard-like",
      () => `/export?like=${done.id}`,
      "The last export of this table had 4,995 rows.",
    ],
    ["list", () => "/jobs", "export → people.csv.gz"],
    ["done", () => `/jobs/${done.id}`, "into people.csv.gz,"],
    ["paused", () => `/jobs/${paused.id}`, "people.csv appears at the end, whole."],
    ["stopped", () => `/jobs/${stopped.id}`, "There is no file."],
    ["failed", () => `/jobs/${failed.id}`, "division by zero"],
    ["deleted", () => `/jobs/${deleted.id}`, "The file was deleted."],
    ["settings", () => `/jobs/${done.id}/settings`, "born 1970-01-01, not included"],
    ["receipt", () => `/jobs/${done.id}/receipt`, "The balance holds"],
    ["timeline", () => `/jobs/${done.id}/timeline`, "A runner works on it"],
  ] as const;

  for (const theme of THEMES)
    test.each(SCREENS)(`%s, in the ${theme} theme`, async (name, path, text) => {
      const page = await openPage(theme);
      const complaints = complaintsOf(page);

      await page.goto(scene.service.url + path());
      await page.getByText(text).first().waitFor({ state: "attached" });

      await takePicture(page, `export-${name}-${theme}`);
      await expectAccessible(page);
      expect(complaints.filter((complaint) => !complaint.includes("404"))).toEqual([]);
      await page.context().close();
    });

  for (const theme of THEMES)
    test(`the question before a stop, in the ${theme} theme`, async () => {
      const page = await openPage(theme);
      await page.goto(`${scene.service.url}/jobs/${paused.id}`);

      await page.getByRole("button", { name: "Stop…" }).click();
      await page.getByText("Undo: delete the file.").waitFor();

      await takePicture(page, `export-stop-${theme}`);
      await expectAccessible(page);
      expect(await page.getByRole("dialog").getByRole("radio").count()).toBe(0);
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Keep it paused");
      await page.context().close();
    });

  for (const theme of THEMES)
    test(`a query, with its first rows, in the ${theme} theme`, async () => {
      const page = await openPage(theme);
      await page.goto(`${scene.service.url}/export`);

      await page.getByLabel("The rows of a query").check();
      await page.getByLabel("SQL").fill("select id, null as gone from people order by id");
      await page.getByText("The first 50 rows").click();
      await page.getByText("NULL", { exact: true }).first().waitFor();

      await takePicture(page, `export-query-${theme}`);
      await expectAccessible(page);
      await page.context().close();
    });

  test.each([
    ["the wizard", () => "/export?table=public.people", "The rows are read by ranges of the key"],
    ["an export", () => `/jobs/${done.id}`, "rows in the file"],
  ])("%s fits a width of 360 pixels", async (name, path, text) => {
    const page = await openPage("light", 360);
    await page.goto(scene.service.url + path());
    await page.getByText(text).first().waitFor();

    const wider: boolean = await page.evaluate(
      "document.documentElement.scrollWidth > document.documentElement.clientWidth",
    );

    await takePicture(page, `export-narrow-${name.replace(" ", "-")}`);
    expect(wider).toBe(false);
    await page.context().close();
  });

  test("a person exports the rows of ten years, and gets those rows", async () => {
    const page = await openPage("light");
    await page.goto(`${scene.service.url}/jobs`);
    await page.getByText("export → people.csv.gz").waitFor();

    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await page.getByRole("combobox", { name: "Table" }).selectOption("public.people");
    await page.getByLabel("Between two values of").selectOption("born");
    await page.getByLabel("from", { exact: true }).fill("1980-01-01");
    await page.getByLabel("to", { exact: true }).fill("1990-01-01");
    await page.getByText("All 7 columns").click();
    await page.getByLabel("notes").uncheck();
    await page.getByLabel("Packed by gzip").check();
    await page.reload();
    await page.getByText("6 of 7 columns").waitFor();
    const start = page.getByRole("button", { name: "Start export" });
    await expect.poll(() => start.isEnabled()).toBe(true);
    await takePicture(page, "export-wizard-filled");
    await start.click();
    await page.getByText("Exported 1,0").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download" }).click(),
    ]);

    expect(download.suggestedFilename()).toBe("people.csv.gz");
    const text = gunzipSync(await readFile(await download.path())).toString();
    const [header, ...rows] = text.trimEnd().split("\n");
    expect(header).toBe("id,full_name,email,age,zip,born");
    const expected = await scene.service.client.createExport({
      sql: "select id, full_name, email, age, zip, born from people where born >= '1980-01-01' and born < '1990-01-01' order by id",
    });
    await reached(expected.id, "succeeded");
    const other = await scene.service.client.openResult(expected.id);
    const pieces: Uint8Array[] = [];
    for await (const piece of other) pieces.push(piece);
    expect(rows.length).toBeGreaterThan(1000);
    expect(rows.every((row) => /,198\d-\d\d-\d\d$/.test(row))).toBe(true);
    expect(text).toBe(Buffer.concat(pieces).toString());
    await page.context().close();
  });

  test("a person stops an export, and there is no file", async () => {
    const { client } = scene.service;
    const job = await client.createExport({ table: "people", startPaused: true });
    const page = await openPage("light");
    await page.goto(`${scene.service.url}/jobs/${job.id}`);

    await page.getByRole("button", { name: "Stop…" }).click();
    await page.getByRole("button", { name: "Stop and undo" }).click();
    await page.getByText("There is no file.").waitFor();

    await expect(client.openResult(job.id)).rejects.toMatchObject({ code: "no_result" });
    await page.getByRole("link", { name: "Export again…" }).click();
    await page.getByRole("button", { name: "Start export" }).waitFor();
    expect(await page.getByRole("combobox", { name: "Table" }).inputValue()).toBe("public.people");
    await page.context().close();
  });
});
