/** The upload of a file in the browser: paused, after a reload continued, over a service that dies, and given up. */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/service.ts";
import { until } from "../support/until.ts";
import {
  CHROMIUM,
  expectAccessible,
  screensNamed,
  startBrowser,
  takePicture,
  THEMES,
  type TestBrowser,
  type Theme,
} from "./browser.ts";
import { openScene, peopleCsv, type Scene } from "./scene.ts";

const CSV = peopleCsv(200_000);
const SHA256 = createHash("sha256").update(CSV).digest("hex");
const TUS = { "Tus-Resumable": "1.0.0" };

let scene: Scene;
let browser: TestBrowser;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

async function openPage(theme: Theme): Promise<Page> {
  const context = await browser.open({ theme });
  const page = await context.newPage();
  // The browser asks before it leaves a page that uploads.
  page.on("dialog", (dialog) => void dialog.accept());
  await page.goto(`${scene.service.url}/import`);
  return page;
}

/** Lets so many bytes a second out of the page; null: as many as there are. */
async function limit(page: Page, bytesPerSecond: number | null): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond ?? -1,
  });
}

async function writeCsv(name: string): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, CSV);
  return path;
}

async function expectStored(name: string): Promise<void> {
  const { items } = await scene.service.client.listFiles();
  expect(items).toContainEqual(expect.objectContaining({ name, sha256: SHA256 }));
}

describe.skipIf(CHROMIUM === null)(screensNamed("an upload"), () => {
  beforeAll(async () => {
    scene = await openScene();
    browser = await startBrowser();
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  for (const theme of THEMES)
    test(`is paused, and after a reload continued where it was, in the ${theme} theme`, async () => {
      const name = `people-${theme}.csv`;
      const path = await writeCsv(name);
      const page = await openPage(theme);
      await limit(page, 1_500_000);

      await page.setInputFiles('input[type="file"]', path);
      const bar = page.getByRole("progressbar", { name: `Upload of ${name}` });
      await until("a part is sent", async () => {
        return Number(await bar.getAttribute("aria-valuenow")) >= 10;
      });
      await takePicture(page, `upload-sending-${theme}`);
      await expectAccessible(page);
      await page.getByRole("button", { name: "Pause upload" }).click();
      await page.getByText("are here and are kept for three days").waitFor();
      await takePicture(page, `upload-paused-${theme}`);
      await expectAccessible(page);
      await page.reload();
      await page.getByText(`Continue the upload of ${name}?`).waitFor();
      await takePicture(page, `upload-kept-${theme}`);
      await expectAccessible(page);
      await limit(page, null);
      const sent: string[] = [];
      page.on("request", (request) => {
        if (request.method() === "PATCH") sent.push(request.headers()["upload-offset"] ?? "");
      });
      await page.setInputFiles('section input[type="file"]', path);
      await page.getByText("Checked").first().waitFor();

      expect(sent).toHaveLength(1);
      expect(Number(sent[0])).toBeGreaterThan(0);
      await expectStored(name);
      await page.context().close();
    });

  test("goes on by itself when the service was killed and is back", async () => {
    const path = await writeCsv("survivor.csv");
    const page = await openPage("light");
    await limit(page, 1_500_000);
    await page.setInputFiles('input[type="file"]', path);
    const bar = page.getByRole("progressbar", { name: "Upload of survivor.csv" });
    await until("a part is sent", async () => {
      return Number(await bar.getAttribute("aria-valuenow")) >= 10;
    });

    await scene.service.end("SIGKILL");
    await page.getByText("The connection broke off. What arrived is kept.").waitFor();
    await takePicture(page, "upload-waiting-light");
    await limit(page, null);
    await scene.restart();
    await page.getByText("Checked").first().waitFor();

    await expectStored("survivor.csv");
    await page.context().close();
  });

  test("that the service does not know any more is sent from the start", async () => {
    const path = await writeCsv("forgotten.csv");
    const page = await openPage("light");
    await limit(page, 1_500_000);
    const begun = page.waitForResponse((response) => response.request().method() === "POST");
    await page.setInputFiles('input[type="file"]', path);
    const address = (await (await begun).headerValue("location")) ?? "";
    await page.getByRole("button", { name: "Pause upload" }).click();
    await until("it is given up", async () => {
      const init = { method: "DELETE", headers: TUS };
      return (await fetch(scene.service.url + address, init)).status === 204;
    });

    await limit(page, null);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("The service does not have this upload any more").waitFor();
    await takePicture(page, "upload-failed-light");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Upload it again" }).click();
    await page.getByText("Checked").first().waitFor();

    await expectStored("forgotten.csv");
    await page.context().close();
  });

  test("that is given up leaves nothing", async () => {
    const path = await writeCsv("unwanted.csv");
    const page = await openPage("light");
    await limit(page, 1_500_000);
    await page.setInputFiles('input[type="file"]', path);
    await page.getByRole("button", { name: "Pause upload" }).waitFor();

    await page.getByRole("button", { name: "Give it up" }).click();
    await page.getByRole("button", { name: "Choose a file…" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Choose a file…" }).waitFor();

    expect(await page.getByText("Continue the upload").count()).toBe(0);
    const { items } = await scene.service.client.listFiles();
    expect(items.map(({ name }) => name)).not.toContain("unwanted.csv");
    await page.context().close();
  });
});
