import { parse } from "csv-parse/sync";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  receiptSchema,
  rejectedRecordListSchema,
  timelineSchema,
} from "../../src/api/schemas/history.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const CSV = "id,age\n" + Array.from({ length: 100 }, (_, i) => `${i + 1},${i}\n`).join("");
/** Two of three records do not fit an integer column. */
const BAD_CSV = 'id,age\n1,forty\n2,7\n3,"a ""b"", c"\n';

let api: ApiFixture;
let tableNo = 0;
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

/** Creates a job over `csv` in a new table, and returns its id. */
async function createdId(extra: Record<string, unknown> = {}, csv = CSV): Promise<string> {
  const file = await api.store(csv);
  const request = { kind: "import", file, table: `v1_${++tableNo}`, ...extra };
  const { status, body } = await api.post("/v1/jobs", request);
  expect(status).toBe(201);
  return String(body["id"]);
}

async function jobWithRejections(): Promise<string> {
  const id = await createdId({ types: { age: "integer" } }, BAD_CSV);
  await api.runner.finish(id);
  return id;
}

describe("what a job leaves behind", () => {
  test("lists its rejected records as JSON, page by page", async () => {
    const id = await jobWithRejections();

    const first = (await api.call(`/v1/jobs/${id}/records?outcome=rejected&limit=1`)).body;
    const second = (await api.call(`/v1/jobs/${id}/records?limit=1&after=${String(first["next"])}`))
      .body;
    const third = (await api.call(`/v1/jobs/${id}/records?after=${String(second["next"])}`)).body;

    expect(first).toMatchObject({
      items: [
        {
          record: 1,
          line: 2,
          byte: 7,
          column: "age",
          value: "forty",
          code: "invalid_integer",
          raw: "1,forty",
          rawIsTruncated: false,
        },
      ],
      next: "1",
    });
    expect(second).toMatchObject({ items: [{ record: 3 }], next: "3" });
    expect(third).toEqual({ items: [], next: null });
  });

  test("lists them as CSV with quotes where they are needed", async () => {
    const id = await jobWithRejections();

    const response = await api.app.request(`/v1/jobs/${id}/records`, {
      headers: { Accept: "text/csv" },
    });

    expect(response.headers.get("content-type")).toContain("text/csv");
    expect(response.headers.get("content-disposition")).toBe(
      `attachment; filename="${id}-rejected.csv"`,
    );
    const rows = parse(await response.text(), { columns: true, record_delimiter: "\r\n" });
    const { items } = rejectedRecordListSchema.parse(
      (await api.call(`/v1/jobs/${id}/records`)).body,
    );
    expect(rows).toEqual(
      items.map(({ rawIsTruncated: _rawIsTruncated, ...item }) => ({
        ...item,
        record: String(item.record),
        line: String(item.line),
        byte: String(item.byte),
      })),
    );
    expect(rows).toMatchObject([{ raw: "1,forty" }, { value: 'a "b", c', raw: '3,"a ""b"", c"' }]);
  });

  test("lists them as NDJSON", async () => {
    const id = await jobWithRejections();

    const response = await api.app.request(`/v1/jobs/${id}/records?after=1`, {
      headers: { Accept: "application/x-ndjson" },
    });

    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { record: number }).record)).toEqual([3]);
  });

  test("lists more of them than one page of the database holds", async () => {
    const csv = "id\n" + "x\n".repeat(1201);
    const id = await createdId({ types: { id: "integer" } }, csv);
    await api.runner.commit(id, 5000);

    const response = await api.app.request(`/v1/jobs/${id}/records`, {
      headers: { Accept: "text/csv" },
    });

    expect((await response.text()).split("\r\n")).toHaveLength(1 + 1201 + 1);
  });

  test.each(["written", "unprocessed", "all"])("does not list %s records yet", async (outcome) => {
    expect(
      await api.call(`/v1/jobs/${await createdId()}/records?outcome=${outcome}`),
    ).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "?outcome" }] },
    });
  });

  test("has a timeline, whole or after an event", async () => {
    const id = await createdId();
    await api.post(`/v1/jobs/${id}/pause`, { reason: "lunch" });
    await api.post(`/v1/jobs/${id}/stop`, {});

    const whole = timelineSchema.parse((await api.call(`/v1/jobs/${id}/timeline`)).body);
    const firstId = whole.items[0]?.id;
    const rest = timelineSchema.parse(
      (await api.call(`/v1/jobs/${id}/timeline?after=${firstId}`)).body,
    );

    expect(whole.items.map((event) => event.type)).toEqual(
      expect.arrayContaining(["job.paused", "job.stopped"]),
    );
    expect(rest.items).toEqual(whole.items.slice(1));
  });

  test("has a receipt that balances", async () => {
    const id = await jobWithRejections();

    const receipt = receiptSchema.parse((await api.call(`/v1/jobs/${id}/receipt`)).body);

    expect(receipt).toMatchObject({
      job: id,
      state: "succeeded",
      isBalanced: true,
      file: { name: "people.csv", bytes: BAD_CSV.length },
      records: { read: 3, written: 1, rejected: 2, filtered: 0 },
      rows: { inserted: 1, updated: 0, unchanged: 0 },
    });
  });
});
