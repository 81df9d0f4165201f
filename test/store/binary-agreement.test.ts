/**
 * What the server reads from the binary format is what it reads from the text of the same value, over random values of
 * every type on a real server; and what it refuses of a text, it refuses of the binary form too.
 */
import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PlannedColumn } from "../../src/core/import-plan.ts";
import { CopyBinaryEncoder } from "../../src/csv/copy-binary.ts";
import { OutputBuffer } from "../../src/csv/output-buffer.ts";
import { RecordScanner } from "../../src/csv/record-scanner.ts";
import { readCatalogType } from "../../src/csv/sql-type.ts";
import { ChunkMessage } from "../../src/store/chunk-message.ts";
import { copyPayload } from "../../src/store/copy-payload.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { isStorable, TYPE_CASES } from "../support/type-cases.ts";

const DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ isEmpty: true });
  await database.pool.query(`
    create extension if not exists citext;
    create type mood as enum ('sad', 'ok', 'a,"b"', 'é');
    create domain price as numeric(7,2) check (value > 0);
    create domain label as varchar(3);
    create domain feeling as mood;
    create function read_value(probe text, value text) returns text language plpgsql as $$
    declare found text;
    begin
      execute format('insert into %I values (0, %L) returning c::text', probe, value) into found;
      return found;
    exception when others then return null;
    end $$`);
});
afterAll(() => database?.[Symbol.asyncDispose]());

/** More than the middle between two numbers of four bytes has. */
const MANY_DIGITS = 90;
const double = new DataView(new ArrayBuffer(8));
/** A decimal at, or by a little above or below, the middle between two numbers of four bytes. */
const middles = fc
  .tuple(fc.integer({ min: 1, max: 0x7f7f_fffe }), fc.constantFrom("", "1", "cut"))
  .map(([bits, more]) => {
    double.setInt32(0, bits);
    const low = double.getFloat32(0);
    double.setInt32(0, bits + 1);
    const middle = (low + double.getFloat32(0)) / 2;
    const [size = "", power = "0"] = middle.toExponential(MANY_DIGITS).split("e");
    return more === "cut" ? `${size.slice(0, 30)}e${power}` : `${size}${more}e${power}`;
  });
const jsonText = fc.oneof(
  fc.json(),
  fc.constantFrom('"\\u0000"', '"\\ud800"', "1e400", " [1 , 2]\n", "1.50", '{"a":1,"a":2}', "-0"),
);
const bytea = fc.oneof(
  fc.stringMatching(/^\\x([0-9a-fA-F]{2}[ \n\t\r]?){0,6}$/),
  fc.stringMatching(/^(\\\\|\\[0-3][0-7]{2}|[a-z é]){0,6}$/),
  fc.stringMatching(/^\\?x?[0-9a-g\\ ]{0,6}$/),
  fc.constantFrom(
    "\\",
    "\\400",
    "\\12",
    "\\x1",
    "\\x 12",
    "\\x1 2",
    "\\\\x12",
    "\\X12",
    "\\x",
    "é",
  ),
);

interface BinaryCase {
  readonly sqlType: string;
  readonly checkedAs?: string;
  readonly labels?: readonly string[];
  readonly values: fc.Arbitrary<string>;
}

const LABELS = ["sad", "ok", 'a,"b"', "é"];
const CASES: readonly BinaryCase[] = [
  ...TYPE_CASES,
  { sqlType: "real", values: middles },
  { sqlType: "numeric", values: fc.stringMatching(/^-?0{0,5}[0-9]{1,30}0{0,9}(\.[0-9]{0,30})?$/) },
  {
    sqlType: "numeric",
    values: fc.stringMatching(/^[0-9]{0,3}\.0{0,9}[0-9]{1,9}e[+-]?[0-9]{1,2}$/),
  },
  {
    sqlType: "double precision",
    values: fc.stringMatching(/^-?[0-9]{1,18}\.[0-9]{1,8}(e-?[0-9]{1,3})?$/),
  },
  { sqlType: "jsonb", values: jsonText },
  { sqlType: "json", values: jsonText },
  { sqlType: "bytea", values: bytea },
  { sqlType: "citext", values: fc.string({ unit: "grapheme", maxLength: 6 }).filter(isStorable) },
  { sqlType: "mood", labels: LABELS, values: fc.constantFrom(...LABELS, "OK", "glad") },
  { sqlType: "feeling", labels: LABELS, values: fc.constantFrom(...LABELS, "OK", "glad") },
  {
    sqlType: "price",
    checkedAs: "numeric(7,2)",
    values: fc.constantFrom("1", "-1", "0", "1.25", "1.255", "99999.99", "100000"),
  },
  {
    sqlType: "label",
    checkedAs: "character varying(3)",
    values: fc.constantFrom("a", "abc", "abcd", "日本語", "   ", "a  "),
  },
];

