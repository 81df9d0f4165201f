/** Databases in which a process is tested, and what is in them at the end. */
import type pg from "pg";
import type { Rejection } from "../core/rejection.ts";
import { RUNNER_NAME } from "./connect.ts";
import { quoteName, quoteTable, sql } from "./sql.ts";

/** How long a connection that is cut may take to be gone. */
const CUT_MS = 5_000;

/** Makes an empty database on the server of the pool. */
export async function createDatabase(pool: pg.Pool, name: string): Promise<void> {
  await pool.query(`create database ${quoteName(name)}`);
}

/** Drops a database with everything in it, connections included. */
export async function dropDatabase(pool: pg.Pool, name: string): Promise<void> {
  await pool.query(`drop database if exists ${quoteName(name)} with (force)`);
}

/** The URL of another database on the same server. */
export function urlOfDatabase(serverUrl: string, name: string): string {
  // Not by `URL`: where the server is at a socket the host is empty, which it refuses.
  return serverUrl.replace(/^(postgres(?:ql)?:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${name}`);
}

/** Cuts the connections of all runners of the database, and returns when the server has rolled them back. */
export async function cutRunners(pool: pg.Pool): Promise<void> {
  await pool.query(
    sql`select pg_terminate_backend(pid, ${CUT_MS}) from pg_stat_activity
      where datname = current_database() and application_name = ${RUNNER_NAME}`,
  );
}

/** The rows of every table that is not Sluice's own, by `schema.table`, as JSON, in no order. */
export async function readUserTables(
  pool: pg.Pool,
): Promise<Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>> {
  const { rows: tables } = await pool.query<{ schema: string; table: string }>(
    sql`select n.nspname as schema, c.relname as table
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relispartition
        and n.nspname not in ('information_schema', 'sluice') and n.nspname !~ '^pg_'
      order by n.nspname, c.relname`,
  );
  const found: [string, readonly Record<string, unknown>[]][] = [];
  for (const name of tables) {
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from ${quoteTable(name)} t`,
    );
    found.push([`${name.schema}.${name.table}`, rows.map(({ row }) => row)]);
  }
  return Object.fromEntries(found);
}

/** The rejections of a job, in the order of the file. */
export async function readRejections(
  pool: pg.Pool,
  jobId: string,
): Promise<readonly Pick<Rejection, "record" | "line" | "column" | "code" | "message">[]> {
  const { rows } = await pool.query<
    Pick<Rejection, "record" | "line" | "column" | "code" | "message">
  >(
    sql`select record_no as record, line_no as line, column_name as column, code, message
      from sluice.rejection where job_id = ${jobId} order by record_no`,
  );
  return rows;
}
