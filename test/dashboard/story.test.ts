/** What a person does in the browser, from the first file to the receipt, and what goes wrong meanwhile. */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ImportJobView } from "../../src/client/index.ts";
import { flightsFile } from "../support/flights.ts";
import { until } from "../support/until.ts";
import {
  CHROMIUM,
  expectAccessible,
  screensNamed,
  startBrowser,
  takePicture,
  type TestBrowser,
} from "./browser.ts";
import { openScene, PEOPLE_TYPES, peopleCsv, type Scene } from "./scene.ts";

let scene: Scene;
let browser: TestBrowser;
let context: BrowserContext;

async function open(path: string): Promise<Page> {
  context = await browser.open();
  const page = await context.newPage();
  await page.goto(scene.service.url + path);
  return page;
}

async function pausedJob(table: string): Promise<ImportJobView> {
  const { client } = scene.service;
  const file = await client.uploadFile(`${table}.csv`, peopleCsv(5000));
  const job = await client.createJob({
    kind: "import",
    file: file.id,
    table,
    types: PEOPLE_TYPES,
    pauseAfter: 2000,
  });
  await until("the job is paused", async () => (await client.getJob(job.id)).state === "paused");
  return job;
}

describe.skipIf(CHROMIUM === null)(screensNamed("a person"), () => {
  beforeAll(async () => {
    scene = await openScene();
    browser = await startBrowser();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail")
      for (const page of context?.pages() ?? [])
        process.stderr.write(`${page.url()}\n${await page.locator("body").innerText()}\n`);
    await context?.close();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
  });

  test("imports a file: from the empty list over the columns to the receipt", async () => {
    const page = await open("/");
    await page.getByText("Drop a CSV here").waitFor();

    await page.setInputFiles('input[type="file"]', {
      name: "people.csv",
      mimeType: "text/csv",
      buffer: peopleCsv(5000),
    });
    await page.getByText("Checked all 5,000 rows: none would be rejected.").waitFor();
    await page.getByLabel("Type of age").selectOption("integer");
    await page.getByText("20 rows will be rejected").waitFor();
    await page.getByRole("button", { name: "Leave out Notes" }).click();
    await page.getByText("not imported").waitFor();
    await page.getByRole("button", { name: "Start import" }).click();
    await page.getByText("Done, 20 rejected").first().waitFor();
    await page.getByRole("link", { name: "Receipt" }).click();

    await page.getByText("5,000 read = 4,980 written + 20 rejected").waitFor();
    expect(await page.title()).toContain("Done, 20 rejected · people.csv");
  });

  test("tries it with the sample: 200,000 rows, of which twelve are rejected", async () => {
    const other = await openScene();
    context = await browser.open();
    const page = await context.newPage();
    await page.goto(`${other.service.url}/`);

    await page.getByRole("button", { name: "Try with sample data" }).click();
    await page.getByLabel("Type of age").waitFor();
    expect(await page.getByLabel("Type of age").inputValue()).toBe("integer");
    await takePicture(page, "sample-columns");
    await page.getByRole("button", { name: "Start import" }).click();
    // Slow, so that there is time to press Pause, and to kill its worker.
    await page.getByText("Slow: limited to 5,000 rows/s").waitFor();
    await takePicture(page, "sample-running");
    await page.getByRole("button", { name: "Prove it: kill the worker" }).click();
    const line =
      /Worker lost at [\d:]+ [AP]M · taken over [\d.]+ s later · 0 rows lost, 0 written twice/;
    await page.getByText(line).waitFor();
    await expectAccessible(page);
    await takePicture(page, "sample-killed-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await expectAccessible(page);
    await takePicture(page, "sample-killed-dark");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Nothing runs and no lock is held").waitFor();
    await page.getByLabel("Full").check();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("200,000 read = 199,988 written + 12 rejected").waitFor();
    await page.getByText(line).waitFor();
    await takePicture(page, "sample-done");

    await other[Symbol.asyncDispose]();
  });

  test("pauses, reloads, resumes and stops a job by keys", async () => {
    const { client } = scene.service;
    const file = await client.uploadFile("flights.csv", flightsFile(40).bytes);
    const job = await client.createJob({ kind: "import", file: file.id, table: "flights" });
    const page = await open(`/jobs/${job.id}`);

    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.keyboard.press("p");
    await page.getByText("Nothing runs and no lock is held").waitFor();
    await page.reload();
    await page.getByText("Nothing runs and no lock is held").waitFor();
    expect(await page.title()).toContain("Paused · flights.csv");
    await page.keyboard.press("p");
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.keyboard.press("s");
    const keep = page.getByRole("button", { name: "Keep running" });
    await keep.waitFor();
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Keep running");
    await page.keyboard.press("Escape");
    expect(["queued", "running"]).toContain((await client.getJob(job.id)).state);
    await page.keyboard.press("s");
    await page.getByRole("button", { name: "Stop and undo" }).click();

    await page.getByText("public.flights was not made.").waitFor();
    await page.getByRole("button", { name: "Run again…" }).waitFor();
  });

  test("stops a job whose rows are visible already, and keeps them", async () => {
    const { client } = scene.service;
    const made = await pausedJob("direct");
    await client.act(made.id, "resume", { pauseAfter: null });
    await until("the table is there", async () => (await client.getJob(made.id)).result !== null);
    const job = await client.createJob({
      kind: "import",
      file: made.file,
      table: "direct",
      mode: "append",
      delivery: "direct",
      pauseAfter: 1000,
    });
    await until("it is paused", async () => (await client.getJob(job.id)).state === "paused");
    const page = await open(`/jobs/${job.id}`);

    await page.getByRole("button", { name: "Stop…" }).click();
    await page.getByText("are already in public.direct").waitFor();
    expect(await page.getByLabel("Undo them.").isChecked()).toBe(true);
    await page.getByLabel("Keep them.").check();
    await page.getByRole("button", { name: "Stop and keep rows" }).click();

    await page.getByText("rows were kept in public.direct.").waitFor();
    expect((await client.getJob(job.id)).result).toMatchObject({ rows: "kept" });
  });

  test("corrects a job and runs it again without an upload", async () => {
    const { client } = scene.service;
    const before = await pausedJob("again");
    await client.act(before.id, "stop");
    const page = await open(`/jobs/${before.id}`);

    await page.getByRole("button", { name: "Run again…" }).click();
    await page.getByLabel("Type of age").selectOption("text");
    await page.getByLabel("Pause after").fill("");
    // Until the last change is planned the button may be on its way to being disabled.
    const planned = page.waitForResponse((response) =>
      (response.request().postData() ?? "").includes('"born":"text"'),
    );
    await page.getByLabel("Type of born").selectOption("text");
    await planned;
    await page.getByRole("button", { name: "Start import" }).click();
    await page.getByText("Imported 5,000 rows into public.again").waitFor();

    const { items } = await client.listJobs({ parent: before.id });
    expect(items).toEqual([
      expect.objectContaining({ file: before.file, types: { age: "text", born: "text" } }),
    ]);
  });

  test("loses nothing of an import by a reload", async () => {
    const { client } = scene.service;
    const file = await client.uploadFile("kept.csv", peopleCsv(10));
    const page = await open(`/import/${file.id}`);
    await page.getByLabel("Column for Full Name").waitFor();

    await page.getByLabel("Table", { exact: true }).fill("kept_name");
    await page.getByLabel("Type of zip").selectOption("integer");
    await page.reload();
    await page.getByLabel("Type of zip").waitFor();

    expect(await page.getByLabel("Table", { exact: true }).inputValue()).toBe("kept_name");
    expect(await page.getByLabel("Type of zip").inputValue()).toBe("integer");
  });

  test("sees in both of two tabs what happens, over one stream", async () => {
    const job = await pausedJob("shared");
    context = await browser.open();
    const streams: string[] = [];
    context.on("request", (request) => {
      if (request.url().endsWith("/v1/events")) streams.push(request.url());
    });
    const first = await context.newPage();
    await first.goto(`${scene.service.url}/jobs`);
    const second = await context.newPage();
    await second.goto(`${scene.service.url}/jobs/${job.id}`);
    await second.getByRole("button", { name: "Resume" }).waitFor();

    await scene.service.client.act(job.id, "stop", { reason: "by another" });

    await second.getByText("public.shared was not made.").waitFor();
    const row = first.getByRole("row").filter({ hasText: "public.shared" });
    await row.getByText("Stopped").waitFor();
    expect(streams).toHaveLength(1);
  });

  test("keeps what was seen while the service is gone, and goes on when it is back", async () => {
    const job = await pausedJob("survivor");
    const page = await open(`/jobs/${job.id}`);
    await page.getByText("Paused after 2,000 rows, as asked").waitFor();

    await scene.service.end("SIGKILL");
    await page.locator(".banner").getByText("The service does not answer. Trying again").waitFor();
    expect(await page.getByText("Paused after 2,000 rows, as asked").isVisible()).toBe(true);
    expect(await page.locator("main").getAttribute("class")).toBe("stale");
    const { client } = await scene.restart();
    await page.locator(".banner").waitFor({ state: "detached" });
    await client.act(job.id, "resume", { pauseAfter: null });

    await page.getByText("Done, 25 rejected").first().waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test("is told what is wrong with a file, and cannot start it", async () => {
    const file = await scene.service.client.uploadFile("report.csv", Buffer.from("%PDF-1.7\n"));
    const page = await open(`/import/${file.id}`);

    await page.getByRole("alert").getByText("PDF").waitFor();

    expect(await page.getByRole("button", { name: "Start import" }).count()).toBe(0);
    await page.getByRole("link", { name: "Choose another file" }).click();
    await page.getByText("Drop a CSV here").waitFor();
  });
});

describe.skipIf(CHROMIUM === null)(screensNamed("a person with a token"), () => {
  const TOKEN = `slu_${"a".repeat(43)}`;
  let guarded: Scene;
  let tokens: TestBrowser;
  beforeAll(async () => {
    // Of this machine, and yet none of the addresses that need no token.
    guarded = await openScene({ SLUICE_HOST: "127.0.0.2", SLUICE_TOKEN: TOKEN });
    tokens = await startBrowser();
  });
  afterAll(async () => {
    await tokens?.[Symbol.asyncDispose]();
    await guarded?.[Symbol.asyncDispose]();
  });

  test("is asked for it, and stays signed in", async () => {
    const page = await (await tokens.open()).newPage();
    await page.goto(`${guarded.service.url}/jobs`);

    await page.getByLabel("Token").fill("slu_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("not valid any more").waitFor();
    await page.getByLabel("Token").fill(TOKEN);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Drop a CSV here").waitFor();
    await page.reload();

    await page.getByText("Drop a CSV here").waitFor();
    await page.context().close();
  });

  test("brings it in the address, where it does not stay", async () => {
    const page = await (await tokens.open()).newPage();

    await page.goto(`${guarded.service.url}/jobs#token=${TOKEN}`);
    await page.getByText("Drop a CSV here").waitFor();

    expect(page.url()).toBe(`${guarded.service.url}/jobs`);
    await page.context().close();
  });
});
