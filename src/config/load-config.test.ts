import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { maskUrlPassword, shownSettings } from "./config.ts";
import { loadConfig } from "./load-config.ts";

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-config-"));
});

afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

async function problemOf(sources: Parameters<typeof loadConfig>[0]): Promise<string> {
  return loadConfig({ cwd, environment: {}, ...sources }).then(
    () => "no problem",
    (error: unknown) => (error instanceof Error ? error.message : "not an error"),
  );
}

test("without any source every setting has its default", async () => {
  const config = await loadConfig({ cwd, environment: {} });

  expect(config).toMatchObject({
    databaseUrl: null,
    dir: join(cwd, ".sluice"),
    host: "127.0.0.1",
    port: 5007,
    auth: "token",
    url: null,
    token: null,
    concurrency: 1,
    lanes: availableParallelism(),
    files: join(cwd, ".sluice", "files"),
    create: "import",
    maxUploadBytes: 100_000_000_000,
    retentionDays: 90,
    undoDays: 7,
    logLevel: "info",
  });
  expect(config.origins.port).toEqual({ kind: "default", name: "default" });
});

test("a flag wins over the environment, the environment over the file, the file over the default", async () => {
  await writeFile(
    join(cwd, "sluice.config.mjs"),
    "export default { port: 1, host: 'file', concurrency: 3 };",
  );

  const config = await loadConfig({
    cwd,
    flags: { port: "3" },
    environment: { SLUICE_PORT: "2", SLUICE_HOST: "environment" },
  });

  expect([config.port, config.host, config.concurrency, config.lanes]).toEqual([
    3,
    "environment",
    3,
    availableParallelism(),
  ]);
  expect(config.origins.port).toEqual({ kind: "flag", name: "--port" });
  expect(config.origins.host).toEqual({ kind: "environment", name: "SLUICE_HOST" });
  expect(config.origins.concurrency).toEqual({
    kind: "file",
    name: "concurrency in sluice.config.mjs",
  });
});

test("the configuration cannot be changed", async () => {
  const config = await loadConfig({ cwd, environment: {} });

  expect(Object.isFrozen(config) && Object.isFrozen(config.origins)).toBe(true);
});

test("files lie in dir unless they are given a folder of their own", async () => {
  const config = await loadConfig({ cwd, environment: { SLUICE_DIR: "here" } });

  expect([config.dir, config.files]).toEqual([join(cwd, "here"), join(cwd, "here", "files")]);
});

test("an empty environment variable counts as absent", async () => {
  const config = await loadConfig({ cwd, environment: { SLUICE_PORT: "", DATABASE_URL: "" } });

  expect([config.port, config.databaseUrl]).toEqual([5007, null]);
});

test("an unknown environment name is refused with the nearest one", async () => {
  expect(await problemOf({ environment: { SLUICE_PROT: "1" } })).toContain(
    "There is no setting SLUICE_PROT. Did you mean SLUICE_PORT?",
  );
});

test("an environment name that shares no more than its beginning with another suggests none", async () => {
  expect(await problemOf({ environment: { SLUICE_FOO: "1" } })).toContain(
    "There is no setting SLUICE_FOO. `sluice config` lists every setting.",
  );
});

test("names that do not begin with SLUICE_ are nobody's business", async () => {
  expect(await problemOf({ environment: { PORT: "x", SLUICEGATE: "y" } })).toBe("no problem");
});

test("an unknown key in the file is refused with the nearest one", async () => {
  await writeFile(join(cwd, "sluice.config.json"), '{"undoDay": 3}');

  expect(await problemOf({})).toContain(
    "There is no setting undoDay in sluice.config.json. Did you mean undoDays?",
  );
});

test.each([
  [
    { SLUICE_PORT: "70000" },
    'Expected SLUICE_PORT to be a whole number from 0 to 65535, got "70000"',
  ],
  [{ SLUICE_PORT: "1e3" }, "Expected SLUICE_PORT"],
  [{ SLUICE_LANES: "0" }, "Expected SLUICE_LANES to be a whole number from 1 to 256"],
  [{ SLUICE_AUTH: "no" }, "Expected SLUICE_AUTH to be token or none"],
  [{ SLUICE_URL: "localhost:5007" }, "Expected SLUICE_URL to be a URL"],
  [{ SLUICE_FILES: "s3://bucket/prefix" }, "s3:// is not offered yet"],
  [
    { SLUICE_CREATE: "Create teams" },
    "Expected SLUICE_CREATE to be import, or the name of a process",
  ],
  [{ DATABASE_URL: "mysql://u:hunter2@h/d" }, "Expected DATABASE_URL to be a URL such as"],
])("%j is refused: %s", async (environment, message) => {
  expect(await problemOf({ environment })).toContain(message);
});

