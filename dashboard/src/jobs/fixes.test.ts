import { expect, test } from "vitest";
import type { RejectedRecord } from "../api/types.ts";
import { blockOf, offersOf, rowOf, valuesOf } from "./fixes.ts";

function rejected(parts: Partial<RejectedRecord>): RejectedRecord {
  return {
    record: 1,
    line: 2,
    byte: 3,
    fields: ["1", " 1,204 ", "x"],
    column: "age",
    value: " 1,204 ",
    code: "invalid_integer",
    reason: "not a whole number",
    message: '" 1,204 " is not a whole number',
    raw: "",
    rawIsTruncated: false,
    field: 1,
    correction: null,
    retriedBy: null,
    ...parts,
  };
}

const rowsOf = (...items: Partial<RejectedRecord>[]) =>
  items.map((item) => rowOf(rejected(item), 3));

test("a row has a cell for each column, and an emptied one is sent as no value", () => {
  const [row = rowOf(rejected({}), 3)] = rowsOf({ fields: ["", "b"] });

  expect(row.cells).toEqual(["", "b", ""]);
  // What was not touched goes back as it came, so that it stays as it is written in the file.
  expect(valuesOf({ ...row, cells: ["", "", "c"] })).toEqual(["", null, "c"]);
});

test("a block of a sheet is taken apart into lines and cells", () => {
  expect(blockOf("1\tAda\r\n2\t\n")).toEqual([
    ["1", "Ada"],
    ["2", ""],
  ]);
  expect(blockOf("a")).toEqual([["a"]]);
});

test("offers are made for all rows with one reason, first for what is most", () => {
  const rows = rowsOf(
    { fields: ["1", "1,204", "x"] },
    { fields: ["2", " 7", "x"] },
    {
      column: "born",
      code: "invalid_date",
      reason: "no such date",
      field: 2,
      fields: ["3", "4", "24.12.1999"],
    },
    { column: null, field: null, code: "too_few_fields", reason: "fewer fields", fields: ["4"] },
    { column: null, field: null, code: "duplicate_key", reason: "the key is taken" },
  );

  const offers = offersOf(rows, 3);

  expect(offers.map(({ text, count }) => [text, count])).toEqual([
    ["age: not a whole number → nothing", 2],
    ["age: not a whole number → without spaces around", 1],
    ["born: no such date → as day, month, year", 1],
    ["born: no such date → nothing", 1],
    ["fewer fields → the others empty", 1],
    ["the key is taken → again as it is", 1],
  ]);
  expect(rows.flatMap((row) => offers[2]?.apply(row) ?? []).map(({ cells }) => cells[2])).toEqual([
    "1999-12-24",
  ]);
});

test("a row that fits asks for nothing", () => {
  const correction = {
    fields: ["1", "2", "3"],
    fits: true,
    field: null,
    column: null,
    value: null,
    code: null,
    reason: null,
    message: null,
    by: "dana",
    at: "",
  };

  expect(offersOf(rowsOf({ correction }), 3)).toEqual([]);
});
