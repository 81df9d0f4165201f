// The server that everything of a run works on: that of DATABASE_URL, or a private one of a temporary folder. The
// benchmark makes a database of its own on it and drops it at the end.
import { join } from "node:path";
import pg from "pg";
import { startPrivateServer } from "../dist/postgres/private-server.js";

const DATABASE = `sluice_bench_${process.pid}`;
const SHOWN_SETTINGS = ["fsync", "synchronous_commit", "wal_level", "shared_buffers"];

/** Opens the server and makes the database. */
export async function openBenchDatabase(folder) {
  const given = process.env.DATABASE_URL;
  const server = given === undefined ? await startPrivateServer({ dir: join(folder, "pg") }) : null;
  const serverUrl = given ?? server.url;
  const admin = new pg.Client(serverUrl);
  await admin.connect();
  await admin.query(`create database ${DATABASE}`);
  const at = new URL(serverUrl);
  at.pathname = `/${DATABASE}`;
  const url = at.href;
  const client = new pg.Client(url);
  await client.connect();
  return {
    url,
    client,
    facts: await describeServer(client, server === null),
    close: async () => {
      await client.end();
      await admin.query(`drop database ${DATABASE} with (force)`);
      await admin.end();
      await server?.stop();
    },
  };
}

async function describeServer(client, isGiven) {
  const { rows } = await client.query(
    "select name, setting || coalesce(unit, '') as value from pg_settings where name = any($1) order by name",
    [[...SHOWN_SETTINGS, "server_version"]],
  );
  const settings = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  return {
    version: settings.server_version,
    origin: isGiven ? "DATABASE_URL" : "private, from npm",
    settings: SHOWN_SETTINGS.map((name) => `${name} ${settings[name]}`).join(", "),
  };
}
