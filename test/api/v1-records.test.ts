import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";
import { CSV, recordCalls, REJECTED, textOf } from "./record-calls.ts";

let api: ApiFixture;
let tableNo = 0;
const { csvOf, outcomesOf, pageOf } = recordCalls(() => api);
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

/** Creates a job over `csv` in which three records do not fit, and returns its id. */
async function createdId(csv = CSV, name = "people.csv"): Promise<string> {
  const file = await api.store(csv, name);
  const types = { age: "integer" };
  const request = { kind: "import", file, table: `records_${++tableNo}`, types };
  const { status, body } = await api.post("/v1/jobs", request);
  expect(status).toBe(201);
  return String(body["id"]);
}

describe("the records of a job as CSV", () => {
  test("are the header and the very bytes, by outcome, while it runs", async () => {
    const id = await createdId();
    const before = await outcomesOf(id);
    await api.runner.commit(id, 4);

    const after = await outcomesOf(id);

    const nothing = textOf([]);
    expect(before).toEqual({
      written: nothing,
      rejected: nothing,
      unprocessed: textOf([0, 1, 2, 3, 4, 5, 6]),
    });
    expect(after).toEqual({
      written: textOf([1, 3]),
      rejected: textOf([0, 2]),
      unprocessed: textOf([4, 5, 6]),
    });
  });

  test("are all written or rejected when it has succeeded", async () => {
    const id = await createdId();
    await api.runner.finish(id);

    expect(await outcomesOf(id)).toEqual({
      written: textOf([1, 3, 4, 6]),
      rejected: textOf(REJECTED),
      unprocessed: textOf([]),
    });
  });

  test("are unprocessed again after a stop, but for the rejected ones", async () => {
    const id = await createdId();
    await api.runner.commit(id, 4);
    await api.post(`/v1/jobs/${id}/stop`, {});

    expect(await outcomesOf(id)).toEqual({
      written: textOf([]),
      rejected: textOf([0, 2]),
      unprocessed: textOf([1, 3, 4, 5, 6]),
    });
  });

  test("begin with the reasons when they are asked for, in a form that can be read", async () => {
    const id = await createdId();
    await api.runner.finish(id);

    const text = await csvOf(id, "rejected", "&reasons=true");

    expect(text).toBe(
      "_line,_column,_code,_reason,id,age\r\n" +
        '2,age,invalid_integer,"""forty"" is not a whole number",1,forty\r\n' +
        '4,age,invalid_integer,"""a ""b"",\nc"" is not a whole number",3,"a ""b"",\nc"\r\n' +
        '9,age,invalid_integer,"""x y"" is not a whole number",6,x y\n',
    );
  });

  test("are named after the file, in any script", async () => {
    const id = await createdId(CSV, "Müller.csv");

    const { headers } = await api.app.request(`/v1/jobs/${id}/records?outcome=written`, {
      headers: { Accept: "text/csv" },
    });

    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(headers.get("content-disposition")).toBe(
      `attachment; filename="M_ller-written.csv"; filename*=UTF-8''M%C3%BCller-written.csv`,
    );
  });
});

