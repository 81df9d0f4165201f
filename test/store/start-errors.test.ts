/** What a person reads when the database cannot be used at the start: by the service and by `sluice doctor`. */
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runChecks } from "../../src/cli/health-checks.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { startPrivateServer, type PrivateServer } from "../../src/postgres/private-server.ts";
import { startService } from "../../src/server.ts";
import { startError } from "../../src/store/start-error.ts";
import { temporaryFolder } from "../support/service.ts";
import { ask } from "../support/server-home.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: PrivateServer;
let database: TestDatabase;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startPrivateServer({ dir: `${folder.path}/pg`, transport: "loopback" });
  database = await openTestDatabase({ isEmpty: true });
});
afterAll(async () => {
  await ask(as("postgres"), "drop owned by stranger cascade");
  await ask(as("postgres"), "drop role stranger");
  await database?.[Symbol.asyncDispose]();
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

/** What the service and the doctor say of a database. */
async function said(url: string): Promise<readonly [unknown, string]> {
  const config = await loadConfig({
    cwd: folder.path,
    environment: { SLUICE_DIR: `${folder.path}/service`, SLUICE_PORT: "0", DATABASE_URL: url },
  });
  const thrown = await startService(config, { log: () => undefined }).then(
    async (service) => service.stop(),
    (error: unknown) => error,
  );
  const found = (await runChecks(config)).find(({ name }) => name === "database");
  return [thrown, found?.text ?? ""];
}

/** The database of the test for another role; the test server asks nobody for a password. */
function as(role: string): string {
  return database.url.replace(/\/\/[^@]*@/, `//${role}@`);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo; // listens on TCP
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe("the service and the doctor say in one sentence that", () => {
  test("the password is wrong, and do not repeat it", async () => {
    const { host } = new URL(server.url);
    const sentence = `PostgreSQL at ${host} refuses the password of role "sluice" for database "sluice". Correct the password in DATABASE_URL.`;

    const [error, found] = await said(`postgresql://sluice:geheim@${host}/sluice`);

    expect(error).toMatchObject({ code: "database_refused", message: sentence });
    expect(found).toBe(sentence);
  });

  test("the database does not exist", async () => {
    const [error, found] = await said(server.url.replace("/sluice?", "/nowhere?"));

    expect(error).toMatchObject({ code: "database_refused" });
    expect(found).toContain('has no database "nowhere" for role "sluice". Create it');
  });

  test("nothing listens", async () => {
    const port = await freePort();

    const [error, found] = await said(`postgresql://a:geheim@127.0.0.1:${port}/b`);

    expect(error).toMatchObject({ code: "database_unreachable", message: found });
    expect(found).toBe(
      `No PostgreSQL answers: nothing listens at 127.0.0.1:${port} (database "b", role "a"). Start the server, or correct DATABASE_URL.`,
    );
  });

  test("the host is not known", async () => {
    const [error, found] = await said("postgresql://a@nowhere.invalid:5432/b");

    expect(error).toMatchObject({ code: "database_unreachable" });
    expect(found).toContain("the host name nowhere.invalid is not known");
  });

  test("the role may not create schemas", async () => {
    await ask(as("postgres"), "create role stranger login");

    const [error, found] = await said(as("stranger"));

    expect(error).toMatchObject({
      code: "database_refused",
      message: expect.stringContaining('does not let role "stranger" create schemas') as string,
    });
    expect(found).toContain('Run as its owner: grant create on database "test_');
  });
});

test("schemas that were made for a role without the right to create some are enough", async () => {
  await ask(as("postgres"), "create schema sluice authorization stranger");
  await ask(as("postgres"), "create schema sluice_dispatch authorization stranger");

  const [error, found] = await said(as("stranger"));

  expect(error).toBeUndefined();
  expect(found).toContain("schema sluice v");
});

test("a server that does not answer in time is named with what to check", () => {
  const error = startError(new Error("timeout expired"), "postgresql://a:geheim@db.example:6000/b");

  expect(error).toMatchObject({
    code: "database_unreachable",
    message: expect.stringContaining(
      'PostgreSQL at db.example:6000 (database "b", role "a") did not answer in time.',
    ) as string,
  });
});
