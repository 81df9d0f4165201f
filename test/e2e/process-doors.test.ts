/** Processes through the REST API of a real service. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { aFileOfPeople, DoorScene } from "../support/door-scene.ts";

let door: DoorScene;

beforeAll(async () => {
  door = await DoorScene.open();
});
afterAll(() => door?.[Symbol.asyncDispose]());
beforeEach(() => door.scene.pool.query("delete from note"));

describe("the processes of the folder", () => {
  test("are listed by name, with those that do not load apart", async () => {
    const { items, broken, next } = await door.client.listProcesses();

    expect(items.map(({ name }) => name)).toEqual(["notes", "slow", "swap-columns"]);
    expect(broken).toEqual([
      {
        name: "broken",
        fileName: "broken.ts",
        message: expect.any(String),
        line: expect.any(Number),
      },
    ]);
    expect(broken[0]?.message).toMatch(/^broken\.ts line \d/);
    expect(next).toBeNull();
  });

  test("are told with the schema of their params and their source", async () => {
    const notes = await door.client.getProcess("notes");

    expect(notes).toMatchObject({
      name: "notes",
      title: "Take notes",
      description: "Writes a row for each record.",
      fileName: "notes.ts",
      params: {
        type: "object",
        properties: { label: { type: "string", default: "none" }, times: { type: "integer" } },
      },
      batchSize: 10,
      hasUndo: true,
      hasOutput: false,
    });
    expect(notes.source).toContain('name: "notes"');
  });

  test("are not found by another name, and one that does not load says its line", async () => {
    expect(await door.ask("/v1/processes/nothing")).toMatchObject({
      status: 404,
      body: { code: "not_found", detail: expect.stringContaining("notes") },
    });
    expect(await door.ask("/v1/processes/broken")).toMatchObject({
      status: 422,
      body: { code: "process_broken", line: expect.any(Number) },
    });
    expect((await door.ask("/v1/processes/..%2f..%2fetc%2fpasswd")).status).toBe(404);
  });
});

describe("a request", () => {
  test("that is only validated tells what would be done, and does nothing", async () => {
    const file = await door.client.uploadFile("people.csv", Buffer.from(aFileOfPeople(3)));

    const plan = await door.client.validateProcess({ process: "swap-columns", file: file.id });

    expect(plan).toEqual({
      validateOnly: true,
      kind: "process",
      process: "swap-columns",
      title: "Swap the first two columns",
      params: {},
      batchSize: 10_000,
      hasUndo: false,
      fileName: "people-swap-columns.csv",
      reading: { delimiter: ",", quote: '"', escape: '"', encoding: "utf-8", firstRecordLine: 2 },
      fields: ["id", "name"],
      outputColumns: ["name", "id"],
    });
    expect((await door.client.listJobs({ kind: "process" })).items).toEqual([]);
  });

  test.each([
    [{ process: "nothing" }, "process_not_found", undefined],
    [{ process: "broken" }, "process_broken", undefined],
    [{ process: "notes", params: { times: "many" } }, "invalid_request", "/params/times"],
    [{ process: "notes", params: { label: "a\0b" } }, "invalid_request", "/params/label"],
    [{ process: "notes", params: { label: "\ud800" } }, "invalid_request", "/params/label"],
    [{ process: "notes", params: [] }, "invalid_request", "/params"],
    [{ process: "notes", table: "people" }, "invalid_request", "/table"],
  ])("of %j is refused as %s", async (body, code, pointer) => {
    const file = await door.client.uploadFile("people.csv", Buffer.from(aFileOfPeople(1)));

    const answer = await door.post("/v1/jobs", { kind: "process", file: file.id, ...body });

    expect(answer).toMatchObject({ status: 422, body: { code } });
    if (pointer !== undefined) expect(answer.body["errors"]).toMatchObject([{ pointer }]);
  });

  test("under a key that was used answers the first job", async () => {
    const file = await door.client.uploadFile("people.csv", Buffer.from(aFileOfPeople(1)));
    const body = { process: "notes", file: file.id, params: { label: "once" } };

    const first = await door.client.createProcess(body, { idempotencyKey: "notes-1" });
    const second = await door.client.createProcess(body, { idempotencyKey: "notes-1" });

    expect(second.id).toBe(first.id);
    await door.waitForEnd(first.id);
    expect(await door.countNotes()).toBe(1);
  });
});

describe("a job", () => {
  test("is shown with what was asked, what it came to and where its file is", async () => {
    const started = await door.start("swap-columns", aFileOfPeople(2500), {
      name: "exchange",
      maxRejected: 7,
    });
    const job = await door.waitForEnd(started.id);

    expect(job).toMatchObject({
      kind: "process",
      name: "exchange",
      state: "succeeded",
      process: "swap-columns",
      title: "Swap the first two columns",
      params: {},
      batchSize: 10_000,
      hasUndo: false,
      fileName: "people-swap-columns.csv",
      maxRejected: 7,
      pauseAfter: null,
      progress: { recordsRead: 2500, recordsWritten: 2500, recordsTotal: 2500, fraction: 1 },
      undo: { possible: false, until: null, reason: "no_undo" },
      actions: ["rerun"],
      links: { result: `/v1/jobs/${job.id}/result`, log: `/v1/jobs/${job.id}/log` },
      result: {
        rows: "kept",
        recordsDone: 2500,
        recordsUndone: 0,
        recordsKept: 0,
        recordsFailed: 0,
        output: { name: "people-swap-columns.csv", rows: 2500 },
      },
    });
    await expectAllGood(door.scene.pool);
  });

  test("has a file that can be had whole, in parts and only when it is another", async () => {
    const { id } = await door.start("swap-columns", aFileOfPeople(1200));
    const job = await door.waitForEnd(id);
    const url = `${door.service.url}/v1/jobs/${id}/result`;

    const whole = await fetch(url);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const etag = whole.headers.get("etag") ?? "";
    const part = await fetch(url, { headers: { range: "bytes=8-20", "if-range": etag } });
    const same = await fetch(url, { headers: { "if-none-match": etag } });

    expect(whole.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(whole.headers.get("content-disposition")).toBe(
      'attachment; filename="people-swap-columns.csv"',
    );
    expect(bytes.subarray(0, 20).toString()).toBe("name,id\nname 1,1\nnam");
    expect(bytes.toString().split("\n")).toHaveLength(1202);
    expect(job.result?.output).toMatchObject({
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    expect([part.status, await part.text()]).toEqual([206, bytes.subarray(8, 21).toString()]);
    expect(same.status).toBe(304);
  });

  test("without a file says so", async () => {
    const { id } = await door.start("notes", aFileOfPeople(1));
    const job = await door.waitForEnd(id);

    expect(job.links).toMatchObject({ result: null });
    expect(await door.ask(`/v1/jobs/${id}/result`)).toMatchObject({
      status: 409,
      body: { code: "no_result" },
    });
  });

  test("keeps the rejected records with their reasons, and accounts for all", async () => {
    const csv = aFileOfPeople(25, ["ada", "nobody", ""]);
    const { id } = await door.start("notes", csv);
    await door.waitForEnd(id);

    const rejected = await door.client.listRejected(id);
    const written = await door.client.listRecords(id, "written");
    const receipt = await door.client.getReceipt(id);

    expect(
      rejected.items.map(({ record, column, code, message }) => [record, column, code, message]),
    ).toEqual([
      [2, "name", "refused_by_process", "nobody is known"],
      [3, "name", "against_schema", "A name is needed."],
    ]);
    expect(written.items).toHaveLength(23);
    expect(receipt).toMatchObject({
      isBalanced: true,
      file: { name: "people.csv", bytes: csv.length },
      records: { read: 25, written: 23, rejected: 2, filtered: 0 },
      rows: null,
      output: null,
      undo: null,
    });
  });

  test("has a log, in pages, from a line on, and in one piece", async () => {
    const { id } = await door.start("notes", aFileOfPeople(35));
    await door.waitForEnd(id);

    const first = await door.client.listLog(id, { limit: 3 });
    const rest = await door.client.listLog(id, { limit: 3, cursor: first.next ?? "" });
    const all = await fetch(`${door.service.url}/v1/jobs/${id}/log`, {
      headers: { accept: "application/x-ndjson" },
    });

    expect(first.items.map(({ message, fields }) => [message, fields])).toEqual(
      [10, 10, 10].map((records) => ["noted", { records }]),
    );
    expect(first.next).toBe(String(first.items[2]?.id));
    expect(rest).toMatchObject({
      items: [{ message: "noted", fields: { records: 5 } }],
      next: null,
    });
    expect(all.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    const lines = (await all.text()).trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([...first.items, ...rest.items]);
  });

  test("of another kind has an empty log, and one that is not there none", async () => {
    const file = await door.client.uploadFile("people.csv", Buffer.from(aFileOfPeople(1)));
    const { id } = await door.client.createJob({ kind: "import", file: file.id, table: "logless" });

    expect(await door.client.listLog(id)).toEqual({ items: [], next: null });
    const missing = "/v1/jobs/job_01m84qvwcgffer2s6r76fqcz25/log";
    expect((await door.ask(missing)).status).toBe(404);
    expect((await door.ask(`${missing}?format=ndjson`)).status).toBe(404);
    expect((await door.ask(`/v1/jobs/${id}/log?cursor=x`)).status).toBe(422);
  });
});
