import { expect, test } from "vitest";
import { renderTable } from "./table.ts";
import { textWidth } from "./text.ts";

const HEADER = [
  { title: "ID" },
  { title: "NAME", isFlexible: true },
  { title: "ROWS", align: "right" },
] as const;
const ROWS = [
  ["1", "people_2026.csv → people", "482,310"],
  ["22", "a.csv", "7"],
];

test("columns are as wide as their widest cell, and numbers end in one line", () => {
  expect(renderTable(HEADER, ROWS, null)).toEqual([
    "ID  NAME                         ROWS",
    "1   people_2026.csv → people  482,310",
    "22  a.csv                           7",
  ]);
});

test("a long table is one like any other", () => {
  const rows = Array.from({ length: 200_000 }, (_, at) => [String(at), "a.csv", "7"]);

  expect(renderTable(HEADER, rows, null)).toHaveLength(200_001);
});

test("where it is narrow the flexible column gives way", () => {
  expect(renderTable(HEADER, ROWS, 27)).toEqual([
    "ID  NAME               ROWS",
    "1   people_2026.c…  482,310",
    "22  a.csv                 7",
  ]);
});

test.each([5, 12, 20, 40])("no line is wider than %d columns", (columns) => {
  const widths = renderTable(HEADER, ROWS, columns).map(textWidth);

  expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
});
