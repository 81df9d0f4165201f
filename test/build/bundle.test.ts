/** What goes along with the bundle of the program. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../docs/pages.ts";

const DIST = join(ROOT, "dist");
function bundled(): readonly string[] {
  const names = readdirSync(DIST).filter((name) => name.endsWith("-program.cjs"));
  return names.map((name) => readFileSync(join(DIST, name), "utf8"));
}

test("the license of each bundled library goes along", () => {
  const licenses = readFileSync(join(DIST, "LICENSES.txt"), "utf8");
  const folders = new Set(
    bundled().flatMap((text) =>
      [...text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(([, name]) => name),
    ),
  );

  expect([...folders]).toContain("pg-boss");
  for (const name of folders) expect(licenses).toMatch(new RegExp(`^${String(name)} \\d`, "m"));
  expect(licenses).toContain("Permission is hereby granted");
});

test.each(["prom-client", "standardwebhooks"])(
  "%s is loaded when it is needed, and no part of it",
  (name) => {
    expect(bundled().filter((text) => text.includes(`// node_modules/${name}/`))).toEqual([]);
  },
);
