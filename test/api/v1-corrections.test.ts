import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { correctedListSchema, correctionCountsSchema } from "../../src/api/schemas/correction.ts";
import { rejectedRecordSchema, type RejectedRecordView } from "../../src/api/schemas/record.ts";
import { problemSchema } from "../../src/api/schemas/problem.ts";
import { openApiFixture, type ApiAnswer, type ApiFixture } from "./api-fixture.ts";
import { recordCalls } from "./record-calls.ts";

let api: ApiFixture;
let tableNo = 0;
const { pageOf } = recordCalls(() => api);
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

const CSV =
  'id;name;born\n1;"Ada; Lovelace";9.5.1887\n2;Grace;10.12.1906\nx;Jean\n4;"Joan" Clarke;24.6.1917\n';

/** Imports a file with three records that do not fit, and returns the id of the job. */
async function endedId(csv: string | Uint8Array = CSV, extra: object = {}): Promise<string> {
  const file = await api.store(csv);
  const { status, body } = await api.post("/v1/jobs", {
    kind: "import",
    file,
    table: `corrected_${++tableNo}`,
    types: { id: "integer", born: "date" },
    reading: { delimiter: ";", dateFormats: { born: "DD.MM.YYYY" }, nullValues: ["-"] },
    ...extra,
  });
  expect(status).toBe(201);
  await api.runner.finish(String(body["id"]));
  return String(body["id"]);
}

const put = (path: string, body: unknown): Promise<ApiAnswer> =>
  api.call(path, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

async function corrected(
  id: string,
  record: number,
  values: unknown,
): Promise<NonNullable<RejectedRecordView["correction"]>> {
  const { status, body } = await put(`/v1/jobs/${id}/records/${record}`, { values });
  expect(status).toBe(200);
  const { correction } = rejectedRecordSchema.parse(body);
  if (correction === null) throw new Error("there is a correction");
  return correction;
}

describe("a correction", () => {
  test("names the columns that change, and leaves the others as they are written", async () => {
    const id = await endedId();

    const first = await corrected(id, 1, { born: "09.05.1887" });

    expect(first).toMatchObject({
      fits: true,
      fields: ["1", "Ada; Lovelace", "09.05.1887"],
      code: null,
      by: "local",
    });
    const { items } = await pageOf(id, "outcome=rejected");
    expect(items[0]).toMatchObject({
      fields: ["1", "Ada; Lovelace", "9.5.1887"],
      code: "invalid_date",
      correction: { fits: true, fields: ["1", "Ada; Lovelace", "09.05.1887"] },
      retriedBy: null,
    });
    expect(items[1]).toMatchObject({ correction: null });
  });

  test("gives a list of all fields where there are too few, or where they cannot be told apart", async () => {
    const id = await endedId();

    const tooFew = await corrected(id, 3, ["3", "Jean", null]);
    const byHeader = await corrected(id, 3, { "#3": "27.12.1924", id: "3" });
    const broken = await corrected(id, 4, ["4", "Joan Clarke", "24.06.1917"]);
    const refused = await put(`/v1/jobs/${id}/records/4`, { values: { id: "4" } });

    expect(tooFew).toMatchObject({ fits: true, fields: ["3", "Jean", null] });
    expect(byHeader).toMatchObject({ fits: true, fields: ["3", "Jean", "27.12.1924"] });
    expect(broken).toMatchObject({ fits: true, fields: ["4", "Joan Clarke", "24.06.1917"] });
    expect(problemSchema.parse(refused.body)).toMatchObject({
      status: 422,
      errors: [{ pointer: "/values" }],
    });
  });

  test("that does not fit is kept, with code, column and reason", async () => {
    const id = await endedId();

    const wrong = await corrected(id, 3, ["four", "Jean", null]);
    const tooMany = await corrected(id, 1, ["1", "a", "b", "c"]);

    expect(wrong).toMatchObject({
      fits: false,
      code: "invalid_integer",
      field: 0,
      column: "id",
      value: "four",
      message: '"four" is not a whole number',
    });
    expect(tooMany).toMatchObject({ fits: false, code: "too_many_fields", column: null });
    const counts = correctionCountsSchema.parse(
      (await api.call(`/v1/jobs/${id}/corrections`)).body,
    );
    expect(counts).toEqual({ recordsOpen: 3, recordsCorrected: 2, recordsFitting: 0 });
  });

  test("tells no value, the empty text and words for no value apart", async () => {
    const id = await endedId();

    const nothing = await corrected(id, 1, ["-", null, ""]);
    const text = await corrected(id, 3, ["3", "", null]);

    expect(nothing).toMatchObject({ fields: [null, null, ""] });
    expect(text).toMatchObject({ fields: ["3", "", null], fits: true });
    // A list that is sent back as it came changes nothing.
    expect(await corrected(id, 3, text.fields)).toMatchObject({ fields: text.fields });
  });

  test("of a file in another encoding is read as text, and bytes that are none stay so", async () => {
    const csv = Buffer.from("id;name;born\nx;K\u00e4the;-\n", "latin1");
    const id = await endedId(csv, {
      reading: { delimiter: ";", encoding: "windows-1252", nullValues: ["-"] },
    });

    const fitting = await corrected(id, 1, { id: "1", name: "Zoë \u20ac" });
    const kept = await corrected(id, 1, { id: "1" });

    expect(fitting).toMatchObject({ fits: true, fields: ["1", "Zoë €", null] });
    expect(kept).toMatchObject({ fits: true, fields: ["1", "Käthe", null] });
  });

  test("is taken back, one or all", async () => {
    const id = await endedId();
    const items = [1, 3].map((record) => ({ record, values: { id: `${record}` } }));
    const many = await put(`/v1/jobs/${id}/records`, { items });

    const one = await api.call(`/v1/jobs/${id}/records/1`, { method: "DELETE" });
    const left = (await pageOf(id, "outcome=rejected")).items;
    const all = await api.call(`/v1/jobs/${id}/corrections`, { method: "DELETE" });

    expect(correctedListSchema.parse(many.body).items.map(({ record }) => record)).toEqual([1, 3]);
    expect([one.status, all.status]).toEqual([204, 204]);
    expect(left.map((item) => "correction" in item && item.correction !== null)).toEqual([
      false,
      true,
      false,
    ]);
    const counts = await api.call(`/v1/jobs/${id}/corrections`);
    expect(counts.body).toMatchObject({ recordsCorrected: 0 });
  });

  test("is refused for a record that was not rejected, for other columns and for what is no correction", async () => {
    const id = await endedId();

    const answers = await Promise.all([
      put(`/v1/jobs/${id}/records/2`, { values: {} }),
      put(`/v1/jobs/${id}/records/1`, { values: { age: "4" } }),
      put(`/v1/jobs/${id}/records/1`, { values: { id: 4 } }),
      put(`/v1/jobs/${id}/records/1`, { values: { id: "a\0b" } }),
      put(`/v1/jobs/${id}/records/1`, {}),
      put(`/v1/jobs/${id}/records`, { items: [] }),
      put(`/v1/jobs/${id}/records/1`, { values: { id: "x".repeat(1024 * 1024) } }),
      api.call(`/v1/jobs/${id}/records/2`, { method: "DELETE" }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([404, 422, 422, 422, 422, 422, 413, 404]);
  });

  test("goes with its job", async () => {
    const id = await endedId();
    await corrected(id, 1, { born: null });

    await api.call(`/v1/jobs/${id}`, { method: "DELETE" });

    const { rows } = await api.database.pool.query(
      "select from sluice.correction where job_id = $1",
      [id],
    );
    expect(rows).toEqual([]);
  });
});
