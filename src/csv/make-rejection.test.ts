import { describe, expect, it } from "vitest";
import type { Rejection, RejectionCode } from "../core/rejection.ts";
import {
  checkRecord,
  rejectBroken,
  rejectValue,
  type PlacedRecord,
  type RecordRules,
} from "./make-rejection.ts";
import { RecordScanner } from "./record-scanner.ts";
import { readCatalogType } from "./sql-type.ts";

const DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };
const ORIGIN = { byte: 912_030, record: 41, line: 57 };

function rulesFor(sqlType: string): RecordRules {
  const { type } = readCatalogType(sqlType);
  const columns = ["a", "b"].map((column, field) => ({
    field,
    header: column,
    column,
    type,
    sqlType,
    isRequired: false,
    reason: "test",
  }));
  return { dialect: DIALECT, encoding: "utf-8", width: 2, maxFieldBytes: 1_048_576, columns };
}

function placed(record: string | Uint8Array, maxFieldBytes = 1_048_576): PlacedRecord {
  const bytes = typeof record === "string" ? new TextEncoder().encode(record) : record;
  const scanner = new RecordScanner({
    dialect: DIALECT,
    maxFieldBytes,
    maxRecordBytes: 1e9,
    maxFields: 3,
  });
  scanner.scan(bytes, 0, bytes.length, true);
  const text = {
    offsetOf: (index: number) => ORIGIN.byte + index,
    sourceByteAt: (index: number) => bytes[index] ?? 0,
  };
  return { bytes, found: scanner.found, origin: ORIGIN, text };
}

function reject(code: RejectionCode, sqlType: string, record: string): Rejection {
  const rules = rulesFor(sqlType);
  const [column] = rules.columns;
  if (column === undefined) throw new Error("the rules have two columns");
  return rejectValue(placed(record), rules, column, code);
}

describe("checkRecord", () => {
  it("passes a record of the right width in UTF-8", () => {
    expect(checkRecord(placed("é,b"), rulesFor("text"))).toBeNull();
  });

  it("tells both widths", () => {
    expect(checkRecord(placed("a"), rulesFor("text"))).toMatchObject({
      code: "too_few_fields",
      message: "1 field, 2 expected",
      column: null,
    });
    expect(checkRecord(placed("a,b,c,d"), rulesFor("text"))).toMatchObject({
      code: "too_many_fields",
      message: "4 fields, 2 expected",
    });
  });

  it("tells the byte that is not UTF-8, its offset in the file and its column", () => {
    const record = placed(new Uint8Array([0x61, 0x2c, 0x78, 0xff, 0x0a]));

    expect(checkRecord(record, rulesFor("text"))).toMatchObject({
      code: "invalid_encoding",
      message: "byte FF at 912,033 is not UTF-8",
      column: "b",
      raw: new Uint8Array([0x61, 0x2c, 0x78, 0xff]),
    });
  });

  it("tells which field is too long", () => {
    const record = placed(`x,${"y".repeat(20)}`, 10);

    expect(checkRecord(record, { ...rulesFor("text"), maxFieldBytes: 10 })).toMatchObject({
      code: "field_too_large",
      message: "field 2 is longer than 10 bytes",
      column: "b",
    });
  });
});

describe("rejectBroken", () => {
  it("names the field and keeps the raw text", () => {
    expect(rejectBroken(placed('1,"a"b\n2'))).toEqual({
      ...ORIGIN,
      byteLength: 6,
      column: null,
      value: null,
      code: "text_after_quote",
      message: "text after the closing quote of field 2",
      raw: new TextEncoder().encode('1,"a"b'),
    });
  });
});

describe("rejectValue", () => {
  it.each([
    ["invalid_integer", "integer", '"forty" is not a whole number'],
    ["invalid_number", "numeric", '"forty" is not a number'],
    ["out_of_range", "smallint", '"forty" is outside the range of smallint'],
    ["too_precise", "numeric(5,2)", '"forty" would have to be rounded to fit numeric(5,2)'],
    ["invalid_boolean", "boolean", '"forty" is not yes or no'],
    ["invalid_uuid", "uuid", '"forty" is not a UUID'],
    ["invalid_date", "date", '"forty" is not a date like 2026-02-28'],
    ["invalid_timestamp", "timestamp", '"forty" is not a time like 2026-02-28T09:30:00'],
    ["invalid_timestamp", "timestamptz", '"forty" is not a time like 2026-02-28T09:30:00+01:00'],
    ["too_long", "character varying(3)", '"forty" is longer than 3 characters'],
    ["nul_byte", "text", "holds a NUL character, which PostgreSQL cannot store"],
    ["required_value_missing", "text", "a value is required"],
    ["invalid_value", "inet", '"forty" does not fit inet'],
  ] as const)("says of %s in %s: %s", (code, sqlType, message) => {
    expect(reject(code, sqlType, "forty,x")).toMatchObject({
      code,
      message,
      column: "a",
      value: "forty",
    });
  });

  it("shortens long values to 200 characters and long records to 2 KiB", () => {
    const rejection = reject("too_long", "character varying(3)", `"${"👍".repeat(2000)}",x`);

    expect(rejection.value?.length).toBeLessThanOrEqual(200);
    expect(rejection.value).toMatch(/^(👍)+…$/u);
    expect(rejection.raw.length).toBe(2048);
    expect(rejection.byteLength).toBe(8004);
  });

  it("shows a symbol for NUL, which the database could not store in the value", () => {
    expect(reject("nul_byte", "text", "a\0b,x").value).toBe("a\u2400b");
  });

  it("takes escapes out of the value", () => {
    expect(reject("invalid_integer", "integer", '"a""b",x').value).toBe('a"b');
  });
});
