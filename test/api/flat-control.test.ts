import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";
import { FLAT_CSV, FlatCalls } from "./flat-calls.ts";

let api: ApiFixture;
let flat: FlatCalls;
beforeAll(async () => {
  api = await openApiFixture();
  flat = new FlatCalls(api);
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

describe.each(["GET", "POST"] as const)("%s /pause, /resume and /stop", (method) => {
  test.each(["/pause", "/resume", "/stop"])("%s says that nothing is active", async (path) => {
    expect(await flat.ask(method, path)).toMatchObject({
      status: 403,
      body: { Details: "No active process." },
    });
  });

  test("pause a running process", async () => {
    const id = await flat.start(903);

    expect(await flat.ask(method, "/pause")).toEqual({
      status: 200,
      body: {
        Details: "Process paused. Completed 90.40%, currently on row number 903.",
        id,
        state: "paused",
        table: flat.table,
      },
    });
  });

  test("do not pause twice", async () => {
    await flat.start(10);
    await flat.ask(method, "/pause");

    expect(await flat.ask(method, "/pause")).toMatchObject({
      status: 403,
      body: { Details: "Process already paused." },
    });
  });

  test("resume a paused process", async () => {
    await flat.start(903);
    await flat.ask(method, "/pause");

    expect(await flat.ask(method, "/resume")).toMatchObject({
      status: 200,
      body: { Details: "Process resumed. Completed 90.40%, currently on row number 903." },
    });
  });

  test("do not resume a running process", async () => {
    await flat.start(10);

    expect(await flat.ask(method, "/resume")).toMatchObject({
      status: 403,
      body: { Details: "Process already running." },
    });
  });

  test.each(["running", "paused"])("stop a %s process and undo it", async (state) => {
    const id = await flat.start(138);
    if (state === "paused") await flat.ask(method, "/pause");

    const answer = await flat.ask(method, "/stop");

    expect(answer).toMatchObject({
      status: 200,
      body: {
        Details: "Process stopped at row number 138. Completed 13.90% processing.",
        id,
        state: "stopped",
      },
    });
    const { rows } = await api.database.pool.query("select to_regclass($1) as found", [flat.table]);
    expect(rows).toEqual([{ found: null }]);
    expect((await flat.ask("GET", "/status")).body["Details"]).toBe("No active process.");
  });
});

test("a stopped process leaves its upload as it was sent", async () => {
  const id = await flat.start(138);
  const job = await api.service.getJob(id);
  const file = job.kind === "import" ? job.file : null;

  await flat.ask("POST", "/stop");

  expect(await api.listStored()).toEqual([file?.id]);
  expect(file?.bytes).toBe(FLAT_CSV.length);
});

test("a process that ended by itself cannot be paused", async () => {
  await api.runner.finish(await flat.start(0));

  expect((await flat.ask("POST", "/pause")).body["Details"]).toBe("No active process.");
});
