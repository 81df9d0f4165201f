/** Every screen and dialog, in both themes: it works without a complaint of the browser, and axe finds nothing. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ImportJobView } from "../../src/client/index.ts";
import { until } from "../support/until.ts";
import {
  CHROMIUM,
  complaintsOf,
  expectAccessible,
  screensNamed,
  startBrowser,
  THEMES,
  type TestBrowser,
} from "./browser.ts";
import { openScene, PEOPLE_TYPES, peopleCsv, type Scene } from "./scene.ts";

let scene: Scene;
let browser: TestBrowser;
let paused: ImportJobView;
let done: ImportJobView;
let failed: ImportJobView;

async function openAt(theme: "light" | "dark", path: string, width?: number): Promise<Page> {
  const context = await browser.open({ theme, ...(width === undefined ? {} : { width }) });
  const page = await context.newPage();
  await page.goto(scene.service.url + path);
  return page;
}

async function ended(id: string, state: ImportJobView["state"]): Promise<void> {
  await until(`the job is ${state}`, async () => {
    const job = await scene.service.client.getJob(id);
    return job.state === state;
  });
}

describe.skipIf(CHROMIUM === null)(screensNamed("the screens"), () => {
  beforeAll(async () => {
    scene = await openScene();
    browser = await startBrowser();
    const { client } = scene.service;
    const file = await client.uploadFile("people.csv", peopleCsv(5000));
    const request = { kind: "import", file: file.id, types: PEOPLE_TYPES } as const;
    paused = await client.createJob({ ...request, table: "people_paused", pauseAfter: 2000 });
    await ended(paused.id, "paused");
    done = await client.createJob({ ...request, table: "people_done" });
    await ended(done.id, "succeeded");
    failed = await client.createJob({ ...request, table: "people_failed", maxRejected: 3 });
    await ended(failed.id, "failed");
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
  });

  const SCREENS = [
    ["the list", () => "/jobs", "people_done"],
    ["a filter that finds nothing", () => "/jobs?q=nowhere", "No job matches."],
    ["a paused job", () => `/jobs/${paused.id}`, "Rejected rows (10)"],
    ["a job that is done", () => `/jobs/${done.id}`, "4,975 written + 25 rejected"],
    ["a failed job", () => `/jobs/${failed.id}`, "What was read so far is saved"],
    ["rows", () => `/jobs/${paused.id}/rows`, "The first 50 rows"],
    ["rejected rows", () => `/jobs/${done.id}/rejected`, "Rejected rows (25)"],
    ["a timeline", () => `/jobs/${paused.id}/timeline`, "nothing commits after this"],
    ["settings of a job", () => `/jobs/${done.id}/settings`, "Copy as curl"],
    ["a receipt", () => `/jobs/${done.id}/receipt`, "The balance holds"],
    ["a job that there is none of", () => `/jobs/job_${"0".repeat(26)}`, "may have been forgotten"],
    ["the first step", () => "/import", "Files that are here already"],
    ["the columns", () => `/import/${done.file}`, "Checked all 5,000 rows"],
    [
      "the columns of a rerun",
      () => `/import/${done.file}?rerun=${done.id}`,
      "Run people.csv again",
    ],
    ["files", () => "/files", "people.csv"],
    ["settings", () => "/settings", "answers"],
  ] as const;

  for (const theme of THEMES)
    test.each(SCREENS)(`%s, in the ${theme} theme`, async (_name, path, text) => {
      const page = await openAt(theme, "/settings");
      const complaints = complaintsOf(page);

      await page.goto(scene.service.url + path());
      await page.getByText(text).first().waitFor({ state: "attached" });

      expect(await page.locator("html").getAttribute("data-theme")).toBe(theme);
      await expectAccessible(page);
      expect(complaints.filter((complaint) => !complaint.includes("404"))).toEqual([]);
      await page.context().close();
    });

  const DIALOGS = [
    ["stop", async (page: Page) => page.getByRole("button", { name: "Stop…" }).click()],
    ["search", async (page: Page) => page.keyboard.press("Control+k")],
    ["keys", async (page: Page) => page.keyboard.press("?")],
  ] as const;

  for (const theme of THEMES)
    test.each(DIALOGS)(`the dialog %s, in the ${theme} theme`, async (_name, open) => {
      const page = await openAt(theme, `/jobs/${paused.id}`);
      await page.getByText("Rejected rows (10)").waitFor();

      await open(page);
      await page.locator("dialog[open]").waitFor();

      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await expect.poll(() => page.locator("dialog[open]").count()).toBe(0);
      await page.context().close();
    });

  test.each([
    ["the list", () => "/jobs", "public.people_done"],
    ["a job", () => `/jobs/${paused.id}`, "Rejected rows (10)"],
    ["the columns", () => `/import/${done.file}`, "Checked all 5,000 rows"],
    ["files", () => "/files", "people.csv"],
  ])("%s fits a width of 360 pixels", async (_name, path, text) => {
    const page = await openAt("light", path(), 360);
    await page.getByText(text).first().waitFor();

    const wider: boolean = await page.evaluate(
      "document.documentElement.scrollWidth > document.documentElement.clientWidth",
    );

    expect(wider).toBe(false);
    await page.context().close();
  });
});
