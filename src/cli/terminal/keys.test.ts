import { expect, test } from "vitest";
import { keysOf } from "./keys.ts";

test.each([
  ["p", ["p"]],
  ["P", ["p"]],
  ["\r", ["enter"]],
  ["\u001b", ["escape"]],
  ["\u0003", ["ctrl-c"]],
  ["\u001a", ["ctrl-z"]],
  ["ps", ["p", "s"]],
  ["\u001b[A", []],
])("%j is read as %j", (text, keys) => {
  expect(keysOf(text)).toEqual(keys);
});
