/** Links between the documents lead somewhere, paths of the code that they name exist, and the README stays short. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { documentPaths, ROOT } from "./pages.ts";

test.each(documentPaths())("%s links to what exists", (path) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  const targets = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^[a-z]+:/.test(target));

  const missing = targets.filter((target) => !existsSync(join(ROOT, dirname(path), target)));

  expect(missing).toEqual([]);
});

test.each(documentPaths())("%s names files of the code that exist", (path) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  const names = [...text.matchAll(/`((?:src|test|scripts|examples)\/[\w./-]+)`/g)].map(
    (match) => match[1] ?? "",
  );

  expect(names.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

test("the README has fewer than 150 lines", () => {
  expect(readFileSync(join(ROOT, "README.md"), "utf8").trimEnd().split("\n").length).toBeLessThan(
    150,
  );
});
