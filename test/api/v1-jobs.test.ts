import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { jobListSchema } from "../../src/api/schemas/job-request.ts";
import { jobSchema } from "../../src/api/schemas/job.ts";
import { openApiFixture, type ApiAnswer, type ApiFixture } from "./api-fixture.ts";

const CSV = "id,age\n" + Array.from({ length: 100 }, (_, i) => `${i + 1},${i}\n`).join("");
const NO_JOB = "job_01m84qvwcgffer2s6r76fqcz25";

let api: ApiFixture;
let tableNo = 0;
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

/** Creates a job over `csv` in a new table. */
async function create(extra: Record<string, unknown> = {}, csv = CSV): Promise<ApiAnswer> {
  const file = await api.store(csv);
  return api.post("/v1/jobs", { kind: "import", file, table: `v1_${++tableNo}`, ...extra });
}

async function createdId(extra: Record<string, unknown> = {}, csv = CSV): Promise<string> {
  const { status, body } = await create(extra, csv);
  expect(status).toBe(201);
  return String(body["id"]);
}

describe("POST /v1/jobs", () => {
  test("creates a job and answers it whole", async () => {
    const { status, headers, body } = await create({ columns: { age: "years" }, maxRejected: 5 });

    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/v1/jobs/${String(body["id"])}`);
    expect(jobSchema.parse(body)).toMatchObject({
      kind: "import",
      name: `people.csv → public.v1_${tableNo}`,
      state: "queued",
      table: `public.v1_${tableNo}`,
      mode: "create",
      columns: { age: "years" },
      delivery: "staged",
      maxRejected: 5,
      pauseAfter: null,
      progress: { recordsRead: 0, recordsTotal: null, totalIsEstimate: true, fraction: 0 },
      checkpoint: { recordsRead: 0, at: null },
      actions: ["pause", "stop"],
      undo: { possible: true },
      createdBy: "local",
    });
  });

  test("decides everything and writes nothing with validateOnly", async () => {
    const { status, body } = await create({ validateOnly: true, types: { age: "text" } });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      validateOnly: true,
      table: `public.v1_${tableNo}`,
      columns: [{ column: "id" }, { column: "age", type: "text" }],
    });
    expect((await api.call("/v1/jobs?state=queued")).body["items"]).toEqual([]);
  });

  test("answers the first job when a key comes again, also in parallel", async () => {
    const file = await api.store(CSV);
    const request = { kind: "import", file, table: `v1_${++tableNo}` };
    const headers = { "Idempotency-Key": `key-${tableNo}` };

    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => api.post("/v1/jobs", request, headers)),
    );

    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([
      200, 200, 200, 201,
    ]);
    expect(new Set(answers.map((answer) => answer.body["id"])).size).toBe(1);
  });

  test("refuses another body under a key", async () => {
    const file = await api.store(CSV);
    const headers = { "Idempotency-Key": "key-of-another" };
    await api.post("/v1/jobs", { kind: "import", file, table: `v1_${++tableNo}` }, headers);

    const answer = await api.post("/v1/jobs", { kind: "import", file, table: "other" }, headers);

    expect(answer).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
  });

  test.each(["", "a b", "ü", "x".repeat(256)])("refuses the key %j", async (key) => {
    const answer = await api.post(
      "/v1/jobs",
      { kind: "import", file: await api.store(CSV) },
      { "Idempotency-Key": encodeURI(key) === key ? key : encodeURI(key).replaceAll("%", " ") },
    );

    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "idempotency-key" }] },
    });
  });

  test.each([
    ["state", { state: "succeeded" }, "/state"],
    ["epoch", { epoch: 9 }, "/epoch"],
    ["owner", { owner: "eve" }, "/owner"],
    ["mode", { mode: "merge" }, "/mode"],
    ["a key without columns", { key: [] }, "/key"],
    ["a key of what is no column", { key: ["nr"] }, "/key"],
    ["a nested field", { reading: { lines: 1 } }, "/reading/lines"],
    ["a header with a slash", { columns: { "a/b": 1 } }, "/columns/a~1b"],
  ])("refuses %s and points at it", async (_case, extra, pointer) => {
    const { status, body } = await create(extra);

    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "invalid_request" });
    expect(body["errors"]).toEqual([expect.objectContaining({ pointer })]);
    expect((await api.call("/v1/jobs?state=queued")).body["items"]).toEqual([]);
  });

  test.each([
    ["/v1/jobs?cursor=xx", "?cursor", "Expected the `next` of the page before."],
    ["/v1/jobs?cursor=", "?cursor", "Expected the `next` of the page before."],
    ["/v1/files?cursor=job_01m84qvwcgffer2s6r76fqcz25", "?cursor", "Expected the `next`"],
    ["/v1/jobs?limit=many", "?limit", 'Expected a number, got "many".'],
  ])("answers %s with what was expected there", async (path, pointer, detail) => {
    const { status, body } = await api.call(path);

    expect(status).toBe(422);
    expect(body["errors"]).toEqual([
      expect.objectContaining({ pointer, detail: expect.stringContaining(detail) as string }), // typed as any
    ]);
  });

  test("refuses a prototype in the body", async () => {
    const file = await api.store(CSV);

    const answer = await api.post(
      "/v1/jobs",
      `{"kind":"import","file":"${file}","__proto__":{"startPaused":true}}`,
    );

    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: "/__proto__" }] } });
  });

  test.each([
    ["broken JSON", '{"kind":', "application/json"],
    ["no JSON type", '{"kind":"import"}', "text/plain"],
    ["a form", "kind=import", "application/x-www-form-urlencoded"],
  ])("refuses %s as malformed", async (_case, body, type) => {
    const answer = await api.post("/v1/jobs", body, { "Content-Type": type });

    expect(answer).toMatchObject({ status: 400, body: { code: "malformed_request" } });
  });

  test("refuses a body of more than 1 MiB as too large", async () => {
    const answer = await api.post("/v1/jobs", { kind: "x".repeat(1_100_000) });

    expect(answer).toMatchObject({ status: 413, body: { code: "body_too_large" } });
  });

  test("says that a file does not exist", async () => {
    const answer = await api.post("/v1/jobs", {
      kind: "import",
      file: NO_JOB.replace("job", "file"),
    });

    expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});

describe("GET /v1/jobs", () => {
  test("filters by state and name, in pages, newest first", async () => {
    const first = await createdId({ name: "Spring people" });
    const second = await createdId({ name: "Summer people", startPaused: true });
    await createdId({ name: "Orders" });

    const all = jobListSchema.parse((await api.call("/v1/jobs?q=people&limit=1")).body);
    const next = (await api.call(`/v1/jobs?q=people&limit=1&cursor=${all.next}`)).body;
    const paused = (await api.call("/v1/jobs?state=paused,pausing&kind=import")).body;

    expect(all.items[0]?.id).toBe(second);
    expect(next).toMatchObject({ items: [{ id: first }] });
    expect(paused["items"]).toMatchObject([{ id: second, state: "paused" }]);
  });

  test.each(["state=asleep", "kind=backup", "order=name", "limit=-1"])(
    "refuses the query %s",
    async (query) => {
      expect(await api.call(`/v1/jobs?${query}`)).toMatchObject({
        status: 422,
        body: { code: "invalid_request" },
      });
    },
  );
});

describe("GET /v1/jobs/{jobId}", () => {
  test("shows committed progress and what follows from it", async () => {
    const id = await createdId();
    await api.runner.commit(id, 25);

    const job = jobSchema.parse((await api.call(`/v1/jobs/${id}`)).body);

    expect(job).toMatchObject({
      state: "running",
      phase: "reading",
      progress: { recordsRead: 25, recordsWritten: 25, totalIsEstimate: true },
      checkpoint: { recordsRead: 25, at: expect.stringMatching(/Z$/) },
    });
    expect(job.progress.recordsTotal).toBeGreaterThan(80);
    expect(job.progress.recordsTotal).toBeLessThan(130);
    expect(job.progress.fraction).toBeCloseTo(job.progress.bytesRead / CSV.length, 5);
  });

  test("shows the exact total and the rows at the end", async () => {
    const id = await createdId();
    await api.runner.finish(id);

    expect((await api.call(`/v1/jobs/${id}`)).body).toMatchObject({
      state: "succeeded",
      progress: { recordsTotal: 100, totalIsEstimate: false, fraction: 1, etaSeconds: null },
      result: { rows: "kept", rowsInserted: 100 },
      undo: { possible: true, until: expect.any(String) as string, reason: null },
      actions: ["undo", "rerun"],
    });
  });

  test("answers 304 while nothing has changed, and the job once it has", async () => {
    const id = await createdId();
    const etag = (await api.call(`/v1/jobs/${id}`)).headers.get("etag") ?? "";
    const seen = { headers: { "If-None-Match": etag } };

    expect((await api.call(`/v1/jobs/${id}`, seen)).status).toBe(304);
    await api.runner.commit(id, 1);
    expect((await api.call(`/v1/jobs/${id}`, seen)).status).toBe(200);
  });

  test("waits for a change", async () => {
    const id = await createdId();
    const etag = (await api.call(`/v1/jobs/${id}`)).headers.get("etag") ?? "";

    const waiting = api.call(`/v1/jobs/${id}?wait=30`, { headers: { "If-None-Match": etag } });
    await api.post(`/v1/jobs/${id}/pause`, {});

    expect(await waiting).toMatchObject({ status: 200, body: { state: "paused" } });
  });

  test("does not wait for a job that has ended", async () => {
    const id = await createdId();
    await api.post(`/v1/jobs/${id}/stop`, {});

    const answer = await api.call(`/v1/jobs/${id}?wait=60`);

    expect(answer.body["state"]).toBe("stopped");
  });

  test.each(["-1", "61", "soon"])("does not wait %s seconds", async (wait) => {
    expect((await api.call(`/v1/jobs/${await createdId()}?wait=${wait}`)).status).toBe(422);
  });

  test.each([NO_JOB, "job_x", "last", "file_01m84qvm34fc7rq4ee6xdwhyxw", "%00"])(
    "finds no job %s, whatever is asked of it",
    async (id) => {
      for (const [method, suffix] of [
        ["GET", ""],
        ["DELETE", ""],
        ["POST", "/pause"],
        ["GET", "/timeline"],
        ["GET", "/receipt"],
        ["GET", "/records"],
      ])
        expect(
          await api.call(`/v1/jobs/${id}${suffix}`, { method: method ?? "GET" }),
        ).toMatchObject({
          status: 404,
          body: { code: "not_found" },
        });
    },
  );
});

describe("DELETE /v1/jobs/{jobId}", () => {
  test("forgets an ended job, and no active one", async () => {
    const id = await createdId();
    const early = await api.call(`/v1/jobs/${id}`, { method: "DELETE" });
    await api.post(`/v1/jobs/${id}/stop`, {});
    const late = await api.call(`/v1/jobs/${id}`, { method: "DELETE" });

    expect(early).toMatchObject({ status: 409, body: { state: "queued" } });
    expect(late.status).toBe(204);
    expect((await api.call(`/v1/jobs/${id}`)).status).toBe(404);
  });
});
