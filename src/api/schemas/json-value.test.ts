import { expect, test } from "vitest";
import { jsonObjectSchema } from "./json-value.ts";

test("an object of any JSON is taken as it is", () => {
  const value = { a: 1, b: [true, null, { c: "ä 💧" }], "": "" };

  expect(jsonObjectSchema.parse(value)).toEqual(value);
});

test.each([
  ["a list", [], []],
  ["null", null, []],
  ["a text", "a", []],
  ["a NUL character", { a: { b: "x\0" } }, ["a", "b"]],
  ["a NUL character in a list", { a: ["x", "\0"] }, ["a", 1]],
  ["a NUL character in a name", { "\0": 1 }, []],
  ["half a character", { a: "\ud83d" }, ["a"]],
])("%s is refused where it is", (_case, value, path) => {
  expect(jsonObjectSchema.safeParse(value).error?.issues.map((issue) => issue.path)).toEqual([
    path,
  ]);
});

test("a name that JavaScript would drop in silence is refused", () => {
  expect(jsonObjectSchema.safeParse(JSON.parse('{"a":{"__proto__":1}}')).success).toBe(false);
});

test("fifty levels are taken, more are not, however many there are", () => {
  expect(jsonObjectSchema.safeParse(nested(50)).success).toBe(true);
  expect(jsonObjectSchema.safeParse(nested(52)).success).toBe(false);
  expect(jsonObjectSchema.safeParse(nested(100_000)).success).toBe(false);
});

function nested(levels: number): unknown {
  return JSON.parse(`{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`);
}
