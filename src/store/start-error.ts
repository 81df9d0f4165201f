/** Why a database of one's own cannot be used, in one sentence that says where, as whom, why and what to do. */
import pg from "pg";
import type { ErrorCode } from "../core/error-table.ts";
import { SluiceError } from "../core/errors.ts";
import { isConnectionLoss, sqlStateOf } from "./connect.ts";
import { messageOf } from "../core/message-of.ts";

/** A database as messages name it: never with its password. */
interface Place {
  readonly host: string;
  readonly server: string;
  readonly database: string;
  readonly role: string;
}

/**
 * The error to show for what went wrong on the first use of the database at `url`: `database_unreachable` when no
 * connection came about, `database_refused` when the server does not let Sluice work there. Anything else is returned
 * as it is.
 */
export function startError(thrown: unknown, url: string): unknown {
  const error = originOf(thrown);
  const place = placeOf(url);
  const state = sqlStateOf(error);
  const refusal = state === null ? null : refusalOf(state, messageOf(error), place);
  if (refusal !== null) return errorOf("database_refused", refusal, error);
  if (!isConnectionLoss(error) && !isTlsMismatch(error)) return thrown;
  return errorOf("database_unreachable", absenceOf(error, state, place), error);
}

/** Runs the first work on the database at `url` and puts what it throws into words with `startError`. */
export async function withStartErrors<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw startError(error, url);
  }
}

function originOf(thrown: unknown): unknown {
  const isWrapped = thrown instanceof SluiceError && thrown.code === "database_unavailable";
  return isWrapped ? thrown.cause : thrown;
}

/** As the driver understands the URL, with the defaults of libpq's variables. */
function placeOf(url: string): Place {
  const { host, port, database = "", user = "" } = new pg.Client({ connectionString: url });
  const server = host.startsWith("/") ? `PostgreSQL in ${host}` : `PostgreSQL at ${host}:${port}`;
  return { host, server, database: `database "${database}"`, role: `role "${user}"` };
}

function refusalOf(state: string, said: string, place: Place): string | null {
  const { server, database, role } = place;
  switch (state) {
    case "28P01":
      return `${server} refuses the password of ${role} for ${database}. Correct the password in DATABASE_URL.`;
    case "28000":
      return `${server} does not let ${role} into ${database}: ${said}. Correct DATABASE_URL, or allow it in pg_hba.conf.`;
    case "3D000":
      return `${server} has no ${database} for ${role}. Create it, with createdb for example, or correct DATABASE_URL.`;
    case "42501":
      return said.includes("for database")
        ? `${server} does not let ${role} create schemas in ${database}. ` +
            `Run as its owner: grant create on ${database} to ${role.slice("role ".length)}; or, as a role that may: sluice migrate`
        : `${server} does not let ${role} work in ${database}: ${said}. ` +
            "Run `sluice migrate` as the role that made Sluice's schemas, and give this one its rights on them.";
    default:
      return null;
  }
}

function absenceOf(error: unknown, state: string | null, place: Place): string {
  const { server, host, database, role } = place;
  const asked = `${database}, ${role}`;
  switch (state ?? codeOf(error)) {
    case "ECONNREFUSED":
    case "ENOENT":
      return `No PostgreSQL answers: nothing listens at ${server.replace(/^PostgreSQL (at|in) /, "")} (${asked}). Start the server, or correct DATABASE_URL.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${server} (${asked}) cannot be found: the host name ${host} is not known. Correct it in DATABASE_URL.`;
    case "53300":
      return `${server} (${asked}) has no connection free. End other sessions, or raise max_connections.`;
    case "57P03":
      return `${server} (${asked}) is starting up or shutting down. Try again in a moment.`;
  }
  const said = messageOf(error);
  return /timeout/i.test(said) || codeOf(error) === "ETIMEDOUT"
    ? `${server} (${asked}) did not answer in time. Check host, port and firewall, and that the server is not overloaded.`
    : `${server} (${asked}) gave no connection: ${said}. Check the server and DATABASE_URL.`;
}

/** The driver's own words when only one side wants an encrypted connection. */
function isTlsMismatch(error: unknown): boolean {
  return error instanceof Error && /SSL|certificate/i.test(error.message);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function errorOf(code: ErrorCode, message: string, cause: unknown): SluiceError {
  return new SluiceError(code, message, { cause });
}
