import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import { runReadOnlyQuery, streamReadOnlyQuery, type QueryResult } from "./read-only-query.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool.query("create table public.airport (code text, lat numeric)");
  await database.pool.query("insert into public.airport values ('LAS', 36.0800), (null, 'NaN')");
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

test("values are PostgreSQL's own text, in order, under their columns", async () => {
  const query =
    "select code, lat, true as flag, timestamptz '2001-01-01 00:01Z' as at from public.airport";

  expect(await runReadOnlyQuery(database.url, query)).toEqual({
    columns: ["code", "lat", "flag", "at"],
    rows: [
      ["LAS", "36.0800", "t", "2001-01-01 00:01:00+00"],
      [null, "NaN", "t", "2001-01-01 00:01:00+00"],
    ],
  });
});

test("a large result comes in pages, and no further than it is wanted", async () => {
  const all: QueryResult[] = [];
  const some: QueryResult[] = [];
  const query = "/* n */ select n from generate_series(1, 200000) n -- all";

  await streamReadOnlyQuery(database.url, query, (page) => Promise.resolve(all.push(page) > 0));
  await streamReadOnlyQuery(database.url, query, (page) => Promise.resolve(some.push(page) < 2));

  expect(all.flatMap((page) => page.rows)).toHaveLength(200_000);
  expect(Math.max(...all.map((page) => page.rows.length))).toBe(1000);
  expect(some).toHaveLength(2);
});

test.each([
  ["select 1 as a where false;", { columns: ["a"], rows: [] }],
  ["values (1), (2)", { columns: ["column1"], rows: [["1"], ["2"]] }],
  ["(select 1 as a)", { columns: ["a"], rows: [["1"]] }],
  ["show timezone", { columns: ["TimeZone"], rows: [["UTC"]] }],
])("%s is answered", async (query, result) => {
  expect(await runReadOnlyQuery(database.url, query)).toEqual(result);
});

test.each([
  [
    "insert into public.airport values ('X', 1)",
    "cannot execute INSERT in a read-only transaction",
  ],
  ["create table public.more (a int)", "cannot execute CREATE TABLE"],
  ["select 1; drop table public.airport", "multiple commands"],
  ["selec 1", "syntax error"],
  ["select * from public.nowhere", "does not exist"],
])("%s is refused: %s", async (query, message) => {
  await expect(runReadOnlyQuery(database.url, query)).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining(message) as string, // vitest types its matchers as any
  });
});

test("the transaction cannot be made to write from within", async () => {
  for (const query of ["commit", "set transaction read write", "rollback"])
    await runReadOnlyQuery(database.url, query);

  await expect(
    runReadOnlyQuery(
      database.url,
      "with on_ as (select set_config('transaction_read_only', 'off', true)) select * from on_",
    ),
  ).rejects.toMatchObject({ code: "invalid_request" });
  const { rows } = await runReadOnlyQuery(database.url, "select count(*) from public.airport");
  expect(rows).toEqual([["2"]]);
});

test("a database that does not answer is told as such", async () => {
  await expect(
    runReadOnlyQuery("postgres://nobody@127.0.0.1:1/nothing", "select 1"),
  ).rejects.toMatchObject({ code: "database_unreachable" });
});
