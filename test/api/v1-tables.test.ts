import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

let api: ApiFixture;
beforeAll(async () => {
  api = await openApiFixture();
  await api.database.pool.query(`
    create table people (id bigint primary key, name text not null, born date, notes jsonb);
    insert into people select n, 'Ada ' || n, '1990-01-01' from generate_series(1, 1000) n;
    create view adults as select id, born from people where born < '2008-01-01';
    create table spread (id int, day date) partition by range (day);
    create table spread_1 partition of spread for values from ('2026-01-01') to ('2027-01-01');
    create schema other; create table other."my.table" (n int);
    create table other.fresh (n int); insert into other.fresh select generate_series(1, 500);
    analyze people;`);
});
afterAll(() => api?.dispose());

const names = (body: Record<string, unknown>): readonly string[] =>
  (body["items"] as readonly { table: string }[]).map(({ table }) => table); // the route's schema

describe("GET /v1/tables", () => {
  test("lists what can be read, in the order of names, partitions under their table", async () => {
    const { status, body } = await api.call("/v1/tables");

    expect(status).toBe(200);
    expect(names(body)).toEqual([
      "other.fresh",
      'other."my.table"',
      "public.adults",
      "public.people",
      "public.spread",
    ]);
    expect(body["items"]).toContainEqual({
      table: "public.people",
      kind: "table",
      rows: 1000,
      bytes: expect.any(Number),
    });
    expect(body["items"]).toContainEqual({
      table: "public.adults",
      kind: "view",
      rows: null,
      bytes: 0,
    });
  });

  test("comes in pages", async () => {
    const first = await api.call("/v1/tables?limit=2");
    const cursor = encodeURIComponent(String(first.body["next"]));
    const second = await api.call(`/v1/tables?limit=200&cursor=${cursor}`);

    expect(names(first.body)).toEqual(["other.fresh", 'other."my.table"']);
    expect(names(second.body)).toEqual(["public.adults", "public.people", "public.spread"]);
    expect(second.body["next"]).toBeNull();
  });

  test("refuses a cursor that no page has given", async () => {
    expect(await api.call("/v1/tables?cursor=people")).toMatchObject({
      status: 422,
      body: { code: "invalid_request" },
    });
  });
});

describe("GET /v1/tables/{table}", () => {
  test("shows columns, key and about how many rows", async () => {
    const { status, body } = await api.call("/v1/tables/people");

    expect(status).toBe(200);
    expect(body).toEqual({
      table: "public.people",
      kind: "table",
      rows: 1000,
      bytes: expect.any(Number),
      columns: [
        { name: "id", sqlType: "bigint", isNullable: false, writtenAs: "number" },
        { name: "name", sqlType: "text", isNullable: false, writtenAs: "text" },
        { name: "born", sqlType: "date", isNullable: true, writtenAs: "time" },
        { name: "notes", sqlType: "jsonb", isNullable: true, writtenAs: "json" },
      ],
      key: ["id"],
      uniqueKeys: [["id"]],
      lastExportRows: null,
    });
  });

  test("counts by pages where there are no statistics, and what a view reads", async () => {
    const fresh = await api.call("/v1/tables/other.fresh");
    const view = await api.call("/v1/tables/adults");

    expect(fresh.body["rows"]).toBeGreaterThan(100);
    expect(view.body).toMatchObject({ rows: 1000, kind: "view", key: null });
  });

  test("takes a name with a point in quotes", async () => {
    const { body } = await api.call(`/v1/tables/${encodeURIComponent('other."my.table"')}`);

    expect(body).toMatchObject({ table: 'other."my.table"', columns: [{ name: "n" }] });
  });

  test.each([
    ["nowhere", 404, "not_found"],
    ["sluice.job", 422, "invalid_request"],
    ["pg_catalog.pg_class", 422, "invalid_request"],
  ])("refuses %s", async (name, status, code) => {
    expect(await api.call(`/v1/tables/${name}`)).toMatchObject({ status, body: { code } });
  });
});
