import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { compileSource, type CompiledSource } from "../../test/support/compiled-child.ts";
import {
  ask,
  isRoot,
  makeServerHome,
  NOBODY,
  serverOf,
  startServerChild,
  type ServerHome,
} from "../../test/support/server-home.ts";
import { startPrivateServer } from "./private-server.ts";
import { locatePackage, platformName } from "./server-binaries.ts";

let source: CompiledSource;
let place: ServerHome;
let home: string;
let dir: string;

beforeAll(() => {
  source = compileSource(["postgres/private-server.ts"]);
});
afterAll(() => source.remove());
beforeEach(() => {
  place = makeServerHome();
  ({ home, dir } = place);
});
afterEach(() => expect(place.remove(), "processes that the test left").toEqual([]));

test.skipIf(!isRoot)("root starts it in a folder that only root can enter", async () => {
  dir = join(home, "closed", "project", ".sluice");
  mkdirSync(join(home, "closed"), { mode: 0o700 });

  const first = await startPrivateServer({ dir });

  expect(await ask(first.url, "select 6 * 7")).toBe(42);
  expect(statSync(join(dir, "pg")).uid).toBe(NOBODY);
  await first.stop({ keepRunning: true });
  const second = await startPrivateServer({ dir });
  expect(second.wasAdopted).toBe(true);
  await second.stop();
});

test.skipIf(!isRoot)("root starts it with binaries that only root can enter", async () => {
  const closed = join(home, "closed");
  mkdirSync(closed, { mode: 0o700 });
  execFileSync("cp", ["-R", locatePackage(platformName()), join(closed, "native")]);
  const options = { dir, binaries: join(closed, "native"), copyFolder: join(home, "copies") };
  chmodSync(home, 0o755);

  const server = await startPrivateServer(options);

  // Needs a library and a file of the copy while the server runs.
  await ask(server.url, "create extension pgcrypto");
  expect(await ask(server.url, "select '2026-07-01 12:00 Europe/Vienna'::timestamptz::text")).toBe(
    "2026-07-01 10:00:00+00",
  );
  await server.stop();
});

test.skipIf(!isRoot)("an ordinary user starts it, and root adopts that user's server", async () => {
  chownSync(home, NOBODY, NOBODY);
  const child = startServerChild(source, dir, { uid: NOBODY });
  const { url } = await serverOf(child);

  const server = await startPrivateServer({ dir });

  expect(server).toMatchObject({ url, wasAdopted: true });
  child.say("keep");
  expect(await child.answer()).toBe("stopped");
  await server.stop();
});

test.skipIf(!isRoot)("an ordinary user goes on in a folder that root used meanwhile", async () => {
  chownSync(home, NOBODY, NOBODY);
  const first = startServerChild(source, dir, { uid: NOBODY });
  const { url } = await serverOf(first);
  first.say("stop");
  expect(await first.answer()).toBe("stopped");
  rmSync(join(dir, "pg.log"));
  const server = await startPrivateServer({ dir });
  await server.stop({ keepRunning: true });

  const second = startServerChild(source, dir, { uid: NOBODY });

  expect(await serverOf(second)).toMatchObject({ url, wasAdopted: true });
  second.say("stop");
  expect(await second.answer()).toBe("stopped");
  const third = startServerChild(source, dir, { uid: NOBODY });
  expect(await serverOf(third)).toMatchObject({ url, wasAdopted: false });
  third.say("stop");
  expect(await third.answer()).toBe("stopped");
});

test.skipIf(!isRoot)("a folder that may not be written is an error with its path", async () => {
  chmodSync(home, 0o755);

  expect(await startServerChild(source, dir, { uid: NOBODY }).answer()).toMatchObject({
    code: "storage_failed",
    message: `Sluice may not write ${dir}. Give this user the permission, or set SLUICE_DIR to another folder.`,
  });
});

test.skipIf(!isRoot)("a database of another user is an error that names both", async () => {
  chmodSync(home, 0o777);
  mkdirSync(join(dir, "pg"), { recursive: true });
  chmodSync(dir, 0o777);

  expect(await startServerChild(source, dir, { uid: NOBODY }).answer()).toMatchObject({
    code: "database_start_failed",
    message: expect.stringContaining(`belongs to another user (uid 0; this one is ${NOBODY})`),
  });
});

test.skipIf(!isRoot)("a user without a name is an error that says what to do", async () => {
  chmodSync(home, 0o777);

  expect(await startServerChild(source, dir, { uid: 54_321 }).answer()).toMatchObject({
    code: "database_start_failed",
    message: expect.stringContaining("needs a name for user id 54321"),
  });
});
