/** `PATCH /v1/jobs/{jobId}`, and the speed in the bodies that create jobs. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { timelineSchema } from "../../src/api/schemas/history.ts";
import { openApiFixture, type ApiAnswer, type ApiFixture } from "./api-fixture.ts";

const CSV = "id,age\n" + Array.from({ length: 100 }, (_, i) => `${i + 1},${i}\n`).join("");

let api: ApiFixture;
let tableNo = 0;
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

async function created(extra: Record<string, unknown> = {}): Promise<ApiAnswer> {
  const file = await api.store(CSV);
  return api.post("/v1/jobs", { kind: "import", file, table: `speed_${++tableNo}`, ...extra });
}

async function createdId(extra: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await created(extra);
  expect(status).toBe(201);
  return String(body["id"]);
}

function change(id: string, body: unknown, headers: Record<string, string> = {}) {
  return api.call(`/v1/jobs/${id}`, {
    method: "PATCH",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function changes(id: string) {
  const timeline = timelineSchema.parse((await api.call(`/v1/jobs/${id}/timeline`)).body);
  return timeline.items
    .filter(({ type }) => type === "job.speed_changed" || type === "job.renamed")
    .map(({ type, by, details }) => ({ type, by, ...details }));
}

describe("the speed of a job", () => {
  test("is what its creation says, and full when it says nothing", async () => {
    const { body: full } = await created();
    const { body: slow } = await created({ maxRecordsPerSecond: 5_000 });
    const { body: none } = await created({ maxRecordsPerSecond: null });

    const speeds = [full, slow, none].map((body) => body["maxRecordsPerSecond"]);
    expect(speeds).toEqual([null, 5_000, null]);
  });

  test.each([0, 10_000_001, 1.5, "5000"])("cannot be %s", async (maxRecordsPerSecond) => {
    expect((await created({ maxRecordsPerSecond })).body).toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/maxRecordsPerSecond" }],
    });
  });

  test("changes, with a line in the history and another ETag", async () => {
    const id = await createdId({ startPaused: true });
    const before = await api.call(`/v1/jobs/${id}`);

    const { status, body, headers } = await change(id, { maxRecordsPerSecond: 5_000 });
    await change(id, { maxRecordsPerSecond: 5_000 });
    await change(id, { maxRecordsPerSecond: null });

    expect({ status, speed: body["maxRecordsPerSecond"] }).toEqual({ status: 200, speed: 5_000 });
    expect(headers.get("etag")).not.toBe(before.headers.get("etag"));
    expect(body["stateReason"]).toEqual(before.body["stateReason"]);
    expect(await changes(id)).toEqual([
      { type: "job.speed_changed", by: "local", from: null, to: 5_000 },
      { type: "job.speed_changed", by: "local", from: 5_000, to: null },
    ]);
  });

  test("is refused for a job that is over", async () => {
    const id = await createdId();
    await api.post(`/v1/jobs/${id}/stop`, {});

    expect(await change(id, { maxRecordsPerSecond: 1 })).toMatchObject({
      status: 409,
      body: { code: "transition_not_allowed", state: "stopped" },
    });
  });

  test("of a repeated request with its key is the same job, whatever has changed since", async () => {
    const file = await api.store(CSV);
    const request = { kind: "import", file, table: `speed_${++tableNo}`, maxRecordsPerSecond: 9 };
    const key = { "idempotency-key": "speed" };
    const { body: first } = await api.post("/v1/jobs", request, key);
    await change(String(first["id"]), { maxRecordsPerSecond: 7, name: "another" });

    const { status, body } = await api.post("/v1/jobs", request, key);

    expect(status).toBe(200);
    expect(body).toMatchObject({ id: first["id"], maxRecordsPerSecond: 7, name: "another" });
  });

  test("of a rerun is the one that was set last, unless it is corrected", async () => {
    const id = await createdId({ maxRecordsPerSecond: 9 });
    await change(id, { maxRecordsPerSecond: 7 });
    await api.post(`/v1/jobs/${id}/stop`, {});

    const bodies = [
      {},
      { table: `speed_${++tableNo}`, maxRecordsPerSecond: 5 },
      { table: `speed_${++tableNo}`, maxRecordsPerSecond: null },
    ];
    const speeds = [];
    for (const corrections of bodies)
      speeds.push(
        (await api.post(`/v1/jobs/${id}/rerun`, corrections)).body["maxRecordsPerSecond"],
      );

    expect(speeds).toEqual([7, 5, null]);
  });
});

describe("the name of a job", () => {
  test("changes, and is found in lists", async () => {
    const id = await createdId();

    expect((await change(id, { name: "Payroll May" })).body["name"]).toBe("Payroll May");

    const { body: list } = await api.call("/v1/jobs?q=payroll");
    expect(list["items"]).toMatchObject([{ id, name: "Payroll May" }]);
    expect(await changes(id)).toMatchObject([{ type: "job.renamed", to: "Payroll May" }]);
  });

  test("changes also when the job is over", async () => {
    const id = await createdId();
    await api.post(`/v1/jobs/${id}/stop`, {});

    expect(await change(id, { name: "Wrong file" })).toMatchObject({
      status: 200,
      body: { name: "Wrong file", state: "stopped" },
    });
  });
});

describe("a change of a job", () => {
  test("takes no other field", async () => {
    const id = await createdId();

    expect(await change(id, { maxRejected: 3 })).toMatchObject({
      status: 422,
      body: { code: "invalid_request", errors: [{ pointer: "/maxRejected" }] },
    });
    expect((await change("job_01m84qvwcgffer2s6r76fqcz25", { name: "x" })).status).toBe(404);
  });

  test("with If-Match needs the version that was seen, however far the job has come", async () => {
    const id = await createdId();
    const seen = (await api.call(`/v1/jobs/${id}`)).headers.get("etag") ?? "";
    await change(id, { name: "first" });

    const stale = await change(id, { name: "second" }, { "if-match": seen });

    expect(stale).toMatchObject({ status: 412, body: { code: "version_conflict" } });
    const now = (await api.call(`/v1/jobs/${id}`)).headers.get("etag") ?? "";
    const further = now.replace(/\d+"$/, '123"');
    expect((await change(id, { name: "third" }, { "if-match": further })).status).toBe(200);
    expect((await change(id, { name: "fourth" }, { "if-match": "*" })).status).toBe(200);
    expect((await change(id, { name: "fifth" }, { "if-match": '"x"' })).status).toBe(412);
  });
});
