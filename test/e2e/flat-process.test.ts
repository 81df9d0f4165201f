/**
 * The original demonstration: the flat API exchanges the first two columns of a file, and answers every call with the
 * sentence of its table, string by string, while it does.
 */
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { aFileOfPeople, DoorScene } from "../support/door-scene.ts";
import { until } from "../support/until.ts";

const NONE = "No active process.";
const BUSY =
  "A file already in process. Wait till the process gets completed or try stopping the current process.";
const NO_FILE = "Please attach a file. Ensure that the key is 'file'";

const RECORDS = 60_000;
const CSV = aFileOfPeople(RECORDS);
const SWAPPED = CSV.replaceAll(/^(.*),(.*)$/gm, "$2,$1");

let door: DoorScene;

beforeAll(async () => {
  door = await DoorScene.open({
    SLUICE_CREATE: "swap-columns",
    // So that it takes long enough to be paused on any machine.
    SLUICE_FAILPOINT: "batch_run:*:sleep=60",
  });
});
afterAll(() => door?.[Symbol.asyncDispose]());
beforeEach(async () => {
  await ask("POST", "/stop");
});

interface Answer {
  readonly status: number;
  readonly Details: string;
  readonly [key: string]: unknown;
}

async function ask(method: "GET" | "POST", path: string, body?: FormData): Promise<Answer> {
  const { status, body: answer } = await door.ask(
    path,
    body === undefined ? { method } : { method, body },
  );
  return { ...answer, Details: String(answer["Details"]), status };
}

