import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/api/create-app.ts";
import type { JobService } from "../../src/core/job-service.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const MAX_BYTES = 100_000;
const CSV = "id,zip\n1,02139\n2,94110\n3,02139\n";
const NO_FILE = "file_01m84qvm34fc7rq4ee6xdwhyxw";

let api: ApiFixture;
beforeAll(async () => {
  api = await openApiFixture({ maxUploadBytes: MAX_BYTES });
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

const put = (name: string, body: string, headers: Record<string, string> = {}) =>
  api.call(`/v1/files/${encodeURIComponent(name)}`, { method: "PUT", body, headers });

describe("PUT /v1/files/{name}", () => {
  test("stores the body as it is", async () => {
    const { status, headers, body } = await put("people.csv", CSV);

    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/v1/files/${String(body["id"])}`);
    expect(body).toEqual({
      id: expect.stringMatching(/^file_[0-9a-hjkmnp-tv-z]{26}$/),
      name: "people.csv",
      bytes: CSV.length,
      sha256: createHash("sha256").update(CSV).digest("hex"),
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await api.listStored()).toEqual([body["id"]]);
  });

  test.each([
    ["../../etc/passwd", "passwd"],
    ["a\u0000b\r\nc.csv", "abc.csv"],
    ["C:\\data\\people.csv", "people.csv"],
    ["\u202Evsc.exe", "vsc.exe"],
    ["übung – 表.csv", "übung – 表.csv"],
    ["x".repeat(300), "x".repeat(255)],
  ])("keeps the name %j as %j, which is only shown", async (sent, kept) => {
    const { status, body } = await put(sent, CSV);

    expect({ status, name: body["name"] }).toEqual({ status: 201, name: kept });
    expect(await api.listStored()).toEqual([body["id"]]);
  });

  test("undoes Content-Encoding gzip on arrival", async () => {
    const headers = { "Content-Encoding": "gzip" };
    const body = gzipSync(CSV);
    const answer = await api.call("/v1/files/people.csv", { method: "PUT", body, headers });

    expect(answer).toMatchObject({
      status: 201,
      body: { bytes: CSV.length, sha256: createHash("sha256").update(CSV).digest("hex") },
    });
  });

  test("refuses a gzip body that is cut or none, and keeps nothing of it", async () => {
    const headers = { "Content-Encoding": "gzip" };
    for (const body of [gzipSync(CSV).subarray(0, 20), Buffer.from(CSV)]) {
      const answer = await api.call("/v1/files/people.csv", { method: "PUT", body, headers });
      expect(answer).toMatchObject({ status: 422, body: { code: "inflate_failed" } });
    }
    expect(await api.listStored()).toEqual([]);
  });

  test("stops a gzip body that swells to more than a file may have", async () => {
    const headers = { "Content-Encoding": "gzip" };
    const body = gzipSync("x".repeat(MAX_BYTES + 1));
    const answer = await api.call("/v1/files/people.csv", { method: "PUT", body, headers });

    expect(answer).toMatchObject({ status: 413, body: { code: "file_too_large" } });
    expect(await api.listStored()).toEqual([]);
  });

  test.each(["x-gzip", "br", "deflate, gzip"])("refuses Content-Encoding %s", async (encoding) => {
    const answer = await put("people.csv", CSV, { "Content-Encoding": encoding });

    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_format" } });
    expect(await api.listStored()).toEqual([]);
  });

  test("refuses more than the limit, whatever was announced", async () => {
    const announced = await put("big.csv", "x", { "Content-Length": "10000000000000" });
    const sent = await put("big.csv", "x".repeat(MAX_BYTES + 1));

    for (const answer of [announced, sent])
      expect(answer).toMatchObject({ status: 413, body: { code: "file_too_large" } });
    expect(await api.listStored()).toEqual([]);
  });

  test("answers a path that cannot be decoded without an error of its own", async () => {
    const { status } = await api.call("/v1/files/%E0%A4%A", { method: "PUT", body: CSV });

    expect(status).toBeLessThan(500);
  });
});

describe("POST /v1/files", () => {
  test("stores the file of a form", async () => {
    const form = new FormData();
    form.set("file", new Blob([CSV]), "people.csv");

    const answer = await api.call("/v1/files", { method: "POST", body: form });

    expect(answer).toMatchObject({ status: 201, body: { name: "people.csv", bytes: CSV.length } });
  });

  test("refuses a form without the file", async () => {
    const form = new FormData();
    form.set("attachment", new Blob([CSV]), "people.csv");

    const answer = await api.call("/v1/files", { method: "POST", body: form });

    expect(answer).toMatchObject({
      status: 422,
      body: { code: "invalid_request", errors: [{ pointer: "/file", code: "required" }] },
    });
    expect(await api.listStored()).toEqual([]);
  });
});

describe("stored files", () => {
  test("are listed, newest first, page by page", async () => {
    const ids = [];
    for (const name of ["a", "b", "c"]) ids.unshift((await put(name, CSV)).body["id"]);

    const first = (await api.call("/v1/files?limit=2")).body;
    const second = (await api.call(`/v1/files?limit=2&cursor=${String(first["next"])}`)).body;

    const items = [first, second].flatMap((page) => page["items"] as { id: string }[]);
    expect(items.map((item) => item.id)).toEqual(ids);
    expect(second["next"]).toBeNull();
  });

  test.each([
    ["limit=0", "?limit"],
    ["limit=201", "?limit"],
    ["limit=many", "?limit"],
    ["size=10", "?size"],
  ])("are not listed with the query %s", async (query, pointer) => {
    const { status, body } = await api.call(`/v1/files?${query}`);

    expect(status).toBe(422);
    expect(body["errors"]).toEqual([expect.objectContaining({ pointer })]);
  });

  test("are shown and deleted by id", async () => {
    const { body } = await put("people.csv", CSV);
    const path = `/v1/files/${String(body["id"])}`;

    expect((await api.call(path)).body).toEqual(body);
    expect((await api.call(path, { method: "DELETE" })).status).toBe(204);
    expect(await api.call(path)).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect(await api.listStored()).toEqual([]);
  });

  test.each([
    NO_FILE,
    "file_01M84QVM34FC7RQ4EE6XDWHYXW",
    "job_01m84qvm34fc7rq4ee6xdwhyxw",
    "..%2F..%2Fetc",
    "1%27%20or%201=1",
  ])("are not found by the id %s", async (id) => {
    for (const method of ["GET", "DELETE"])
      expect(await api.call(`/v1/files/${id}`, { method })).toMatchObject({
        status: 404,
        body: { code: "not_found", type: "/docs/errors/not_found" },
      });
  });

  test("that a job needs are not deleted", async () => {
    const id = await api.store(CSV);
    await api.service.createJob({ kind: "import", file: id, table: "needs_file" }, { by: "test" });

    const answer = await api.call(`/v1/files/${id}`, { method: "DELETE" });

    expect(answer).toMatchObject({ status: 409, body: { code: "file_in_use" } });
  });
});

describe("POST /v1/files/{fileId}/inspect", () => {
  test("tells dialect, columns with reasons and examples, and a sample", async () => {
    const id = await api.store(CSV);

    const { status, body } = await api.call(`/v1/files/${id}/inspect`, { method: "POST" });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      file: id,
      bytes: CSV.length,
      reading: { delimiter: ",", quote: '"', escape: '"', encoding: "utf-8", firstRecordLine: 2 },
      sample: [
        ["1", "02139"],
        ["2", "94110"],
        ["3", "02139"],
      ],
    });
    expect(body["columns"]).toMatchObject([
      { header: "id", column: "id", examples: ["1", "2", "3"] },
      { header: "zip", column: "zip", type: "text", examples: ["02139", "94110"] },
    ]);
  });

  test("looks with other eyes when asked to", async () => {
    const id = await api.store("a;b\n1;2\n");

    const { body } = await api.call(`/v1/files/${id}/inspect`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ reading: { delimiter: "," }, types: { "a;b": "text" } }),
    });

    expect(body).toMatchObject({ reading: { delimiter: "," }, columns: [{ header: "a;b" }] });
  });

  test.each([
    ["its body is not wanted", (response: Response) => response.body?.cancel()],
    ["its client is gone", (response: Response) => response.text().catch(() => "")],
  ])("ends the reading before the first line when %s", async (_what, leave) => {
    const id = await api.store(CSV);
    const gone = new AbortController();
    let isOpen = false;
    const inspectFile: JobService["inspectFile"] = async function* (...asked) {
      isOpen = true;
      try {
        yield* api.service.inspectFile(...asked);
      } finally {
        isOpen = false;
      }
    };
    const app = createApp({
      service: { ...api.service, inspectFile },
      tokens: api.tokens,
      webhooks: api.webhooks,
      judgeUrl: () => null,
      access: { kind: "loopback" },
      info: { version: "1.2.3" },
      log: () => undefined,
    });
    const headers = { Accept: "application/x-ndjson" };
    const asked = { method: "POST", headers, signal: gone.signal };

    const response = await app.request(`/v1/files/${id}/inspect`, asked);
    const wasOpen = isOpen;
    gone.abort();
    await leave(response);

    expect({ wasOpen, isOpen }).toEqual({ wasOpen: true, isOpen: false });
  });
});
