/**
 * Rows of a table, written as CSV, imported into a table of the same types, and read again: nothing has changed. The
 * column `a` has a type that only the server reads: without it the rows are sent in the binary format.
 */
import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ImportPartReader } from "../../src/kinds/import/part-reader.ts";
import { importPlanner } from "../../src/kinds/import/import-planner.ts";
import { ChunkMessage } from "../../src/store/chunk-message.ts";
import { copyPayload } from "../../src/store/copy-payload.ts";
import { quoteName } from "../../src/store/sql.ts";
import { describeTable } from "../../src/store/target/describe.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

const COLUMNS = `i integer, b bigint, n numeric, p numeric(8,3), f double precision, o boolean, d date, t timestamp,
  z timestamptz, m time, u uuid, j jsonb, e mood, v varchar(5), x text, a text[]`;

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ isEmpty: true });
  await database.pool.query(
    `create type mood as enum ('sad', 'ok', 'a,"b"'); create table target (${COLUMNS})`,
  );
});
afterAll(() => database?.[Symbol.asyncDispose]());

const storable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);
const time = fc
  .date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, -1));
const text = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.stringMatching(/^[",\\\r\n\t ;|N.]{0,6}$/),
  )
  .filter(storable);
const json = fc
  .json()
  .filter((value) => storable(value) && !value.includes("\\u") && !/e[+-]?\d/i.test(value));

/** The text of each cell as PostgreSQL writes it for the same value; null for no value. */
const row = fc.tuple(
  ...[
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(String),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fc.stringMatching(/^-?[1-9]\d{0,30}(\.\d{1,20})?$/),
    fc.stringMatching(/^-?[1-9]\d{0,4}(\.\d{0,2}[1-9])?$/),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.boolean().map(String),
    time.map((value) => value.slice(0, 10)),
    time,
    time.map((value) => `${value}Z`),
    time.map((value) => value.slice(11)),
    fc.uuid(),
    json,
    fc.constantFrom("sad", "ok", 'a,"b"'),
    fc
      .string({ unit: "grapheme", maxLength: 5 })
      .filter((value) => storable(value) && Array.from(value).length <= 5),
    text,
    fc.constantFrom("{}", "{a,b}", '{"x,y",NULL}'),
  ].map((each) => fc.option(each, { freq: 6 })),
);

/** A cell that reading gives back: nothing for null, in quotes where it must be, and the empty string always. */
function cell(value: string | null): string {
  if (value === null) return "";
  return value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

async function importRows(client: pg.PoolClient, csv: string): Promise<string> {
  const bytes = new TextEncoder().encode(csv);
  const files = memoryFiles(bytes);
  const file = { id: "f", name: "f", bytes: bytes.length, sha256: "", createdAt: new Date(0) };
  const target = { schema: "public", table: "target" };
  const targetTable = await describeTable(database.pool, target);
  const plan = importPlanner.plan({
    request: { kind: "import", file: "f", mode: "append" },
    file,
    ...(await importPlanner.readSample(files, file, { reading: {}, isMeasured: true })),
    target,
    targetTable,
    staging: "s",
  });
  const { start } = plan;
  const part = {
    jobId: "j",
    partNo: 1,
    firstByte: start.byte,
    endByte: bytes.length,
    nextByte: start.byte,
    nextRecord: 1,
    nextLine: start.line,
  };
  const source = await files.open("f", { start: start.byte, end: bytes.length });
  const reader = new ImportPartReader(plan, part, source);
  await client.query(`create temp table staged ("#record" bigint, ${COLUMNS}) on commit drop`);
  for (;;) {
    const chunk = await reader.next({ sourceBytes: 4096, records: 7 });
    if (chunk === null) break;
    expect(chunk.rejections.map(({ message, column }) => `${column}: ${message}`)).toEqual([]);
    const message = new ChunkMessage(
      `copy staged (${reader.copyColumns.map(quoteName).join(", ")}) from stdin (format ${reader.format})`,
      [copyPayload(reader.format, chunk.rows.slice())],
    );
    client.query(message);
    await message.done;
  }
  await reader.close();
  return reader.format;
}

test.each(["text", "binary"])(
  "rows written as CSV and imported as %s are the rows",
  async (format) => {
    const targetTable = await describeTable(database.pool, { schema: "public", table: "target" });
    if (targetTable === null) throw new Error("the table is there");
    const names = targetTable.columns.map(({ name }) => name);
    const same = names.map((name) => `t.${name} is not distinct from w.${name}`);

    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (rows) => {
        const width = format === "binary" ? names.length - 1 : names.length;
        const lines = rows.map((cells) => cells.slice(0, width).map(cell).join(","));
        // A record of one empty column would be a blank line; these have fifteen or more.
        const csv = `${names.slice(0, width).join(",")}\n${lines.join("\n")}\n`;
        const client = await database.pool.connect();
        try {
          await client.query("begin");
          expect(await importRows(client, csv)).toBe(format);
          await client.query(`create temp table wanted (n_ bigint, ${COLUMNS}) on commit drop`);
          for (const [index, cells] of rows.entries())
            await client.query(
              `insert into wanted values ($1, ${cells.map((_, at) => `$${at + 2}`).join(", ")})`,
              [index + 1, ...cells.map((value, at) => (at < width ? value : null))],
            );
          const { rows: found } = await client.query<{ n: number; changed: number }>(
            `select count(*)::int as n, count(*) filter (where not (${same.join(" and ")}))::int as changed
            from wanted w join staged t on t."#record" = w.n_`,
          );
          expect(found[0]).toEqual({ n: rows.length, changed: 0 });
        } finally {
          await client.query("rollback");
          client.release();
        }
      }),
      { numRuns: 60 },
    );
  },
);
