/**
 * One private PostgreSQL for the whole run, with a migrated template database. Test files clone it.
 * `TEST_POSTGRES_FOLDER` names a folder with the programs of another version (`bin`, `lib`, `share`).
 */
import { appendFile, chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startPrivateServer } from "../../src/postgres/private-server.ts";
import { openPool } from "../../src/store/connect.ts";
import { migrate } from "../../src/store/migrate.ts";
import { startPgBossDispatcher } from "../../src/store/pg-boss-dispatcher.ts";
import { TEMPLATE, withDatabase } from "./database-url.ts";

/**
 * Nothing of this server outlives the run, and no test takes the power away: waiting for the disk would show nothing. The
 * test files of all workers share its connections.
 */
const SETTINGS = "fsync = off\nfull_page_writes = off\nmax_connections = 200\n";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of a database of the test server that may create others. */
    readonly serverUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-test-"));
  // The server's user must get through it: initdb before version 18 cannot work in a closed folder.
  await chmod(dir, 0o755);
  const binaries = process.env["TEST_POSTGRES_FOLDER"];
  const start = { dir, ...(binaries === undefined ? {} : { binaries }) };
  await (await startPrivateServer(start)).stop();
  await appendFile(join(dir, "pg/postgresql.conf"), SETTINGS);
  const server = await startPrivateServer(start);
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const pool = openPool(withDatabase(server.url, TEMPLATE), "sluice test", 2);
  await migrate(pool);
  const dispatcher = await startPgBossDispatcher(pool, () => undefined);
  await dispatcher.stop();
  await pool.end();
  project.provide("serverUrl", server.url);
  return async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
