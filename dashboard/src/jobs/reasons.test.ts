import { expect, test } from "vitest";
import { reasonsOf } from "./reasons.ts";

test("reasons are counted by column and code, the most frequent first", () => {
  const items = [
    { column: "born", code: "invalid_date", reason: "no such date" },
    { column: "age", code: "invalid_integer", reason: "not a whole number" },
    { column: null, code: "too_few_fields", reason: "fewer fields than the header" },
    { column: "age", code: "invalid_integer", reason: "not a whole number" },
  ] as const;

  expect(reasonsOf(items).map(({ text, count }) => [text, count])).toEqual([
    ["age: not a whole number", 2],
    ["born: no such date", 1],
    ["fewer fields than the header", 1],
  ]);
});
