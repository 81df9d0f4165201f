/** The speed of a job in the browser. */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
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

const flights = flightsFile(4);
let scene: Scene;
let browser: TestBrowser;
let context: BrowserContext;

async function open(path: string, theme: Theme = "light"): Promise<Page> {
  context = await browser.open({ theme });
  const page = await context.newPage();
  await page.goto(scene.service.url + path);
  return page;
}

/** The speed that the service knows. */
async function speedOf(jobId: string): Promise<number | null> {
  return (await scene.service.client.getJob(jobId)).maxRecordsPerSecond;
}

describe.skipIf(CHROMIUM === null)(screensNamed("the speed of a job"), () => {
  beforeAll(async () => {
    scene = await openScene();
    browser = await startBrowser();
  });
  afterEach(async () => {
    await context?.close();
    const { client } = scene.service;
    for (const { id, actions } of (await client.listJobs()).items)
      if (actions.includes("stop")) await client.act(id, "stop");
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
  });

  test.each(THEMES)("is shown with its reason, and can be read by all, %s", async (theme) => {
    const job = await startImport(scene.service.client, flights.bytes, {
      table: `slow_${theme}`,
      maxRecordsPerSecond: 1_000,
    });
    const page = await open(`/jobs/${job.id}`, theme);
    const complaints = complaintsOf(page);

    const card = page.getByRole("region", { name: "Speed" });
    await card.getByText("Slow: limited to 1,000 rows/s").waitFor();
    expect(await card.getByLabel("Custom").isChecked()).toBe(true);
    expect(await card.getByLabel("At most").inputValue()).toBe("1000");
    await takePicture(page, `speed-${theme}`);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  test("is changed to full, gentle and a number, and the timeline has each", async () => {
    const job = await startImport(scene.service.client, flights.bytes, {
      table: "changed",
      maxRecordsPerSecond: 400,
    });
    const page = await open(`/jobs/${job.id}`);
    const card = page.getByRole("region", { name: "Speed" });
    await card.getByText("Slow: limited to 400 rows/s").waitFor();

    await card.getByLabel("Gentle").check();
    await expect.poll(() => speedOf(job.id)).toBeLessThan(150);
    await card.getByLabel("Custom").check();
    await card.getByLabel("At most").fill("700");
    await card.getByRole("button", { name: "Set" }).click();
    await expect.poll(() => speedOf(job.id)).toBe(700);
    await page.keyboard.press("p");
    await page.getByText("Nothing runs and no lock is held").waitFor();
    await card.getByLabel("Full").check();
    await expect.poll(() => speedOf(job.id)).toBeNull();

    await page.getByRole("link", { name: "Timeline" }).click();
    await page.getByText("700 rows/s → full speed").waitFor();
  });

  test("is no matter any more when the job is over", async () => {
    const job = await startImport(scene.service.client, flights.bytes, {
      table: "over",
      maxRecordsPerSecond: 400,
    });
    const page = await open(`/jobs/${job.id}`);
    await page.getByRole("region", { name: "Speed" }).waitFor();

    await scene.service.client.act(job.id, "stop");

    await page.getByRole("region", { name: "Speed" }).waitFor({ state: "detached" });
  });
});
