import { expect, test } from "vitest";
import { csvLine, rowTable } from "./row-view.ts";

const RESULT = {
  columns: ["origin", "n"],
  rows: [
    ["ORD", "12"],
    [null, "7.5"],
    ["", null],
  ],
};

test("numbers stand to the right and NULL is told apart from an empty text", () => {
  expect(rowTable(RESULT, null)).toEqual([
    "origin    n",
    "ORD      12",
    "∅       7.5",
    "          ∅",
  ]);
});

test.each([
  [["a", "b,c"], 'a,"b,c"'],
  [[null, ""], ',""'],
  [['say "x"', "1\n2"], '"say ""x""","1\n2"'],
])("CSV tells NULL from an empty text, and quotes what needs it: %j", (row, line) => {
  expect(csvLine(row)).toBe(line);
});
