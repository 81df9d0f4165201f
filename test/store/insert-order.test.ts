/** The order in which staged rows go into tables of different kinds. */
import { afterAll, beforeAll, expect, test } from "vitest";
import pg from "pg";
import { findInsertOrder } from "../../src/store/target/insert-order.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await openTestDatabase({ isEmpty: true });
  client = new pg.Client(database.url);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.[Symbol.asyncDispose]();
});

const BY_FILE = 'order by "#record"';

test.each([
  ["a table without an index", "a int, b text", "", ""],
  ["a primary key", "a int, b text unique, primary key (b, a)", "", 'order by "b", "a"'],
  [
    "a unique key before a plain index",
    "a int, b text unique",
    "create index on t (a)",
    'order by "b"',
  ],
  ["an index that is neither", "a int, b text", "create index on t (a)", 'order by "a"'],
  ["an index over what the file does not hold", "a int, b text, c int unique", "", ""],
  [
    "an index over an expression or some of the rows",
    "a int, b text",
    "create index on t (lower(b)); create index on t (a) where a > 0",
    "",
  ],
  ["an index without an order", "a int, b text", "create index on t using hash (a)", ""],
  [
    "a default that is the same for all",
    "a int primary key, b text, c timestamptz default now(), d int default 7",
    "",
    'order by "a"',
  ],
  ["a number from a sequence", "a int primary key, b text, c serial", "", BY_FILE],
  ["an identity", "a int primary key, b text, c int generated always as identity", "", BY_FILE],
  [
    "a sequence for a column that the file fills",
    "a serial primary key, b text",
    "",
    'order by "a"',
  ],
  [
    "a default by a function of one's own",
    "a int primary key, b text, c int default own()",
    "",
    BY_FILE,
  ],
  [
    "a trigger",
    "a int primary key, b text",
    "create trigger g before insert on t for each row execute function say()",
    BY_FILE,
  ],
])("with %s", async (_, columns, more, expected) => {
  await client.query("begin");
  await client.query(
    `create function own() returns int language sql as 'select 1';
     create function say() returns trigger language plpgsql as 'begin return new; end'`,
  );
  await client.query(`create table t (${columns}); ${more}`);

  const order = await findInsertOrder(client, {
    target: { schema: "public", table: "t" },
    recordColumn: "#record",
    columns: [{ column: "a" }, { column: "b" }],
  });

  await client.query("rollback");
  expect(order).toBe(expected);
});
