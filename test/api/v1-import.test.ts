import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const CSV = "id,age\n1,40\n";

let api: ApiFixture;
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

const importBody = (path: string, body: string) => api.call(path, { method: "PUT", body });

describe("PUT /v1/import/{table}", () => {
  test("stores the body and starts importing it", async () => {
    const { status, headers, body } = await importBody("/v1/import/public.direct?mode=create", CSV);

    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/v1/jobs/${String(body["id"])}`);
    expect(body).toMatchObject({ table: "public.direct", mode: "create", state: "queued" });
    expect(await api.listStored()).toEqual([body["file"]]);
  });

  test("takes the key of a new table", async () => {
    const { status, body } = await importBody("/v1/import/keyed?key=id", CSV);

    expect(status).toBe(201);
    expect(body).toMatchObject({ table: "public.keyed", key: ["id"] });
  });

  test("takes types of columns, and a speed", async () => {
    const csv = "zip,price,day\n1,2,3\n";
    const query = "types=zip=text,price=numeric(10,2)&types=day=text&maxRecordsPerSecond=500";

    const twice = await importBody(`/v1/import/typed?${query}`, csv);
    const { status, body } = await importBody(
      `/v1/import/typed?${query.replace("&types=day=text", "")}`,
      csv,
    );

    expect(twice).toMatchObject({ status: 422, body: { code: "invalid_request" } });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      types: { zip: "text", price: "numeric(10,2)" },
      maxRecordsPerSecond: 500,
    });
  });

  test.each([
    ["a table that does not exist", "/v1/import/nowhere?mode=append", 422, "table_not_found"],
    ["a schema that does not exist", "/v1/import/nowhere.people", 422, "schema_not_found"],
    ["a mode that is not offered", "/v1/import/people?mode=merge", 422, "invalid_request"],
    ["skipping in a new table", "/v1/import/people?onConflict=skip", 422, "invalid_request"],
    ["an upsert of no table", "/v1/import/nowhere?mode=upsert&key=id", 422, "table_not_found"],
    ["a pair that is no type", "/v1/import/people?types=zip", 422, "invalid_request"],
    ["a type that is not known", "/v1/import/people?types=id=nothing", 422, "invalid_request"],
    ["a column that is not there", "/v1/import/people?types=nothing=text", 422, "invalid_request"],
    ["a speed of none", "/v1/import/people?maxRecordsPerSecond=0", 422, "invalid_request"],
    [
      "a speed that is no number",
      "/v1/import/people?maxRecordsPerSecond=1/s",
      422,
      "invalid_request",
    ],
    ["a key that is no column", "/v1/import/people?key=nothing", 422, "invalid_request"],
  ])("refuses %s and keeps no file", async (_case, path, status, code) => {
    expect(await importBody(path, CSV)).toMatchObject({ status, body: { code } });
    expect(await api.listStored()).toEqual([]);
  });

  test.each(["view", "materialized view"])("says that the target is a %s", async (kind) => {
    const name = `a_${kind.replace(" ", "_")}`;
    await api.database.pool.query(`create ${kind} public.${name} as select 1 as id`);

    const answer = await importBody(`/v1/import/${name}?mode=append`, CSV);

    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: "not_a_table",
        detail: `Expected a table to append to, but public.${name} is a ${kind}.`,
      },
    });
  });

  test("refuses an empty body and keeps no file", async () => {
    expect(await importBody("/v1/import/people", "")).toMatchObject({
      status: 422,
      body: { code: "empty_file" },
    });
    expect(await api.listStored()).toEqual([]);
  });
});
