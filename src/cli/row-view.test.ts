import { expect, test } from "vitest";
import { csvLines, rowTable } from "./row-view.ts";

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

test("CSV tells NULL from an empty text, and quotes what needs it", () => {
  expect(
    csvLines({
      columns: ["a", "b,c"],
      rows: [
        [null, ""],
        ['say "x"', "1\n2"],
      ],
    }),
  ).toEqual(['a,"b,c"', ',""', '"say ""x""","1\n2"']);
});
