import { expect, test } from "vitest";
import { resultText } from "./result-text.ts";

const circular: { self?: unknown } = {};
circular.self = circular;

test.each([
  ["nothing", undefined, null],
  ["null", null, null],
  [
    "an object",
    { ids: [1, "b"], at: new Date(0) },
    '{"ids":[1,"b"],"at":"1970-01-01T00:00:00.000Z"}',
  ],
  ["false", false, "false"],
])("what run returns is kept as JSON: %s", (_, value, text) => {
  expect(resultText(value)).toBe(text);
});

test.each([
  ["a function", () => 1, "Expected `run` to return what JSON can carry."],
  ["what refers to itself", circular, "Expected `run` to return what JSON can carry: "],
  ["too much", "x".repeat(100_000), "at most 100000 bytes of JSON, got 100002"],
])("a run that returns %s is told so", (_, value, message) => {
  expect(() => resultText(value)).toThrow(message);
});