describe("the records of a job as JSON", () => {
  test("come in pages, with the header and what is wrong with each", async () => {
    const id = await createdId();
    await api.runner.finish(id);

    const first = await pageOf(id, "outcome=rejected&limit=2");
    const second = await pageOf(id, `limit=2&cursor=${first.next}`);

    expect(first).toEqual({
      header: ["id", "age"],
      items: [
        {
          record: 1,
          line: 2,
          byte: 8,
          fields: ["1", "forty"],
          column: "age",
          value: "forty",
          code: "invalid_integer",
          reason: "not a whole number",
          message: '"forty" is not a whole number',
          raw: "1,forty",
          rawIsTruncated: false,
          field: 1,
          correction: null,
          retriedBy: null,
        },
        expect.objectContaining({ record: 3, line: 4, fields: ["3", 'a "b",\nc'] }),
      ],
      next: expect.any(String),
    });
    expect(second).toMatchObject({ items: [{ record: 6, line: 9 }], next: null });
  });

  test("have every record once over the pages of each outcome", async () => {
    const id = await createdId();
    await api.runner.commit(id, 4);

    const seen: number[] = [];
    for (const outcome of ["written", "rejected", "unprocessed"]) {
      let cursor = "";
      do {
        const page = await pageOf(id, `outcome=${outcome}&limit=1${cursor}`);
        seen.push(...page.items.map(({ record }) => record));
        cursor = page.next === null ? "" : `&cursor=${page.next}`;
      } while (cursor !== "");
    }

    expect(seen).toEqual([2, 4, 1, 3, 5, 6, 7]);
  });

  test("are numbered as in the file when they are not read yet", async () => {
    const id = await createdId();
    await api.runner.commit(id, 4);

    const { items } = await pageOf(id, "outcome=unprocessed");

    expect(items).toEqual([
      { record: 5, line: 8, byte: CSV.indexOf('"5"'), fields: ["5", "9"] },
      { record: 6, line: 9, byte: CSV.indexOf("6,x"), fields: ["6", "x y"] },
      { record: 7, line: 10, byte: CSV.indexOf("7,10"), fields: ["7", "10"] },
    ]);
  });

  test("keep the fields of a header that has a name twice", async () => {
    const file = await api.store("a,a\n1,2\n");
    const columns = { "#1": "first", "#2": "second" };
    const table = `records_${++tableNo}`;
    const { body } = await api.post("/v1/jobs", { kind: "import", file, table, columns });

    const page = await pageOf(String(body["id"]), "outcome=unprocessed");

    expect(page).toMatchObject({ header: ["a", "a"], items: [{ fields: ["1", "2"] }] });
  });

  test("are one a line as NDJSON, more than one page of the database holds", async () => {
    const csv = `id,age\n${"1,x\n".repeat(1201)}`;
    const id = await createdId(csv);
    await api.runner.commit(id, 5000);

    const response = await api.app.request(`/v1/jobs/${id}/records`, {
      headers: { Accept: "application/x-ndjson" },
    });

    const lines = (await response.text()).trimEnd().split("\n");
    const numbers = lines.map((line) => (JSON.parse(line) as { record: number }).record);
    expect(numbers).toEqual(Array.from({ length: 1201 }, (_, index) => index + 1));
    expect(await csvOf(id, "rejected")).toBe(csv);
  });

  test("say why rows were rejected when the file is gone, and nothing of the others", async () => {
    const id = await createdId();
    await api.runner.finish(id);
    const { body: job } = await api.call(`/v1/jobs/${id}`);
    await api.service.deleteFile(String(job["file"]));

    const rejected = await pageOf(id, "outcome=rejected");
    const others = await api.call(`/v1/jobs/${id}/records?outcome=written`);
    const csv = await api.call(`/v1/jobs/${id}/records?outcome=rejected&format=csv`);

    expect(rejected).toMatchObject({ header: [], items: [{ record: 1, fields: null }, {}, {}] });
    expect(others).toMatchObject({ status: 409, body: { code: "source_changed" } });
    expect(csv).toMatchObject({ status: 409, body: { code: "source_changed" } });
  });

  test.each([
    ["outcome=all", "?outcome"],
    ["format=xml", "?format"],
    ["cursor=7", "?cursor"],
    ["limit=201", "?limit"],
    ["after=3", "?after"],
  ])("are refused for %s", async (query, pointer) => {
    expect(await api.call(`/v1/jobs/${await createdId()}/records?${query}`)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  });

  test("are not found without the job", async () => {
    const path = "/v1/jobs/job_01m84qvwcgffer2s6r76fqcz25/records";

    expect(await api.call(path)).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});

describe("a client that takes its time", () => {
  test("is not read ahead of, and ends the reading when it leaves", async () => {
    const id = await createdId(`id,age\n${"1,2\n".repeat(150_000)}`);
    const response = await api.app.request(`/v1/jobs/${id}/records?outcome=unprocessed&format=csv`);
    const reader = response.body?.getReader();

    const first = await reader?.read();
    const second = await reader?.read();
    await reader?.cancel();

    expect(Buffer.from(first?.value ?? []).toString()).toBe("id,age\n");
    expect(second?.value?.length).toBeLessThan(300_000);
    expect(api.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("is cut off when the job is deleted meanwhile, rather than given less", async () => {
    const id = await createdId(`id,age\n${"1,2\n".repeat(150_000)}1,x\n`);
    await api.runner.finish(id);
    const response = await api.app.request(`/v1/jobs/${id}/records?outcome=written&format=csv`);
    const reader = response.body?.getReader();
    await reader?.read();

    await api.service.deleteJob(id);

    const rest = async (): Promise<void> => {
      while ((await reader?.read())?.done === false);
    };
    await expect(rest()).rejects.toMatchObject({ code: "not_found" });
    expect(api.log.at(-1)).toMatchObject({ message: "a list of records broke off" });
  });
});
