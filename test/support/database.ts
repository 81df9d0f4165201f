/** A database of its own for each test file: cloned from the migrated template, dropped when every test passed. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { openPool } from "../../src/store/connect.ts";
import { TEMPLATE, withDatabase } from "./database-url.ts";

/** A database for one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly pool: pg.Pool;
  /** Drops the database; disposing does the same. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Clones the template, or makes an empty database with `{ isEmpty: true }`. */
export async function openTestDatabase(
  options: { readonly isEmpty?: boolean } = {},
): Promise<TestDatabase> {
  const serverUrl = inject("serverUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await onServer(
    serverUrl,
    options.isEmpty === true
      ? `create database ${name}`
      : `create database ${name} template ${TEMPLATE}`,
  );
  const url = withDatabase(serverUrl, name);
  const pool = openPool(url, "sluice test", 4);
  return {
    url,
    pool,
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await onServer(serverUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client(serverUrl);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
