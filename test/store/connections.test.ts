import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool } from "../../src/store/connect.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.[Symbol.asyncDispose]());

test("a connection of a pool that the server ends between two statements of a transaction fails the next statement, not the process", async () => {
  const pool = openPool(database.url, "sluice test", 1);
  const client = await pool.connect();
  await client.query("begin");
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const ended = new Promise<void>((resolve) => client.once("end", resolve));

  await database.pool.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
  await ended;

  await expect(client.query("select 1")).rejects.toThrow(/not queryable|terminated/);
  client.release(true);
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await pool.end();
});
