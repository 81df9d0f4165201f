import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";
import { FLAT_CSV, FlatCalls } from "./flat-calls.ts";

const BUSY =
  "A file already in process. Wait till the process gets completed or try stopping the current process.";
const ATTACH = "Please attach a file. Ensure that the key is 'file'";

let api: ApiFixture;
let flat: FlatCalls;
beforeAll(async () => {
  api = await openApiFixture();
  flat = new FlatCalls(api);
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

describe("GET /status", () => {
  test("says that nothing is active", async () => {
    expect(await flat.ask("GET", "/status")).toMatchObject({
      status: 200,
      body: { Details: "No active process." },
    });
  });

  test("says where a running process is", async () => {
    const id = await flat.start(365);

    expect(await flat.ask("GET", "/status")).toEqual({
      status: 200,
      body: {
        Details:
          "An active process, currently running. Completed 36.60%, currently on row number 365.",
        id,
        state: "running",
        table: flat.table,
      },
    });
  });

  test("reads a process that waits as running, at row 0", async () => {
    await flat.start(0);

    expect((await flat.ask("GET", "/status")).body).toMatchObject({
      Details: "An active process, currently running. Completed 0.00%, currently on row number 0.",
      state: "queued",
    });
  });

  test("says where a paused process is", async () => {
    await flat.start(365);
    await flat.ask("POST", "/pause");

    expect(await flat.ask("GET", "/status")).toMatchObject({
      status: 200,
      body: {
        Details:
          "An active process, currently paused. Completed 36.60%, currently on row number 365.",
        state: "paused",
      },
    });
  });

  test("names the last job when nothing is active", async () => {
    const id = await flat.start(100);
    await api.runner.finish(id);

    expect((await flat.ask("GET", "/status")).body).toEqual({
      Details: "No active process.",
      lastJob: {
        id,
        state: "succeeded",
        table: flat.table,
        recordsRead: 999,
        recordsWritten: 999,
      },
    });
  });
});

describe("POST /create", () => {
  test("starts a process", async () => {
    expect(await flat.send(flat.form())).toMatchObject({
      status: 201,
      body: {
        Details: "Process started successfully.",
        state: "queued",
        table: flat.table,
      },
    });
    expect(await api.listStored()).toHaveLength(1);
  });

  test("names the table after the file when the form does not", async () => {
    const data = flat.form();
    data.delete("table");

    expect((await flat.send(data)).body["table"]).toBe("public.people");
  });

  test("takes the table before the file as well as after it", async () => {
    const data = new FormData();
    data.set("table", "early_bird");
    data.set("file", new Blob([FLAT_CSV]), "people.csv");

    expect((await flat.send(data)).body["table"]).toBe("public.early_bird");
  });

  test("adds to a table that exists", async () => {
    const first = flat.form();
    const table = flat.table;
    await api.runner.finish(String((await flat.send(first)).body["id"]));

    const again = await flat.send(flat.form("file", { table: table.slice(7) }));

    expect(again).toMatchObject({ status: 201, body: { table } });
    await api.runner.finish(String(again.body["id"]));
    const { rows } = await api.database.pool.query<{ count: number }>(
      `select count(*) from ${table}`,
    );
    expect(rows[0]?.count).toBe(1998);
  });

  test.each([
    ["running", 201],
    ["paused", 200],
  ])("refuses a second file while one is %s, and keeps none of it", async (state) => {
    await flat.start(10);
    if (state === "paused") await flat.ask("POST", "/pause");

    expect(await flat.send(flat.form())).toEqual({
      status: 403,
      body: { Details: BUSY },
    });
    expect(await api.listStored()).toHaveLength(1);
  });

  test("of two at once exactly one starts, and the other leaves no file", async () => {
    const answers = await Promise.all([flat.send(flat.form()), flat.send(flat.form())]);

    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([201, 403]);
    expect(answers.find((answer) => answer.status === 403)?.body["Details"]).toBe(BUSY);
    expect(await api.listStored()).toHaveLength(1);
  });

  test.each([
    ["another key", () => flat.form("attachment")],
    ["a text under the key", () => textForm()],
    ["no file chosen", () => nothingChosen()],
    ["an empty form", () => new FormData()],
    ["JSON", () => '{"file":"people.csv"}'],
    ["no body", () => undefined],
  ])("asks for a file when there is %s", async (_case, body) => {
    expect(await flat.send(body())).toEqual({
      status: 403,
      body: { Details: ATTACH },
    });
    expect(await api.listStored()).toEqual([]);
  });

  test("tells a missing file before an active process", async () => {
    await flat.start(10);

    expect((await flat.send(flat.form("attachment"))).body["Details"]).toBe(ATTACH);
  });

  test.each([
    ["process", "Leave out `table`, or `process` to import."],
    ["params", "Name the process in `process`."],
  ])("does not take %s for an import, and says so", async (field, advice) => {
    const answer = await flat.send(flat.form("file", { [field]: "x" }));

    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request" } });
    expect(answer.body["Details"]).toContain(advice);
    expect(await api.listStored()).toEqual([]);
    expect((await flat.ask("GET", "/status")).body["Details"]).toBe("No active process.");
  });

  test("answers a file that is no CSV with the reason, and keeps none of it", async () => {
    const data = new FormData();
    data.set("file", new Blob(["%PDF-1.7\n"]), "people.csv");

    const answer = await flat.send(data);

    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_format" } });
    expect(await api.listStored()).toEqual([]);
  });

  test("refuses two files in one form, and keeps neither", async () => {
    const data = flat.form();
    data.append("file", new Blob([FLAT_CSV]), "second.csv");

    expect(await flat.send(data)).toMatchObject({
      status: 422,
      body: { code: "invalid_request" },
    });
    expect(await api.listStored()).toEqual([]);
  });
});

test.each([
  ["GET", "/create", "POST"],
  ["PUT", "/status", "GET"],
  ["POST", "/status", "GET"],
  ["DELETE", "/pause", "GET, POST"],
])("%s %s is refused with the methods that are taken", async (method, path, allow) => {
  const { status, headers, body } = await api.call(path, { method });

  expect({ status, allow: headers.get("allow") }).toEqual({ status: 405, allow });
  expect(body).toEqual({ Details: expect.any(String) as string, code: "method_not_allowed" }); // typed as any
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
