/** Fix and retry in the browser: by keyboard, by a block of a sheet and by offers, and as a job that follows. */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startImport, waitForEnd } from "../support/import-job.ts";
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

const CSV =
  "id,Full Name,age,born\n1,Ada,36,1815-12-10\n2,Jean,forty,1924-12-27\n3,Grace, 85 ,1906-12-09\n4,Joan\n5,Mary, 9 ,1797-08-30\n";
/** Two columns of three rows, as a sheet copies them. */
const BLOCK = "40\t1924-12-27\n85\t1906-12-09\n79\t1917-06-24\n";
const TYPES = { id: "integer", age: "integer", born: "date" };

let scene: Scene;
let browser: TestBrowser;
let context: BrowserContext;

async function open(path: string, theme: Theme = "light", width = 1180): Promise<Page> {
  context = await browser.open({ theme, width });
  const page = await context.newPage();
  await page.goto(scene.service.url + path);
  return page;
}

async function ended(table: string, csv = CSV): Promise<string> {
  const job = await startImport(scene.service.client, Buffer.from(csv), { table, types: TYPES });
  await waitForEnd(scene.service.client, job.id);
  return job.id;
}

describe.skipIf(CHROMIUM === null)(screensNamed("fix and retry"), () => {
  beforeAll(async () => {
    scene = await openScene();
    browser = await startBrowser();
  });
  afterEach(() => context?.close());
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
  });

  test.each(THEMES)("shows what is wrong to all, %s, also in a narrow window", async (theme) => {
    const id = await ended(`fix_${theme}`);
    const page = await open(`/jobs/${id}/fix`, theme);
    const complaints = complaintsOf(page);

    await page.getByText("0 of 4 rows now fit.").waitFor();
    const cell = page.getByLabel("age, line 3");
    await cell.focus();
    await page.getByText('Line 3: "forty" is not a whole number.').waitFor();
    expect(await cell.getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByLabel("born, line 3").getAttribute("aria-invalid")).toBe("false");
    await takePicture(page, `fix-${theme}`);
    await expectAccessible(page);
    await page.setViewportSize({ width: 360, height: 780 });
    await takePicture(page, `fix-narrow-${theme}`);
    await expectAccessible(page);
    const overflow = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect(overflow).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("rows are edited by keyboard, offers are for all alike, and what fits is retried", async () => {
    const id = await ended("fixed");
    const page = await open(`/jobs/${id}`);
    await page.getByRole("button", { name: "Fix and retry" }).click();

    await page.getByLabel("age, line 3").fill("forty1");
    await page.keyboard.press("Enter");
    await page.getByText("0 of 4 rows now fit.").waitFor();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type("40");
    await page.keyboard.press("ArrowDown");
    await page.getByText("1 of 4 rows now fit.").waitFor();
    await page.getByRole("button", { name: "without spaces around · apply to all 2" }).click();
    await page.getByText("3 of 4 rows now fit.").waitFor();
    await page.getByRole("button", { name: "Retry 3 rows" }).click();

    await page.getByText("made from").waitFor();
    const { items } = await scene.service.client.listJobs({ parent: id });
    await waitForEnd(scene.service.client, items[0]?.id ?? "");
    await page.goto(`${scene.service.url}/jobs/${id}`);
    await page.getByText("Done, 4 rejected, 3 fixed later").waitFor();
    const { rows } = await scene.pool.query("select id, age from fixed order by id");
    expect(rows).toEqual([
      { id: 1, age: 36 },
      { id: 2, age: 40 },
      { id: 3, age: 85 },
      { id: 5, age: 9 },
    ]);
  });

  test("a block of a sheet fills the cells from the one that has the focus, and all can be taken back", async () => {
    const id = await ended("pasted");
    const page = await open(`/jobs/${id}/fix`);
    const cell = page.getByLabel("age, line 3");
    await cell.focus();

    await page.evaluate(`{
      const clipboardData = new DataTransfer();
      clipboardData.setData("text", ${JSON.stringify(BLOCK)});
      const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
      document.activeElement.dispatchEvent(paste);
    }`);
    await page.getByText("3 of 4 rows now fit.").waitFor();
    expect(await page.getByLabel("born, line 5").inputValue()).toBe("1917-06-24");

    await page.getByRole("button", { name: "Discard…" }).click();
    await page.getByRole("button", { name: "Discard 3 corrections" }).click();
    await page.getByText("0 of 4 rows now fit.").waitFor();
    expect(await cell.inputValue()).toBe("forty");
  });

  test("ten thousand rows come in pages, and an offer reaches them all", async () => {
    const lines = Array.from({ length: 10_000 }, (_, at) => `${at + 1},n,old,2000-01-01`);
    const id = await ended("many", `id,name,age,born\n${lines.join("\n")}\n`);
    const page = await open(`/jobs/${id}/fix`);

    await page.getByRole("button", { name: "Next 50 rows" }).click();
    await page.getByLabel("age, line 52").waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    await page.getByLabel("age, line 2", { exact: true }).waitFor();
    await page.getByRole("button", { name: "→ nothing · apply to all" }).click();
    await page.getByText("10,000 of 10,000 rows now fit.").waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Retry 10,000 rows" }).click();
    await page.getByText("made from").waitFor();

    await expect
      .poll(async () => (await scene.service.client.getJob(id)).progress.recordsRejected)
      .toBe(10_000);
    const { items } = await scene.service.client.listJobs({ parent: id });
    const child = await waitForEnd(scene.service.client, items[0]?.id ?? "");
    expect(child.progress.recordsWritten).toBe(10_000);
  }, 120_000);
});
