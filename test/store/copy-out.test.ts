/** COPY TO past the driver: every byte once and in order, at the pace of who takes them, and a connection that stays of use. */
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRunnerClient } from "../../src/store/connect.ts";
import { CopyOut } from "../../src/store/copy-out.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await openTestDatabase();
  client = await openRunnerClient(database.url);
});
afterAll(async () => {
  await client?.end();
  await database?.[Symbol.asyncDispose]();
});

const ROWS = "select n, repeat(chr(97 + n % 26), n * 37 % 5000) from generate_series(1, 3000) n";

async function copied(
  query: string,
  options: { readonly lineEnd?: "lf" | "crlf"; readonly waitMs?: number } = {},
): Promise<{ readonly rows: number; readonly text: string }> {
  const blocks: Buffer[] = [];
  const copy = new CopyOut(
    `copy (${query}) to stdout with (format csv)`,
    (block) => {
      blocks.push(Buffer.from(block));
      return options.waitMs === undefined ? undefined : delay(options.waitMs);
    },
    options.lineEnd,
  );
  client.query(copy);
  return { rows: await copy.done, text: Buffer.concat(blocks).toString() };
}

const expected = (lineEnd: string): string =>
  Array.from({ length: 3000 }, (_, at) => {
    const n = at + 1;
    return `${n},${(n * 37) % 5000 === 0 ? '""' : String.fromCharCode(97 + (n % 26)).repeat((n * 37) % 5000)}${lineEnd}`;
  }).join("");

test.each([
  ["lf", "\n"],
  ["crlf", "\r\n"],
] as const)("every row comes once and in order, ended by %s", async (lineEnd, text) => {
  const result = await copied(ROWS, { lineEnd });

  expect(result.rows).toBe(3000);
  expect(result.text === expected(text)).toBe(true);
});

test("a receiver that makes it wait gets the same", async () => {
  expect((await copied(ROWS, { waitMs: 5 })).text === expected("\n")).toBe(true);
});

test("rows larger than a block come whole", async () => {
  const { text } = await copied("select repeat('x', 3000000) union all select 'end'");

  expect(text === `${"x".repeat(3_000_000)}\nend\n`).toBe(true);
});

test("an error of the server in the middle is told, and the connection stays of use", async () => {
  await expect(copied("select 1 / (500 - n) from generate_series(1, 1000) n")).rejects.toThrow(
    "division by zero",
  );

  expect((await copied("select 1")).text).toBe("1\n");
  expect((await client.query<{ two: number }>("select 2 as two")).rows).toEqual([{ two: 2 }]);
});

test("an error of the receiver is told when the rest is read, and the connection stays of use", async () => {
  const copy = new CopyOut(`copy (${ROWS}) to stdout`, () => Promise.reject(new Error("full")));
  client.query(copy);

  await expect(copy.done).rejects.toThrow("full");
  expect((await copied("select 1")).text).toBe("1\n");
});

test("queries that follow each other at once do not mix", async () => {
  const results = await Promise.all([
    copied("select 'a'"),
    client.query<{ b: string }>("select 'b' as b"),
    copied("select 'c'"),
  ]);

  expect(results[0].text).toBe("a\n");
  expect(results[1].rows).toEqual([{ b: "b" }]);
  expect(results[2].text).toBe("c\n");
});
