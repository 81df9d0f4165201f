import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { LATER_COMMANDS } from "../../src/cli/parse-arguments.ts";
import { ROOT } from "./pages.ts";

test("the README names every planned command that is missing, and no other command as missing", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const missing = /^Not there yet: ([^]*?)\n\n/m.exec(readme)?.[1] ?? "";
  const offered = COMMANDS.map((command) => command.name);
  const named = [...missing.matchAll(/`([a-z]+)`/g)].map((match) => match[1] ?? "");

  expect(named).toEqual(
    expect.arrayContaining(LATER_COMMANDS.filter((name) => !offered.includes(name))),
  );
  expect(LATER_COMMANDS.filter((name) => offered.includes(name) && named.includes(name))).toEqual(
    [],
  );
});
