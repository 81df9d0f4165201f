// What the dashboard costs: bytes, the time to its first paint, and the share of a core that the service spends on ten open
// tabs while a job says four times a second how far it is: `node bench/dashboard.mjs`, after `npm run build`. Needs a
// Chromium at /usr/bin/chromium, or where CHROMIUM says, and Linux, whose /proc tells the time of the service.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { startPrivateServer } from "../dist/postgres/private-server.js";
import { startBenchService } from "./service.mjs";

const TABS = 10;
const MEASURED_MS = 20_000;
const TICKS_A_SECOND = 100;
const ROUNDS = 3;
const RECORDS_A_SECOND = 5000;

const folder = await mkdtemp(join(tmpdir(), "sluice-bench-"));
const database = await startPrivateServer({ dir: join(folder, "pg") });
const service = await startBenchService(folder, database.url);
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = `/jobs/${await startSlowJob()}`;
  say(`Script and style, gzipped: ${await packedBytes()} bytes`);
  for (const path of ["/", page, "/import", "/export", "/processes"])
    say(
      `First paint of ${path === page ? "the page of a job" : path}: ${await firstPaintMs(path)} ms`,
    );
  const alone = await shareOfCore();
  const context = await browser.newContext();
  for (let tab = 0; tab < TABS; tab++)
    await (await context.newPage()).goto(service.client.url + page);
  await sleep(3000);
  const watched = await shareOfCore();
  await context.close();
  say(
    `Service: ${percent(alone)} of a core for the job alone, ${percent(watched)} with ${TABS} tabs: ` +
      `${percent(watched - alone)} for the tabs`,
  );
} finally {
  await browser.close();
  await service.stop();
  await database.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

/** In the page: when something of it was seen first, null before. */
function paintedAt() {
  return performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** A job that lasts longer than is measured. */
async function startSlowJob() {
  const { client } = service;
  const rows = RECORDS_A_SECOND * 600;
  const lines = Array.from({ length: rows }, (_, index) => `${index},name ${index}`);
  const file = await client.uploadFile("people.csv", [
    Buffer.from(`id,name\n${lines.join("\n")}\n`),
  ]);
  const request = { kind: "import", file: file.id, table: "bench_dashboard" };
  return (await client.createJob({ ...request, maxRecordsPerSecond: RECORDS_A_SECOND })).id;
}

async function packedBytes() {
  const folderOfAssets = new URL("../dist/dashboard/", import.meta.url);
  const manifest = JSON.parse(
    await readFile(new URL(".vite/manifest.json", folderOfAssets), "utf8"),
  );
  const files = new Set(Object.values(manifest).flatMap(({ file, css = [] }) => [file, ...css]));
  let bytes = 0;
  for (const file of files)
    bytes += gzipSync(await readFile(new URL(file, folderOfAssets)), { level: 9 }).length;
  return bytes;
}

/** The median of some loads, each without anything kept from before. */
async function firstPaintMs(path) {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(service.client.url + path);
    const handle = await page.waitForFunction(paintedAt);
    times.push(Math.round(await handle.jsonValue()));
    await context.close();
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}

async function shareOfCore() {
  const before = await ticksOfService();
  await sleep(MEASURED_MS);
  return ((await ticksOfService()) - before) / TICKS_A_SECOND / (MEASURED_MS / 1000);
}

async function ticksOfService() {
  const stat = await readFile(`/proc/${service.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]); // user and system
}