/** A column `c` of a case. */
function columnOf({ sqlType, checkedAs, labels }: BinaryCase): PlannedColumn {
  const { type } = readCatalogType(checkedAs ?? sqlType);
  const rest = {
    ...(checkedAs === undefined ? {} : { checkedAs }),
    ...(labels === undefined ? {} : { labels }),
  };
  const names = { field: 0, header: "c", column: "c" };
  return { ...names, type, sqlType, isRequired: false, reason: "test", ...rest };
}

/** The row of each value that the encoder takes, in its own list; null for one that it refuses. */
function encodeEach(each: BinaryCase, values: readonly string[]): (Uint8Array | null)[] {
  const encoder = new CopyBinaryEncoder([columnOf(each)], DIALECT.escape);
  const limits = { maxFieldBytes: 1e6, maxRecordBytes: 1e6, maxFields: 2 };
  const scanner = new RecordScanner({ dialect: DIALECT, ...limits });
  return values.map((value, index) => {
    const into = new OutputBuffer();
    const bytes = new TextEncoder().encode(`"${value.replaceAll('"', '""')}"`);
    scanner.scan(bytes, 0, bytes.length, true);
    const code = encoder.encode(bytes, scanner.found, index, into);
    expect(into.length).toBeLessThanOrEqual(encoder.maxRowBytes(scanner.found));
    return code === null ? into.written : null;
  });
}

async function copyRows(client: pg.PoolClient, rows: readonly Uint8Array[]): Promise<void> {
  const payload = copyPayload("binary", Buffer.concat(rows));
  const message = new ChunkMessage("copy binary_probe from stdin (format binary)", [payload]);
  client.query(message);
  await message.done;
}

describe("the binary format says what the text does, for", () => {
  test.each(CASES)("$sqlType", async (each) => {
    const seed = Number(process.env["SLUICE_SEED"] ?? Date.now() % 1_000_000);
    const values = [...new Set(fc.sample(each.values, { numRuns: 1500, seed }))].filter(
      (value) => value !== "",
    );
    const client = await database.pool.connect();
    try {
      await client.query("set time zone utc");
      const hasType = await client
        .query(
          `drop table if exists probe, binary_probe; create table probe (n bigint, c ${each.sqlType});
          create table binary_probe (n bigint, c ${each.sqlType})`,
        )
        .then(() => true)
        .catch(() => false);
      // PostgreSQL 14 knows no scale below 0 or above the precision.
      expect(hasType || each.sqlType.startsWith("numeric(3,")).toBe(true);
      if (!hasType) return;
      const { rows: texts } = await client.query<{ value: string; read: string | null }>(
        "select v as value, read_value('probe', v) as read from unnest($1::text[]) with ordinality as u(v, n) order by n",
        [values],
      );
      const encoded = encodeEach(each, values);

      const taken = encoded.flatMap((row, at) =>
        row === null || texts[at]?.read == null ? [] : [{ row, at, read: texts[at].read }],
      );
      await copyRows(
        client,
        taken.map(({ row }) => row),
      );
      const { rows: found } = await client.query<{ n: number; c: string }>(
        "select n::int, c::text from binary_probe order by n",
      );
      const wrong = taken.flatMap(({ at, read }, index) =>
        found[index]?.n === at && found[index].c === read
          ? []
          : [{ value: values[at], read, found: found[index]?.c }],
      );
      expect({ seed, wrong }).toEqual({ seed, wrong: [] });
      expect(taken.length).toBeGreaterThan(1);

      const refused = encoded.flatMap((row, at) =>
        row !== null && texts[at]?.read == null ? [{ row, value: values[at] }] : [],
      );
      for (const { row, value } of refused)
        await expect(copyRows(client, [row]), `${seed}: ${value}`).rejects.toThrow();
    } finally {
      client.release();
    }
  });
});
