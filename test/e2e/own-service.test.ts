/** `sluice import` without a running service: the file is copied while a service starts for the command's time. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { runCommand, type CliEnd } from "../support/cli.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let dir: string;
beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-own-"));
  await writeFile(join(dir, "people.csv"), "id,name\n1,Ada\n2,Grace\n");
});
afterEach(() => rm(dir, { recursive: true, force: true }));
afterAll(() => database[Symbol.asyncDispose]());

function sluice(
  words: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Promise<CliEnd> {
  const environment = { DATABASE_URL: database.url, SLUICE_DIR: join(dir, "home"), ...extra };
  return runCommand(words, { cwd: dir, environment });
}

async function filesLeft(): Promise<readonly string[]> {
  const names = await readdir(join(dir, "home/files"));
  return names.filter((name) => name !== "folder-id").map((name) => name.replace(/_.*/, ""));
}

test("the file is kept by the service, whole and under its name", async () => {
  const { code, stdout } = await sluice(["import", "people.csv", "--table", "own", "--yes"]);

  expect(code).toBe(0);
  expect(stdout).toContain("2 rows into public.own");
  expect(await filesLeft()).toEqual(["file"]);
  const { rows } = await database.pool.query("select name, bytes from sluice.file");
  expect(rows).toEqual([{ name: "people.csv", bytes: 22 }]);
});

test("nothing of the file is left when there is no import", async () => {
  const { code } = await sluice(["import", "people.csv", "--table", "sluice.job", "--yes"]);

  expect(code).not.toBe(0);
  expect(await filesLeft()).toEqual([]);
});

test("a file that is larger than allowed is refused and not kept", async () => {
  const { code, stderr } = await sluice(["import", "people.csv", "--yes"], {
    SLUICE_MAX_UPLOAD_BYTES: "10",
  });

  expect(code).toBe(1);
  expect(stderr).toContain("at most 10 bytes");
  expect(await filesLeft()).toEqual([]);
});

test("a folder that cannot be made is said at once", async () => {
  const { code, stderr } = await sluice(["import", "people.csv", "--yes"], {
    SLUICE_DIR: "/proc/sluice",
  });

  expect(code).toBe(1);
  expect(stderr).toContain("No folder can be made at /proc/sluice");
});