test("a refused secret is not repeated", async () => {
  const message = await problemOf({
    environment: { DATABASE_URL: "mysql://u:hunter2@h/d", SLUICE_TOKEN: "hunter2 hunter2" },
  });

  expect(message).toContain("SLUICE_TOKEN");
  expect(message).not.toContain("hunter2");
});

test("every problem is told at once", async () => {
  const message = await problemOf({
    environment: { SLUICE_PORT: "x", SLUICE_LANES: "y", SLUICE_BANANA: "z" },
  });

  expect(message.split("\n")).toHaveLength(3);
});

test("a wrong value in the file is refused even when a flag replaces it", async () => {
  await writeFile(join(cwd, "sluice.config.json"), '{"port": "high"}');

  expect(await problemOf({ flags: { port: "1" } })).toContain("port in sluice.config.json");
});

test("settings that contradict each other are both named", async () => {
  expect(
    await problemOf({ environment: { SLUICE_UNDO_DAYS: "20", SLUICE_RETENTION_DAYS: "10" } }),
  ).toContain("undoDays 20 must be at most retentionDays 10");
});

test("a setting without effect is accepted and told", async () => {
  const config = await loadConfig({ cwd, environment: { SLUICE_RETENTION_DAYS: "30" } });

  expect(config.notices).toEqual([
    "SLUICE_RETENTION_DAYS has no effect yet: ended jobs are kept until they are deleted.",
  ]);
});

test("two configuration files are refused", async () => {
  await writeFile(join(cwd, "sluice.config.json"), "{}");
  await writeFile(join(cwd, "sluice.config.mjs"), "export default {};");

  expect(await problemOf({})).toContain("found sluice.config.mjs and sluice.config.json");
});

test.each([
  ["sluice.config.json", "{", "sluice.config.json cannot be read"],
  ["sluice.config.json", "[]", "to hold an object of settings"],
  ["sluice.config.mjs", "export const port = 1;", "to export an object of settings"],
  ["sluice.config.mjs", "throw new Error('no luck');", "cannot be read: no luck"],
  ["sluice.config.json", '{"port": [1]}', "got a list"],
])("%s holding %s is refused", async (name, text, message) => {
  await writeFile(join(cwd, name), text);

  expect(await problemOf({})).toContain(message);
});

test("test settings come from the environment alone and are not shown", async () => {
  const config = await loadConfig({ cwd, environment: { SLUICE_FAILPOINT: "before-commit" } });
  await writeFile(join(cwd, "sluice.config.json"), '{"failpoint": "x"}');

  expect(config.failpoint).toBe("before-commit");
  expect(shownSettings(config).map((shown) => shown.key)).not.toContain("failpoint");
  expect(await problemOf({})).toContain("There is no setting failpoint");
});

test("shown settings hide the token and the password of the database", async () => {
  const config = await loadConfig({
    cwd,
    environment: { DATABASE_URL: "postgres://me:hunter2@db:5432/x", SLUICE_TOKEN: "slu_hunter2" },
  });

  const shown = shownSettings(config);

  expect(JSON.stringify(shown)).not.toContain("hunter2");
  expect(shown[0]?.value).toBe("postgres://me:…@db:5432/x");
});

test.each([
  ["postgres://me:a:b@db/x", "postgres://me:…@db/x"],
  ["postgres://me:a@b:c@db/x?a=d@e", "postgres://me:…@db/x?a=d@e"],
  ["postgres://me@home:abc@db/x", "postgres://me@home:…@db/x"],
  ["postgres://me@db:5432/x", "postgres://me@db:5432/x"],
  [
    "postgres://me@db/x?password=abc&sslmode=require",
    "postgres://me@db/x?password=…&sslmode=require",
  ],
  ["postgres:///x?host=/tmp", "postgres:///x?host=/tmp"],
  ["not a url", "…"],
])("%s is shown as %s", (url, shown) => {
  expect(maskUrlPassword(url)).toBe(shown);
});
