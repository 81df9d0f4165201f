/**
 * Connections. Each has a name by which the control path tells runners from everybody else: only backends named
 * `RUNNER_NAME` are ever terminated.
 */
import "./runtime-name.ts";
import pg from "pg";
import { SluiceError } from "../core/errors.ts";

/** `application_name` of the connections that answer requests. */
export const SERVICE_NAME = "sluice service";
/** `application_name` of the connections by which a worker finds its work. */
export const WORKER_NAME = "sluice worker";
/** `application_name` of the connections kept free for control requests. */
export const CONTROL_NAME = "sluice control";
/** `application_name` of a runner's connection. The control path may terminate these. */
export const RUNNER_NAME = "sluice runner";

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A runner that is frozen inside a transaction, between statements, is ended by the server after this time; its
 * chunk rolls back.
 */
const RUNNER_IDLE_IN_TRANSACTION_MS = 2_000;

/**
 * What the protocol relies on, whatever the defaults of the database or the role are: a lock that is waited for ends in
 * the new wish and not in 40001, only the timeouts of Sluice's own strike, text is quoted and read in one way, and what
 * was answered survives a crash of the server. A stronger `synchronous_commit` stays.
 */
const SESSION = `
  set default_transaction_isolation = 'read committed';
  set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;
  set standard_conforming_strings = on; set client_encoding = 'UTF8';
  set datestyle = 'ISO, YMD'; set bytea_output = 'hex';
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;

const INT8_OID = 20;

/** bigint columns are counters and byte offsets, below 2^53: read as numbers. */
const TYPES = new pg.TypeOverrides();
TYPES.setTypeParser(INT8_OID, Number);

function settings(url: string, name: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: TYPES,
  };
}

/** Opens a pool. Connections are made when they are needed; an idle one that breaks is replaced in silence. */
export function openPool(url: string, name: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...settings(url, name),
    max,
    idleTimeoutMillis: 30_000,
    // The types say void; the pool waits for what this returns before it lends the connection (pg-pool 3.14, `newClient`).
    onConnect: (client) => client.query(SESSION) as unknown as undefined,
  });
  // An idle connection that the server closed is no event: the pool has dropped it, the next query opens another.
  pool.on("error", () => undefined);
  // One that is lent out rejects the query in flight or the next; without a listener it would also end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** Opens a runner's connection, with the timeouts that free its locks when it freezes or its machine vanishes. */
export async function openRunnerClient(url: string): Promise<pg.Client> {
  const client = new pg.Client(settings(url, RUNNER_NAME));
  // The query in flight is rejected with the same error; this only keeps it from ending the process.
  client.on("error", () => undefined);
  await client.connect();
  await client.query(SESSION);
  await client.query(
    `set idle_in_transaction_session_timeout = ${RUNNER_IDLE_IN_TRANSACTION_MS};
     set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3;
     set timezone = 'UTC'`,
  );
  return client;
}

/** The SQLSTATE of an error of the server, or null. */
export function sqlStateOf(error: unknown): string | null {
  return error instanceof pg.DatabaseError && error.code !== undefined ? error.code : null;
}

/** 08: connection; 57P: the server or an administrator ended it; 53300: no connection is free. */
const UNAVAILABLE_STATES = /^(08...|57P0[1-5]|53300|25P0[34])$/;
const UNAVAILABLE_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);
const UNAVAILABLE_MESSAGES =
  /Connection terminated|connection error and is not queryable|timeout exceeded when trying to connect|timeout expired|Client was closed/;

/** Whether an error means that the connection or the server is gone, so that the outcome is unknown. */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== null) return UNAVAILABLE_STATES.test(state);
  if (!(error instanceof Error)) return false;
  const code: unknown = "code" in error ? error.code : undefined;
  return (
    (typeof code === "string" && UNAVAILABLE_CODES.has(code)) ||
    UNAVAILABLE_MESSAGES.test(error.message)
  );
}

/** Deadlock, serialization, a lock that was not free, a statement that somebody cancelled: rolled back, and no fault of it. */
const PASSING_STATES = /^(40P01|40001|55P03|57014)$/;

/** Whether the server ended a statement for a reason that passes, so that the same work may be done again. */
export function isPassing(error: unknown): boolean {
  return PASSING_STATES.test(sqlStateOf(error) ?? "");
}

/** Wraps what the driver threw: a lost connection becomes `database_unavailable`, a full disk `storage_full`. */
export function storeError(error: unknown): unknown {
  if (isConnectionLoss(error))
    return new SluiceError(
      "database_unavailable",
      "The database does not answer. What was committed is safe; jobs wait and go on by themselves.",
      { cause: error },
    );
  if (sqlStateOf(error) === "53100")
    return new SluiceError(
      "storage_full",
      "The disk of the database is full. Everything committed so far is kept.",
      { cause: error },
    );
  return error;
}

/** Runs `work` and wraps what it throws with `storeError`. */
export async function withStoreErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error);
  }
}

/** Runs `work` in a transaction on one connection of the pool: commits, or rolls back and throws what it threw. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return withStoreErrors(async () => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query("begin");
      const result = await work(client);
      await client.query("commit");
      return result;
    } catch (error) {
      broken = await rollBack(client, error);
      throw error;
    } finally {
      client.release(broken);
    }
  });
}

/** Rolls back; returns an error when the connection must not be used again. */
async function rollBack(client: pg.PoolClient, cause: unknown): Promise<Error | undefined> {
  if (isConnectionLoss(cause)) return cause instanceof Error ? cause : new Error(String(cause));
  try {
    await client.query("rollback");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The server's version, such as `18.4`. */
export async function serverVersion(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  return rows[0]?.version.split(" ")[0] ?? "";
}
