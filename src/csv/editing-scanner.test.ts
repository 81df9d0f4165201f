import { describe, expect, it } from "vitest";
import { decideReading, type ReadingOptions } from "../core/reading-options.ts";
import { recordTexts } from "./field-text.ts";
import { makeScanner } from "./make-scanner.ts";
import { SCAN_OUTCOMES } from "./scanned-record.ts";

const DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };

function read(text: string, options: ReadingOptions, width = 3): (string[] | number)[] {
  const bytes = new TextEncoder().encode(text);
  const reading = decideReading(options);
  const scanner = makeScanner(
    { dialect: DIALECT, maxFieldBytes: 1000, maxRecordBytes: 1e6, maxFields: width + 1 },
    { reading, width },
  );
  const records: (string[] | number)[] = [];
  for (let at = 0; ; at = scanner.found.next) {
    const outcome = scanner.scan(bytes, at, bytes.length, true);
    if (outcome === SCAN_OUTCOMES.end) return records;
    const isRecord = outcome === SCAN_OUTCOMES.record;
    records.push(isRecord ? recordTexts(bytes, scanner.found, 0x22) : outcome);
  }
}

describe("null values", () => {
  it("empty whole unquoted fields that are exactly the same", () => {
    expect(read('NULL,null,"NULL"\nNULLX, NULL,-\n', { nullValues: ["NULL", "-"] })).toEqual([
      ["", "null", "NULL"],
      ["NULLX", " NULL", ""],
    ]);
  });
});

describe("short records", () => {
  it("are padded with empty unquoted fields", () => {
    expect(read("a\na,b\na,b,c\na,b,c,d\n", { shortRecords: "pad" })).toEqual([
      ["a", "", ""],
      ["a", "b", ""],
      ["a", "b", "c"],
      ["a", "b", "c", "d"],
    ]);
  });

  it("are padded to the widest table", () => {
    expect(read("a\n", { shortRecords: "pad" }, 1599)[0]).toHaveLength(1599);
  });
});

describe("long records", () => {
  it("lose extra fields that are all empty and unquoted", () => {
    const records = read('a,b,c,,,\na,b,c,,""\na,b,c,x,\na,b\n', { longRecords: "trimEmpty" });

    expect(records.map((record) => (record as string[]).length)).toEqual([3, 5, 5, 2]);
  });

  it("lose any number of them that is kept", () => {
    const long = `a${",".repeat(16_000)}\n`;
    const longer = `a${",".repeat(17_000)}\n`;

    expect(read(long, { longRecords: "trimEmpty" })[0]).toHaveLength(3);
    expect(read(longer, { longRecords: "trimEmpty" })[0]).not.toHaveLength(3);
  });
});

describe("blank lines", () => {
  it("are records in files of one column when they are null", () => {
    expect(read("a\n\r\n\n", { blankLines: "null" }, 1)).toEqual([["a"], [""], [""]]);
    expect(read("a\n\n", { blankLines: "null", nullValues: ["x"] }, 2)).toEqual([
      ["a"],
      SCAN_OUTCOMES.blank,
    ]);
    expect(read("a\n\n", {}, 1)).toEqual([["a"], SCAN_OUTCOMES.blank]);
  });
});
