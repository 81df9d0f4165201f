import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openApiFixture, type ApiAnswer, type ApiFixture } from "./api-fixture.ts";

const MAX_BYTES = 100_000;
const CSV = "id,zip\n1,02139\n2,94110\n3,02139\n";
const TUS = { "Tus-Resumable": "1.0.0" };
const PIECE = { ...TUS, "Content-Type": "application/offset+octet-stream" };

let api: ApiFixture;
beforeAll(async () => {
  api = await openApiFixture({ maxUploadBytes: MAX_BYTES });
});
afterEach(async () => {
  await api.clear();
  const { rows } = await api.database.pool.query<{ id: string }>(
    "select id from sluice.upload where finished_at is null",
  );
  for (const { id } of rows) await api.service.uploads.end(id);
  await api.database.pool.query("delete from sluice.upload");
});
afterAll(() => api?.dispose());

const nameHeader = (name: string) => ({
  "Upload-Metadata": `filename ${Buffer.from(name).toString("base64")}`,
});

async function begin(headers: Record<string, string>, body?: string): Promise<ApiAnswer> {
  return api.call("/v1/uploads", {
    method: "POST",
    headers: { ...TUS, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

async function beginPeople(): Promise<string> {
  const { headers } = await begin({
    "Upload-Length": String(CSV.length),
    ...nameHeader("people.csv"),
  });
  return String(headers.get("location"));
}

const send = (path: string, offset: number, body: string | ReadableStream): Promise<ApiAnswer> =>
  api.call(path, {
    method: "PATCH",
    headers: { ...PIECE, "Upload-Offset": String(offset) },
    body,
    ...(typeof body === "string" ? {} : { duplex: "half" }),
  });

const ask = (path: string) => api.call(path, { method: "HEAD", headers: TUS });
const idOf = (path: string): string => path.slice("/v1/uploads/".length);

describe("/v1/uploads", () => {
  test("takes pieces and ends as a file of the same id", async () => {
    const path = await beginPeople();

    const first = await send(path, 0, CSV.slice(0, 10));
    const between = await ask(path);
    const last = await send(path, 10, CSV.slice(10));

    expect([first.status, first.headers.get("upload-offset")]).toEqual([204, "10"]);
    expect(first.headers.get("upload-expires")).toMatch(/GMT$/);
    expect(Object.fromEntries(between.headers)).toMatchObject({
      "upload-offset": "10",
      "upload-length": String(CSV.length),
      "tus-resumable": "1.0.0",
      "cache-control": "no-store",
    });
    expect([last.status, last.headers.get("upload-offset")]).toEqual([204, String(CSV.length)]);
    expect((await api.call(`/v1/files/${idOf(path)}`)).body).toMatchObject({
      id: idOf(path),
      name: "people.csv",
      bytes: CSV.length,
      sha256: createHash("sha256").update(CSV).digest("hex"),
    });
    expect(await readdir(api.pathOf("uploads"))).toEqual([]);
  });

  test("takes the first piece with the beginning, and a length that comes later", async () => {
    const { status, headers } = await begin(
      { "Upload-Defer-Length": "1", "Content-Type": PIECE["Content-Type"] },
      CSV.slice(0, 5),
    );
    const path = String(headers.get("location"));
    const deferred = await ask(path);
    const last = await api.call(path, {
      method: "PATCH",
      headers: { ...PIECE, "Upload-Offset": "5", "Upload-Length": String(CSV.length) },
      body: CSV.slice(5),
    });

    expect([status, headers.get("upload-offset")]).toEqual([201, "5"]);
    expect(deferred.headers.get("upload-defer-length")).toBe("1");
    expect(last.status).toBe(204);
    expect((await api.call(`/v1/files/${idOf(path)}`)).body).toMatchObject({
      bytes: CSV.length,
      name: "upload.csv",
    });
  });

  test("an upload of nothing is a file at once", async () => {
    const { headers } = await begin({ "Upload-Length": "0", ...nameHeader("empty.csv") });

    const file = await api.call(`/v1/files/${idOf(String(headers.get("location")))}`);
    expect(file.body).toMatchObject({ bytes: 0, name: "empty.csv" });
  });

  test("keeps what came of a piece that broke off", async () => {
    const path = await beginPeople();
    const broken = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from(CSV.slice(0, 12))),
      pull: (controller) => controller.error(new Error("the cable was cut")),
    });

    await send(path, 0, broken);
    const { headers } = await ask(path);
    await send(path, Number(headers.get("upload-offset")), CSV.slice(12));

    expect(headers.get("upload-offset")).toBe("12");
    expect((await api.call(`/v1/files/${idOf(path)}`)).body).toMatchObject({
      sha256: createHash("sha256").update(CSV).digest("hex"),
    });
  });

  test("refuses a piece at another offset, and takes nothing of it", async () => {
    const path = await beginPeople();
    await send(path, 0, CSV.slice(0, 10));

    const answer = await send(path, 5, CSV.slice(5));

    expect(answer).toMatchObject({ status: 409, body: { code: "upload_offset_mismatch" } });
    expect(answer.headers.get("tus-resumable")).toBe("1.0.0");
    expect((await ask(path)).headers.get("upload-offset")).toBe("10");
  });

  test("of two pieces at once one is taken, the other told to ask again", async () => {
    const path = await beginPeople();

    const answers = await Promise.all([
      send(path, 0, CSV.slice(0, 10)),
      send(path, 0, CSV.slice(0, 10)),
    ]);

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204, 409]));
    expect((await ask(path)).headers.get("upload-offset")).toBe("10");
  });

  test.each([
    ["a length over the limit", { "Upload-Length": String(MAX_BYTES + 1) }, 413, "file_too_large"],
    ["no length", {}, 400, "malformed_request"],
    ["a length that is no number", { "Upload-Length": "many" }, 400, "malformed_request"],
    ["packed pieces", { "Content-Encoding": "gzip" }, 400, "malformed_request"],
  ])("refuses %s", async (_name, headers, status, code) => {
    expect(await begin(headers)).toMatchObject({ status, body: { code } });
  });

  test("stops a piece that is longer than was said", async () => {
    const path = await beginPeople();

    const answer = await send(path, 0, `${CSV}and more`);

    expect(answer).toMatchObject({ status: 413, body: { code: "file_too_large" } });
  });

  test("refuses who does not speak the protocol, and GET", async () => {
    const path = await beginPeople();

    expect(await api.call(path, { method: "PATCH" })).toMatchObject({
      status: 412,
      body: { code: "upload_protocol" },
    });
    expect(await api.call(path)).toMatchObject({
      status: 405,
      body: { code: "method_not_allowed" },
    });
  });

  test("says what it can, and nothing to pages of other origins", async () => {
    const { status, headers } = await api.call("/v1/uploads", { method: "OPTIONS" });

    expect(status).toBe(204);
    expect(headers.get("tus-version")).toBe("1.0.0");
    expect(headers.get("tus-max-size")).toBe(String(MAX_BYTES));
    expect(headers.get("tus-extension")).toContain("termination");
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("an upload that was given up is gone with its bytes", async () => {
    const path = await beginPeople();
    await send(path, 0, CSV.slice(0, 10));

    const { status } = await api.call(path, { method: "DELETE", headers: TUS });

    expect(status).toBe(204);
    expect((await ask(path)).status).toBe(404);
    expect(await send(path, 10, CSV.slice(10))).toMatchObject({ status: 404 });
    expect(await readdir(api.pathOf("uploads"))).toEqual([]);
  });

  test("an upload that is a file is not given up, and gone with its file", async () => {
    const path = await beginPeople();
    await send(path, 0, CSV);

    const refused = await api.call(path, { method: "DELETE", headers: TUS });
    const whole = await ask(path);
    await api.call(`/v1/files/${idOf(path)}`, { method: "DELETE" });

    expect(refused.status).toBe(400);
    expect(whole.headers.get("upload-offset")).toBe(String(CSV.length));
    expect((await ask(path)).status).toBe(404);
  });

  test("nobody goes on with an upload that has expired, and its bytes are removed", async () => {
    const old = await beginPeople();
    await send(old, 0, CSV.slice(0, 10));
    const done = await beginPeople();
    await send(done, 0, CSV);
    const fresh = await beginPeople();
    await api.database.pool.query(
      "update sluice.upload set seen_at = seen_at - interval '4 days' where id = any($1)",
      [[idOf(old), idOf(done)]],
    );

    const expired = await ask(old);
    await api.service.uploads.clean();

    expect(expired.status).toBe(404);
    expect((await ask(fresh)).status).toBe(200);
    const { rows } = await api.database.pool.query("select id from sluice.upload");
    expect(rows).toEqual([{ id: idOf(fresh) }]);
    expect(await readdir(api.pathOf("uploads"))).toEqual([]);
    expect((await api.call(`/v1/files/${idOf(done)}`)).status).toBe(200);
  });
});
