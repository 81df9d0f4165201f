import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const BUSY =
  "A file already in process. Wait till the process gets completed or try stopping the current process.";
const ATTACH = "Please attach a file. Ensure that the key is 'file'";
const RECORD = "1234567,abcdefg\n"; // 16 bytes, as many as the header
const CSV = `idnumbr,fullname\n`.slice(0, 15) + "\n" + RECORD.repeat(999); // 1000 lines of 16 bytes

let api: ApiFixture;
let tableNo = 0;
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(method: "GET" | "POST", path: string, body?: FormData | string): Promise<Answer> {
  const response = await api.app.request(path, { method, ...(body && { body }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function form(key = "file", extra: Record<string, string> = {}): FormData {
  const data = new FormData();
  data.set(key, new Blob([CSV], { type: "text/csv" }), "people.csv");
  for (const [name, value] of Object.entries({ table: `flat_${++tableNo}`, ...extra }))
    data.set(name, value);
  return data;
}

/** A job that the flat API started, with records committed: 365 of 999 are 36.60% of the bytes. */
async function start(records: number): Promise<string> {
  const { status, body } = await call("POST", "/create", form());
  expect(status).toBe(201);
  const id = String(body["id"]);
  if (records > 0) await api.runner.commit(id, records);
  return id;
}

describe("GET /status", () => {
  test("says that nothing is active", async () => {
    expect(await call("GET", "/status")).toMatchObject({
      status: 200,
      body: { Details: "No active process." },
    });
  });

  test("says where a running process is", async () => {
    const id = await start(365);

    expect(await call("GET", "/status")).toEqual({
      status: 200,
      body: {
        Details:
          "An active process, currently running. Completed 36.60%, currently on row number 365.",
        id,
        state: "running",
        table: `public.flat_${tableNo}`,
      },
    });
  });

  test("reads a process that waits as running, at row 0", async () => {
    await start(0);

    expect((await call("GET", "/status")).body).toMatchObject({
      Details: "An active process, currently running. Completed 0.00%, currently on row number 0.",
      state: "queued",
    });
  });

  test("says where a paused process is", async () => {
    await start(365);
    await call("POST", "/pause");

    expect(await call("GET", "/status")).toMatchObject({
      status: 200,
      body: {
        Details:
          "An active process, currently paused. Completed 36.60%, currently on row number 365.",
        state: "paused",
      },
    });
  });

  test("names the last job when nothing is active", async () => {
    const id = await start(100);
    await api.runner.finish(id);

    expect((await call("GET", "/status")).body).toEqual({
      Details: "No active process.",
      lastJob: {
        id,
        state: "succeeded",
        table: `public.flat_${tableNo}`,
        recordsRead: 999,
        recordsWritten: 999,
      },
    });
  });
});

describe("POST /create", () => {
  test("starts a process", async () => {
    expect(await call("POST", "/create", form())).toMatchObject({
      status: 201,
      body: {
        Details: "Process started successfully.",
        state: "queued",
        table: `public.flat_${tableNo}`,
      },
    });
    expect(await api.listStored()).toHaveLength(1);
  });

  test("names the table after the file when the form does not", async () => {
    const data = form();
    data.delete("table");

    expect((await call("POST", "/create", data)).body["table"]).toBe("public.people");
  });

  test("takes the table before the file as well as after it", async () => {
    const data = new FormData();
    data.set("table", "early_bird");
    data.set("file", new Blob([CSV]), "people.csv");

    expect((await call("POST", "/create", data)).body["table"]).toBe("public.early_bird");
  });

  test("adds to a table that exists", async () => {
    const first = form();
    const table = `public.flat_${tableNo}`;
    await api.runner.finish(String((await call("POST", "/create", first)).body["id"]));

    const again = await call("POST", "/create", form("file", { table: table.slice(7) }));

    expect(again).toMatchObject({ status: 201, body: { table } });
    await api.runner.finish(String(again.body["id"]));
    const { rows } = await api.database.pool.query<{ count: string }>(
      `select count(*) from ${table}`,
    );
    expect(rows[0]?.count).toBe("1998");
  });

  test.each([
    ["running", 201],
    ["paused", 200],
  ])("refuses a second file while one is %s, and keeps none of it", async (state) => {
    await start(10);
    if (state === "paused") await call("POST", "/pause");

    expect(await call("POST", "/create", form())).toEqual({
      status: 403,
      body: { Details: BUSY },
    });
    expect(await api.listStored()).toHaveLength(1);
  });

  test("of two at once exactly one starts, and the other leaves no file", async () => {
    const answers = await Promise.all([
      call("POST", "/create", form()),
      call("POST", "/create", form()),
    ]);

    expect(answers.map((answer) => answer.status).toSorted()).toEqual([201, 403]);
    expect(answers.find((answer) => answer.status === 403)?.body["Details"]).toBe(BUSY);
    expect(await api.listStored()).toHaveLength(1);
  });

  test.each([
    ["another key", () => form("attachment")],
    ["a text under the key", () => textForm()],
    ["no file chosen", () => nothingChosen()],
    ["an empty form", () => new FormData()],
    ["JSON", () => '{"file":"people.csv"}'],
    ["no body", () => undefined],
  ])("asks for a file when there is %s", async (_case, body) => {
    expect(await call("POST", "/create", body())).toEqual({
      status: 403,
      body: { Details: ATTACH },
    });
    expect(await api.listStored()).toEqual([]);
  });

  test("tells a missing file before an active process", async () => {
    await start(10);

    expect((await call("POST", "/create", form("attachment"))).body["Details"]).toBe(ATTACH);
  });

  test.each(["process", "params"])("does not offer %s yet, and says so", async (field) => {
    const answer = await call("POST", "/create", form("file", { [field]: "x" }));

    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request" } });
    expect(answer.body["Details"]).toContain("not offered yet");
    expect(await api.listStored()).toEqual([]);
    expect((await call("GET", "/status")).body["Details"]).toBe("No active process.");
  });

  test("answers a file that is no CSV with the reason, and keeps none of it", async () => {
    const data = new FormData();
    data.set("file", new Blob([Buffer.from("504b030414000600", "hex")]), "people.xlsx");

    const answer = await call("POST", "/create", data);

    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_format" } });
    expect(await api.listStored()).toEqual([]);
  });

  test("refuses two files in one form, and keeps neither", async () => {
    const data = form();
    data.append("file", new Blob([CSV]), "second.csv");

    expect(await call("POST", "/create", data)).toMatchObject({
      status: 422,
      body: { code: "invalid_request" },
    });
    expect(await api.listStored()).toEqual([]);
  });
});

describe.each(["GET", "POST"] as const)("%s /pause, /resume and /stop", (method) => {
  test.each(["/pause", "/resume", "/stop"])("%s says that nothing is active", async (path) => {
    expect(await call(method, path)).toMatchObject({
      status: 403,
      body: { Details: "No active process." },
    });
  });

  test("pause a running process", async () => {
    const id = await start(903);

    expect(await call(method, "/pause")).toEqual({
      status: 200,
      body: {
        Details: "Process paused. Completed 90.40%, currently on row number 903.",
        id,
        state: "paused",
        table: `public.flat_${tableNo}`,
      },
    });
  });

  test("do not pause twice", async () => {
    await start(10);
    await call(method, "/pause");

    expect(await call(method, "/pause")).toMatchObject({
      status: 403,
      body: { Details: "Process already paused." },
    });
  });

  test("resume a paused process", async () => {
    await start(903);
    await call(method, "/pause");

    expect(await call(method, "/resume")).toMatchObject({
      status: 200,
      body: { Details: "Process resumed. Completed 90.40%, currently on row number 903." },
    });
  });

  test("do not resume a running process", async () => {
    await start(10);

    expect(await call(method, "/resume")).toMatchObject({
      status: 403,
      body: { Details: "Process already running." },
    });
  });

  test.each(["running", "paused"])("stop a %s process and undo it", async (state) => {
    const id = await start(138);
    if (state === "paused") await call(method, "/pause");

    const answer = await call(method, "/stop");

    expect(answer).toMatchObject({
      status: 200,
      body: {
        Details: "Process stopped at row number 138. Completed 13.90% processing.",
        id,
        state: "stopped",
      },
    });
    const { rows } = await api.database.pool.query("select to_regclass($1) as found", [
      `public.flat_${tableNo}`,
    ]);
    expect(rows).toEqual([{ found: null }]);
    expect((await call("GET", "/status")).body["Details"]).toBe("No active process.");
  });
});

test("a stopped process leaves its upload as it was sent", async () => {
  const id = await start(138);
  const { file } = await api.service.getJob(id);

  await call("POST", "/stop");

  expect(await api.listStored()).toEqual([file.id]);
  expect(file.bytes).toBe(CSV.length);
});

test("a process that ended by itself cannot be paused", async () => {
  await api.runner.finish(await start(0));

  expect((await call("POST", "/pause")).body["Details"]).toBe("No active process.");
});

test("paths and methods that do not exist are answered in the same form", async () => {
  expect(await call("GET", "/create")).toMatchObject({ status: 404, body: { code: "not_found" } });
});

function textForm(): FormData {
  const data = new FormData();
  data.set("file", "id\n1\n");
  return data;
}

function nothingChosen(): FormData {
  const data = new FormData();
  data.set("file", new Blob([]), "");
  return data;
}