function form(fields: Readonly<Record<string, string>> = {}, csv = CSV, key = "file"): FormData {
  const data = new FormData();
  data.set(key, new Blob([csv], { type: "text/csv" }), "people.csv");
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

/** Starts the process, and waits until it has read something. */
async function start(): Promise<string> {
  const created = await ask("POST", "/create", form());
  expect(created).toEqual({
    status: 201,
    Details: "Process started successfully.",
    id: created["id"],
    state: "queued",
    process: "swap-columns",
  });
  const id = String(created["id"]);
  await until("rows are read", async () => (await progressOf(id)).recordsRead > 0);
  return id;
}

async function progressOf(id: string) {
  return (await door.client.getJob(id)).progress;
}

async function stored(): Promise<readonly string[]> {
  const names = await readdir(door.scene.path("service", "files"), { recursive: true });
  return names.filter((name) => /file_/.test(name)).toSorted();
}

/** The sentence's end, as the job is now. */
async function placeOf(id: string): Promise<string> {
  const { bytesRead, bytesTotal, recordsRead } = await progressOf(id);
  const percent = (Math.floor((bytesRead / (bytesTotal ?? 0)) * 10_000) / 100).toFixed(2);
  return `Completed ${percent}%, currently on row number ${recordsRead}.`;
}

describe.each(["GET", "POST"] as const)("by %s", (method) => {
  test("the file is paused, resumed and stopped, and the upload stays as it was sent", async () => {
    expect(await ask("GET", "/status")).toMatchObject({ status: 200, Details: NONE });
    for (const path of ["/pause", "/resume", "/stop"])
      expect(await ask(method, path)).toMatchObject({ status: 403, Details: NONE });

    const id = await start();
    expect((await ask("GET", "/status")).Details).toMatch(
      /^An active process, currently running\. Completed \d+\.\d\d%, currently on row number \d+\.$/,
    );
    expect(await ask(method, "/resume")).toMatchObject({
      status: 403,
      Details: "Process already running.",
    });
    expect(await ask("POST", "/create", form())).toEqual({ status: 403, Details: BUSY });

    const paused = await ask(method, "/pause");
    const place = await placeOf(id);
    expect(paused).toEqual({
      status: 200,
      Details: `Process paused. ${place}`,
      id,
      state: "paused",
      process: "swap-columns",
    });
    expect(await ask("GET", "/status")).toMatchObject({
      status: 200,
      Details: `An active process, currently paused. ${place}`,
    });
    expect(await ask(method, "/pause")).toMatchObject({
      status: 403,
      Details: "Process already paused.",
    });

    expect(await ask(method, "/resume")).toMatchObject({
      status: 200,
      Details: `Process resumed. ${place}`,
    });
    const { recordsRead } = await progressOf(id);
    await until("it goes on", async () => (await progressOf(id)).recordsRead > recordsRead);
    const stopped = await ask(method, "/stop");
    const end = (await placeOf(id)).replace(/^Completed (.*%), .* (\d+)\.$/, "$2. Completed $1");
    expect(stopped).toMatchObject({
      status: 200,
      Details: `Process stopped at row number ${end} processing.`,
      state: "stopped",
    });

    expect(await ask("GET", "/status")).toMatchObject({
      status: 200,
      Details: NONE,
      lastJob: { id, state: "stopped", process: "swap-columns" },
    });
    const job = await door.client.getJob(id);
    const file = job.kind === "process" ? job.file : "";
    expect(await readFile(door.scene.path("service", "files", file), "utf8")).toBe(CSV);
    expect((await stored()).filter((name) => name.startsWith("exports"))).toEqual([]);
    await expectAllGood(door.scene.pool);
  });
});

test("left alone, it ends with the swapped file, whose path the status tells", async () => {
  const created = await ask("POST", "/create", form({}, aFileOfPeople(2500)));
  await door.waitForEnd(String(created["id"]));

  const status = await ask("GET", "/status");

  expect(status).toEqual({
    status: 200,
    Details: NONE,
    lastJob: {
      id: created["id"],
      state: "succeeded",
      process: "swap-columns",
      result: `/v1/jobs/${String(created["id"])}/result`,
      recordsRead: 2500,
      recordsWritten: 2500,
    },
  });
  const result = await fetch(`${door.service.url}/v1/jobs/${String(created["id"])}/result`);
  expect(await result.text()).toBe(aFileOfPeople(2500).replaceAll(/^(.*),(.*)$/gm, "$2,$1"));
});

test("paused and resumed, the swapped file has every row once", async () => {
  const id = await start();

  for (let round = 0; round < 3; round += 1) {
    expect((await ask("POST", "/pause")).Details).toMatch(/^Process paused\. /);
    expect((await ask("POST", "/resume")).Details).toMatch(/^Process resumed\. /);
  }
  await door.waitForEnd(id);

  const result = await fetch(`${door.service.url}/v1/jobs/${id}/result`);
  expect((await result.text()) === SWAPPED).toBe(true);
});

describe("the form", () => {
  test("names another process with its params, or a table", async () => {
    const params = JSON.stringify({ label: "from a form" });
    const notes = await ask(
      "POST",
      "/create",
      form({ process: "notes", params }, aFileOfPeople(3)),
    );
    expect(notes).toMatchObject({ status: 201, process: "notes" });
    await door.waitForEnd(String(notes["id"]));
    const imported = await ask("POST", "/create", form({ table: "flat_people" }, aFileOfPeople(3)));

    expect(imported).toMatchObject({ status: 201, table: "public.flat_people" });
    expect(imported).not.toHaveProperty("process");
    const { rows } = await door.scene.pool.query("select distinct label from note");
    expect(rows).toEqual([{ label: "from a form" }]);
  });

  test.each([
    ["a process that is not there", { process: "nothing" }, 422, "process_not_found"],
    ["a process that does not load", { process: "broken" }, 422, "process_broken"],
    ["params that are no JSON", { process: "notes", params: "{" }, 422, "invalid_request"],
    ["params that are no object", { process: "notes", params: "[]" }, 422, "invalid_request"],
    [
      "params of another type",
      { process: "notes", params: '{"times":"x"}' },
      422,
      "invalid_request",
    ],
    ["a process and a table", { process: "notes", table: "a" }, 422, "invalid_request"],
    ["params of an import", { table: "a", params: "{}" }, 422, "invalid_request"],
    ["a field that is not known", { speed: "9" }, 422, "invalid_request"],
  ])("with %s is refused and leaves no file", async (_case, fields, status, code) => {
    const before = await stored();

    const answer = await ask("POST", "/create", form(fields, aFileOfPeople(2)));

    expect(answer).toMatchObject({ status, code });
    expect(await stored()).toEqual(before);
  });

  test("without a file is told so first, also while one is active", async () => {
    const none = await ask("POST", "/create", form({}, CSV, "upload"));
    await start();
    const active = await ask("POST", "/create", form({}, CSV, "upload"));

    for (const answer of [none, active]) expect(answer).toEqual({ status: 403, Details: NO_FILE });
  });

  test("of two at once exactly one starts", async () => {
    const answers = await Promise.all([1, 2].map(() => ask("POST", "/create", form())));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.find(({ status }) => status === 403)?.Details).toBe(BUSY);
  });
});
