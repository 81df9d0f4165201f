import { expect, test } from "vitest";
import { toJson } from "./sql.ts";

test.each([
  [{ a: "x\0y" }, { a: "x\u2400y" }],
  [{ "k\0": 1 }, { "k\u2400": 1 }],
  [{ a: "\\u0000" }, { a: "\\u0000" }],
  [{ a: "\\\0" }, { a: "\\\u2400" }],
  [{ a: "\ud83d\ude00" }, { a: "\ud83d\ude00" }],
  [{ a: "\ud83d" }, { a: "\uFFFD" }],
  [null, null],
])("%j is stored as %j", (value, stored) => {
  expect(JSON.parse(toJson(value))).toEqual(stored);
});
