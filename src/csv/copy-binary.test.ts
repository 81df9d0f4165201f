import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBinaryRows } from "../../test/support/binary-rows.ts";
import type { PlannedColumn } from "../core/import-plan.ts";
import { CopyBinaryEncoder } from "./copy-binary.ts";
import { CopyTextEncoder } from "./copy-text.ts";
import { OutputBuffer } from "./output-buffer.ts";
import { RecordScanner } from "./record-scanner.ts";
import { makeRowEncoder, type RowEncoder } from "./row-encoder.ts";
import { readCatalogType } from "./sql-type.ts";

const DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };

function columnsOf(sqlTypes: readonly string[], rest: Partial<PlannedColumn> = {}) {
  return sqlTypes.map((sqlType, field): PlannedColumn => {
    const name = `c${field}`;
    const { type } = readCatalogType(sqlType);
    const names = { field, header: name, column: name };
    return { ...names, type, sqlType, isRequired: false, reason: "test", ...rest };
  });
}

/** What an encoder makes of each record: its row, or the code and the column of what is wrong. */
function encodeAll(encoder: RowEncoder, records: readonly string[]) {
  const limits = { maxFieldBytes: 1e9, maxRecordBytes: 1e9, maxFields: 10 };
  const scanner = new RecordScanner({ dialect: DIALECT, ...limits });
  const out = new OutputBuffer();
  return records.map((record, index) => {
    const bytes = new TextEncoder().encode(record);
    scanner.scan(bytes, 0, bytes.length, true);
    const start = out.length;
    const code = encoder.encode(bytes, scanner.found, index + 1, out);
    expect(out.length - start).toBeLessThanOrEqual(encoder.maxRowBytes(scanner.found));
    if (code !== null) {
      expect(out.length).toBe(start);
      return { code, column: encoder.problemColumn };
    }
    return { row: out.written.slice(start) };
  });
}

/** The one cell of one value, in hexadecimal; the code when it is refused. */
function cellOf(sqlType: string, value: string): string | null {
  const encoder = new CopyBinaryEncoder(columnsOf([sqlType]), DIALECT.escape);
  const [made] = encodeAll(encoder, [value]);
  if (made?.row === undefined) return made?.code ?? null;
  return readBinaryRows(made.row)[0]?.[1]?.toString("hex") ?? null;
}

const TYPES = [
  "smallint",
  "integer",
  "bigint",
  "real",
  "double precision",
  "numeric",
  "numeric(5,2)",
  "boolean",
  "date",
  "time",
  "timestamp",
  "timestamptz",
  "uuid",
  "text",
  "character varying(3)",
  "json",
  "jsonb",
];

