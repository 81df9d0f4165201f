import { sep } from "node:path";
import { expect, test } from "vitest";
import { thrownPlace } from "./thrown.ts";

function withStack(...calls: readonly string[]): Error {
  return Object.assign(new Error("no"), { stack: `Error: no\n    at ${calls.join("\n    at ")}` });
}

test.each([
  ["/p/a.ts:3:7", "a.ts", 3],
  ["run (/p/a.ts:3:7)", "a.ts", 3],
  ["async Object.run (/p/lib/b (old).ts:12:1)", "lib/b (old).ts", 12],
  ["async file:///p/a.mjs:4:1", "a.mjs", 4],
])("a call as in %j is a place", (call, file, line) => {
  const place = thrownPlace(withStack("inner (node:fs:1:2)", call, "/p/z.ts:1:1"), `${sep}p`);

  expect(place).toEqual({ file, line });
});

test.each([
  withStack("run (/other/a.ts:3:7)", "run (/p/node_modules/zod/index.js:3:7)", "native"),
  Object.assign(new Error("no"), { stack: undefined }),
  "text",
])("what was not called from the folder has no place there: %#", (thrown) => {
  const place = thrownPlace(thrown, "/p");

  expect(place).toBeNull();
});
