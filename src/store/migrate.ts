/**
 * Brings the schema `sluice` to the version of this program: numbered `.sql` files, forward only, under an advisory
 * lock, each in its own transaction with its checksum. Two services that start together migrate once. A database of a
 * newer program is refused: a downgrade could misread checkpoints.
 */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import type pg from "pg";
import { SluiceError } from "../core/errors.ts";
import { withStoreErrors } from "./connect.ts";
import { hasStates, statesScript } from "./migrate-states.ts";
import { quoteText, sql } from "./sql.ts";

/** Advisory lock of the migrator: the letters `sluice` as a number. */
const MIGRATION_LOCK = 0x736c7569;
const OLDEST_SERVER = 140_000;

/** Schema of pg-boss's own tables. Apart from Sluice's, because pg-boss migrates it by itself. */
export const DISPATCH_SCHEMA = "sluice_dispatch";

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

/** The migrations that this program knows, in order. */
function listMigrations(): readonly Migration[] {
  const folder = new URL("./migrations/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => /^\d{4}_.*\.sql$/.test(name))
    .toSorted()
    .map((name) => {
      const text = readFileSync(new URL(name, folder), "utf8");
      const checksum = createHash("sha256").update(text).digest("hex");
      return { number: Number(name.slice(0, 4)), name, text, checksum };
    });
}

/**
 * Migrates, and returns the names of the migrations that it applied. Safe to call at every start: where nothing is missing
 * it only reads, so that a role without the right to change the schema can call it. Errors: `database_too_old`,
 * `database_too_new`, `database_unavailable`.
 */
export async function migrate(pool: pg.Pool): Promise<readonly string[]> {
  return withStoreErrors(async () => {
    const client = await pool.connect();
    try {
      await checkServer(client);
      await client.query(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
      try {
        const applied = await applyPending(client);
        if (!(await hasStates(client))) await client.query(statesScript());
        return applied;
      } finally {
        await client.query(sql`select pg_advisory_unlock(${MIGRATION_LOCK})`);
      }
    } finally {
      client.release();
    }
  });
}

/**
 * What `migrate` would do now, as SQL in one transaction; empty when nothing is missing. Changes nothing. Errors: as of
 * `migrate`.
 */
export async function missingScript(pool: pg.Pool): Promise<string> {
  return withStoreErrors(async () => {
    const client = await pool.connect();
    try {
      await checkServer(client);
      const isNew = !(await hasMigrations(client));
      const pending = findPending(isNew ? new Map() : await readApplied(client));
      if (pending.length === 0 && (await hasStates(client))) return "";
      return [
        "begin;",
        // Two that run it at once: the second finds the numbers taken, and is rolled back whole.
        `select pg_advisory_xact_lock(${MIGRATION_LOCK});`,
        ...((await hasSchema(client, "sluice")) ? [] : ["create schema sluice;"]),
        ...(isNew ? [`${MIGRATION_TABLE};`] : []),
        ...pending.map((migration) => `-- ${migration.name}\n${scriptOf(migration)}`),
        statesScript(),
        "commit;\n",
      ].join("\n\n");
    } finally {
      client.release();
    }
  });
}

/**
 * Whether the schema is there and at this program's version, without changing anything. A migration that runs is waited
 * for. Errors: `database_too_old`, `database_too_new`, `database_unavailable`.
 */
export async function readSchemaState(pool: pg.Pool): Promise<"ready" | "absent" | "older"> {
  return withStoreErrors(async () => {
    const client = await pool.connect();
    try {
      await checkServer(client);
      await client.query(sql`select pg_advisory_lock_shared(${MIGRATION_LOCK})`);
      try {
        if (!(await hasMigrations(client)) || !(await hasSchema(client, DISPATCH_SCHEMA)))
          return "absent";
        const applied = await readApplied(client);
        if (applied.size === 0) return "absent";
        return findPending(applied).length === 0 ? "ready" : "older";
      } finally {
        await client.query(sql`select pg_advisory_unlock_shared(${MIGRATION_LOCK})`);
      }
    } finally {
      client.release();
    }
  });
}

async function hasMigrations(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ is_there: boolean }>(
    "select to_regclass('sluice.migration') is not null as is_there",
  );
  return rows[0]?.is_there === true;
}

async function checkServer(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ number: string; version: string }>(
    "select current_setting('server_version_num') as number, current_setting('server_version') as version",
  );
  const server = rows[0];
  if (server === undefined || Number(server.number) >= OLDEST_SERVER) return;
  throw new SluiceError(
    "database_too_old",
    `Sluice needs PostgreSQL 14 or newer; this server is ${server.version}.`,
  );
}

const MIGRATION_TABLE = `create table sluice.migration (
  number integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default clock_timestamp()
)`;

async function applyPending(client: pg.PoolClient): Promise<readonly string[]> {
  // Asked first, because `if not exists` needs the right to create one even where there is one.
  if (!(await hasSchema(client, "sluice"))) await client.query("create schema sluice");
  if (!(await hasMigrations(client))) await client.query(MIGRATION_TABLE);
  const pending = findPending(await readApplied(client));
  for (const migration of pending) await apply(client, migration);
  return pending.map(({ name }) => name);
}

/** A migration as the database has it. */
interface Applied {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

async function readApplied(client: pg.PoolClient): Promise<ReadonlyMap<number, Applied>> {
  const { rows } = await client.query<Applied>(
    "select number, name, checksum from sluice.migration order by number",
  );
  return new Map(rows.map((row) => [row.number, row]));
}

/** The migrations that are still to be applied, in order. Errors: `database_too_new` for others than those known here. */
function findPending(applied: ReadonlyMap<number, Applied>): readonly Migration[] {
  const known = listMigrations();
  const newest = [...applied.values()].at(-1);
  if (newest !== undefined && !known.some((migration) => migration.number === newest.number))
    throw new SluiceError(
      "database_too_new",
      `The database is at migration ${newest.name}, which this version of Sluice does not know.`,
    );
  return known.filter((migration) => {
    const done = applied.get(migration.number);
    if (done === undefined || done.checksum === migration.checksum) return done === undefined;
    throw new SluiceError(
      "database_too_new",
      `Migration ${migration.name} is not the one that was applied to this database.`,
    );
  });
}

/** Does work that makes or changes a schema, while nobody else does. */
export async function whileMigrating<T>(pool: pg.Pool, work: () => Promise<T>): Promise<T> {
  return withStoreErrors(async () => {
    const client = await pool.connect();
    try {
      await client.query(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
      try {
        return await work();
      } finally {
        await client.query(sql`select pg_advisory_unlock(${MIGRATION_LOCK})`);
      }
    } finally {
      client.release();
    }
  });
}

/** Whether there is a schema of this name. */
export async function hasSchema(client: pg.PoolClient | pg.Pool, name: string): Promise<boolean> {
  const { rows } = await client.query<{ is_there: boolean }>(
    sql`select to_regnamespace(${name}) is not null as is_there`,
  );
  return rows[0]?.is_there === true;
}

async function apply(client: pg.PoolClient, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(scriptOf(migration));
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** A migration, and the row that says that it was applied. */
function scriptOf({ number, name, text, checksum }: Migration): string {
  return `${text.trimEnd()}
insert into sluice.migration (number, name, checksum) values (${number}, ${quoteText(name)}, ${quoteText(checksum)});`;
}
