/** What the program keeps of its compiled code, and that it needs none of it. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../docs/pages.ts";
import { temporaryFolder } from "../support/service.ts";

function run(cache: string, ...words: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, "dist/sluice.js"), ...words], {
    env: { PATH: process.env["PATH"], HOME: cache, XDG_CACHE_HOME: cache },
    encoding: "utf8",
  });
  return { status, stdout };
}

function keptIn(cache: string): readonly string[] {
  try {
    return readdirSync(join(cache, "sluice/compiled"));
  } catch {
    return [];
  }
}

test("a command keeps its compiled code for this user alone, and the next run takes it", async () => {
  await using folder = await temporaryFolder();
  const first = run(folder.path, "config");
  const [name, ...others] = keptIn(folder.path);
  const path = join(folder.path, "sluice/compiled", name ?? "");
  const { mode, mtimeMs } = statSync(path);

  expect(others).toEqual([]);
  expect(mode & 0o777).toBe(0o600);
  expect(statSync(join(folder.path, "sluice/compiled")).mode & 0o777).toBe(0o700);
  expect(run(folder.path, "config")).toEqual(first);
  // What does not fit is made again.
  expect(statSync(path).mtimeMs).toBe(mtimeMs);
});

test.each([
  ["cut off", (whole: Buffer) => whole.subarray(0, whole.length / 2)],
  ["of zeros, as a machine leaves it that lost its power", (whole: Buffer) => whole.fill(0, 64)],
])("what was kept and is %s is made again", async (_, broken) => {
  await using folder = await temporaryFolder();
  const first = run(folder.path, "config");
  const path = join(folder.path, "sluice/compiled", keptIn(folder.path)[0] ?? "");
  const { length } = readFileSync(path);
  writeFileSync(path, broken(readFileSync(path)));

  expect(run(folder.path, "config")).toEqual(first);
  expect(statSync(path).size).toBeGreaterThan(length / 2);
  expect(
    readFileSync(path)
      .subarray(64, 4096)
      .some((byte) => byte !== 0),
  ).toBe(true);
});

test("nothing is taken from or put into a folder that others may write to", async () => {
  await using folder = await temporaryFolder();
  const compiled = join(folder.path, "sluice/compiled");
  mkdirSync(compiled, { recursive: true });
  chmodSync(compiled, 0o777);

  expect(run(folder.path, "config").status).toBe(0);
  expect(keptIn(folder.path)).toEqual([]);
});

test("a command that there is not keeps nothing", async () => {
  await using folder = await temporaryFolder();

  expect(run(folder.path, "imprt").status).toBe(2);
  expect(keptIn(folder.path)).toEqual([]);
});