describe("CopyBinaryEncoder", () => {
  it("writes the record's number, then length and bytes of each value", () => {
    const encoder = new CopyBinaryEncoder(columnsOf(["integer", "text", "text"]), DIALECT.escape);
    const [made] = encodeAll(encoder, ['-2,,"a""b"']);

    expect(Buffer.from(made?.row ?? []).toString("hex")).toBe(
      ["0004", "00000008", "0000000000000001", "00000004", "fffffffe", "ffffffff"].join("") +
        ["00000003", "612262"].join(""),
    );
  });

  it.each([
    ["smallint", "-32768", "8000"],
    ["bigint", "9223372036854775807", "7fffffffffffffff"],
    ["bigint", "-9223372036854775808", "8000000000000000"],
    ["bigint", "-4294967296", "ffffffff00000000"],
    ["bigint", "+0000000000000000000000012", "000000000000000c"],
    ["real", "16777217.0000000001", "4b800001"], // rounded twice it would be 4b800000
    ["real", "1e39", "out_of_range"],
    ["double precision", "-0", "8000000000000000"],
    ["double precision", "0.1", "3fb999999999999a"],
    ["double precision", "-Infinity", "fff0000000000000"],
    ["numeric", "12345.670", "0003000100000003000109291a2c"],
    ["numeric", "-1e-9", "0001fffd4000000903e8"],
    ["numeric", "NaN", "00000000c0000000"],
    ["numeric", "-Infinity", "00000000f0000000"],
    ["numeric", "0.00", "0000000000000002"],
    ["numeric(5,2)", "1.239", "too_precise"],
    ["boolean", "Yes", "01"],
    ["boolean", "off", "00"],
    ["date", "2000-01-01", "00000000"],
    ["date", "0001-01-01", "fff4dbf9"],
    ["time", "00:00:01.5", "000000000016e360"],
    ["timestamp", "1999-12-31T23:59:59.999999", "ffffffffffffffff"],
    ["timestamptz", "2000-01-01T01:00:00+01:00", "0000000000000000"],
    ["uuid", "A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc999c0b4ef8bb6d6bb9bd380a11"],
    ["text", "é", "c3a9"],
    ["json", "[1]", "5b315d"],
    ["jsonb", "[1]", "015b315d"],
    ["bytea", "\\x00fF", "00ff"],
    ["bytea", "a\\001\\\\", "61015c"],
    ["bytea", "\\x0", "invalid_value"],
  ])("writes %s of %j as %s", (sqlType, value, expected) => {
    expect(cellOf(sqlType, value)).toBe(expected);
  });

  it("takes and refuses what the text format does, for the same reasons", () => {
    const cell = fc.oneof(
      fc.constantFrom("", '""', "1", "-1", "0.5", "1e3", "1e40", "NaN", "32768", "true", "n"),
      fc.constantFrom("2026-02-28", "2026-02-30", "09:30", "2026-02-28T09:30:00", "abcd", "1.239"),
      fc.constantFrom("2026-02-28 09:30:00.5Z", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "é"),
      fc.constantFrom('"[1,2]"', '"{""a"":1}"', '"a""b"', "a\0b", "[1", '"a\nb"', "\\N"),
    );
    const record = fc.array(cell, { minLength: 3, maxLength: 3 }).map((cells) => cells.join(","));
    const table = fc.array(fc.constantFrom(...TYPES), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(table, fc.boolean(), fc.array(record), (sqlTypes, isRequired, records) => {
        const columns = columnsOf(sqlTypes, { isRequired });
        const text = encodeAll(new CopyTextEncoder(columns, DIALECT.escape), records);
        const binary = encodeAll(new CopyBinaryEncoder(columns, DIALECT.escape), records);

        const problems = (all: typeof text) =>
          all.map(({ row, ...rest }) => row === undefined && rest);
        expect(problems(binary)).toEqual(problems(text));
      }),
      { numRuns: 500 },
    );
  });

  it("takes values that are spelled otherwise", () => {
    const columns = [
      ...columnsOf(["numeric"], { spelling: { decimal: ",", group: "." } }),
      ...columnsOf(["integer", "date"], { spelling: { dateFormat: "DD.MM.YYYY" } }).slice(1),
    ];
    const [taken, refused] = encodeAll(new CopyBinaryEncoder(columns, DIALECT.escape), [
      '"1.234,5",01.01.2000',
      '"1.23,4",2000-01-01',
    ]);

    expect(readBinaryRows(taken?.row ?? new Uint8Array(0))[0]?.slice(1)).toEqual([
      Buffer.from("000200000000000104d21388", "hex"),
      Buffer.from("00000000", "hex"),
    ]);
    expect(refused).toEqual({ code: "invalid_number", column: 0 });
  });
});

describe("the format of a table", () => {
  it.each([
    [["integer", "text", "bytea", "name", "public.citext"], "binary"],
    [["integer", "inet"], "text"],
    [["text[]"], "text"],
    [['"char"'], "text"],
    [["interval"], "text"],
  ])("of %j is %s", (sqlTypes, format) => {
    expect(makeRowEncoder(columnsOf(sqlTypes), DIALECT.escape).format).toBe(format);
  });

  it("is text for a type of that name that is no text", () => {
    expect(makeRowEncoder(columnsOf(["citext"], { isText: false }), DIALECT.escape).format).toBe(
      "text",
    );
  });
});
