/** The flat API over the real engine: every row of its table, string by string, during real imports. */
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import type { ServiceProcess } from "../support/service.ts";

const NONE = "No active process.";
const BUSY =
  "A file already in process. Wait till the process gets completed or try stopping the current process.";
const NO_FILE = "Please attach a file. Ensure that the key is 'file'";
const NUMBERS = /(\d+)\.\d\d%.* row number (\d+)\.$/;

const flights = flightsFile(2);
let scene: FaultScene;
let service: ServiceProcess;

beforeAll(async () => {
  scene = await FaultScene.open();
  service = await scene.start({ environment: { SLUICE_FAILPOINT: "chunk_gap:*:sleep=25" } });
});
afterAll(() => scene?.[Symbol.asyncDispose]());

beforeEach(async () => {
  await ask("POST", "/stop");
  await scene.pool.query("drop table if exists flights");
});

interface Answer {
  readonly status: number;
  readonly details: string;
  readonly id: string;
}

async function ask(method: "GET" | "POST", path: string, body?: FormData): Promise<Answer> {
  const init = body === undefined ? { method } : { method, body };
  const response = await fetch(service.url + path, init);
  const json = (await response.json()) as { Details: string; id?: string }; // what the flat API promises
  return { status: response.status, details: json.Details, id: json.id ?? "" };
}

function form(key = "file"): FormData {
  const data = new FormData();
  data.set(key, new Blob([flights.bytes], { type: "text/csv" }), "flights.csv");
  return data;
}

/** Names of the uploads in their folder, which the first one makes. */
async function listFiles(): Promise<readonly string[]> {
  const names = await readdir(scene.path("service", "files")).catch(() => []);
  return names.filter((name) => name.startsWith("file_"));
}

/** Starts a process, and waits until it has read something. */
async function start(): Promise<string> {
  const created = await ask("POST", "/create", form());
  expect(created).toMatchObject({ status: 201, details: "Process started successfully." });
  await scene.waitForShare(created.id, 0.01);
  return created.id;
}

describe.each(["GET", "POST"] as const)("with %s", (method) => {
  test("every control call answers as the table says", async () => {
    expect(await ask("GET", "/status")).toMatchObject({ status: 200, details: NONE });
    for (const path of ["/pause", "/resume", "/stop"])
      expect(await ask(method, path)).toMatchObject({ status: 403, details: NONE });

    const id = await start();
    expect((await ask("GET", "/status")).details).toMatch(
      /^An active process, currently running\. Completed \d+\.\d\d%, currently on row number \d+\.$/,
    );
    expect(await ask(method, "/resume")).toMatchObject({
      status: 403,
      details: "Process already running.",
    });

    const paused = await ask(method, "/pause");
    const { read, share } = await scene.stored(id);
    const place = `Completed ${paused.details.match(/\d+\.\d\d/)?.[0]}%, currently on row number ${read}.`;
    expect(paused).toMatchObject({ status: 200, details: `Process paused. ${place}` });
    expect(Math.abs(Number(NUMBERS.exec(paused.details)?.[1]) - 100 * share)).toBeLessThan(1);
    expect(await ask("GET", "/status")).toMatchObject({
      status: 200,
      details: `An active process, currently paused. ${place}`,
    });
    expect(await ask(method, "/pause")).toMatchObject({
      status: 403,
      details: "Process already paused.",
    });

    expect(await ask(method, "/resume")).toMatchObject({
      status: 200,
      details: `Process resumed. ${place}`,
    });
    const stopped = await ask(method, "/stop");
    expect(stopped.status).toBe(200);
    expect(stopped.details).toMatch(
      /^Process stopped at row number \d+\. Completed \d+\.\d\d% processing\.$/,
    );
    expect(await ask("GET", "/status")).toMatchObject({ status: 200, details: NONE });
    await expectAllGood(scene.pool);
  });
});

test("a create while one is active, or without a file, is refused and leaves no file", async () => {
  await start();
  const before = await listFiles();

  expect(await ask("POST", "/create", form())).toMatchObject({ status: 403, details: BUSY });
  expect(await ask("POST", "/create", form("upload"))).toMatchObject({
    status: 403,
    details: NO_FILE,
  });
  expect(await ask("POST", "/create")).toMatchObject({ status: 403, details: NO_FILE });

  expect(await listFiles()).toEqual(before);
});

test("of simultaneous creates exactly one starts, and the others leave no file", async () => {
  const before = await listFiles();

  const answers = await Promise.all([1, 2, 3].map(() => ask("POST", "/create", form())));

  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ details }) => details === BUSY)).toHaveLength(2);
  const files = await listFiles();
  expect(files).toHaveLength(before.length + 1);
  const { rowCount } = await scene.pool.query("select from sluice.file where removed_at is null");
  expect(rowCount).toBe(files.length);
  const started = answers.find(({ status }) => status === 201);
  await scene.expectImported(started?.id ?? "", "flights", flights.sums);
});

test("a stop leaves the upload byte for byte and the table that was there untouched", async () => {
  await scene.pool.query(
    "create table flights (date timestamptz, delay int, distance int, origin text, destination text)",
  );
  await scene.pool.query("insert into flights values (now(), 1, 2, 'LAS', 'ABQ')");
  const before = await scene.pool.query("select xmin::text, ctid::text, * from flights");
  const id = await start();
  const job = await service.client.getJob(id);
  const file = job.kind === "import" ? job.file : "";

  await ask("POST", "/stop");

  expect(flights.bytes.equals(await readFile(scene.path("service", "files", file)))).toBe(true);
  expect((await scene.pool.query("select xmin::text, ctid::text, * from flights")).rows).toEqual(
    before.rows,
  );
  await expectAllGood(scene.pool);
});

test("ten pauses in a row lose nothing and double nothing", async () => {
  await service.end("SIGTERM");
  service = await scene.start({
    settings: { minChunkBytes: 16 * 1024, maxChunkBytes: 16 * 1024 },
    environment: { SLUICE_FAILPOINT: "chunk_gap:*:sleep=20" },
  });
  const id = await start();

  for (let round = 0; round < 10; round += 1) {
    expect((await ask("POST", "/pause")).details).toMatch(/^Process paused/);
    const { read } = await scene.stored(id);
    expect((await ask("POST", "/resume")).status).toBe(200);
    await scene.waitFor(id, "goes on", (job) => job.read > read);
  }

  await scene.expectImported(id, "flights", flights.sums);
});
