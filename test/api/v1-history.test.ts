import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { receiptSchema, timelineSchema } from "../../src/api/schemas/history.ts";
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
