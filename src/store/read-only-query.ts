/**
 * A query of a person, for reading only. It is one statement, sent by the extended protocol, which takes no second
 * one, inside a `read only` transaction that the server itself enforces. The transaction is rolled back in any case.
 */
import pg from "pg";
import { SluiceError } from "../core/errors.ts";
import { sqlStateOf, withStoreErrors } from "./connect.ts";
import { withStartErrors } from "./start-error.ts";

/** `application_name` of the connection. */
const QUERY_NAME = "sluice sql";

/** `pg` takes `queryMode`, which its types do not name. */
type ArrayQuery = pg.QueryArrayConfig & { readonly queryMode: "extended" };

/** What a query answers. Values are PostgreSQL's own text; null is NULL. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Values stay the text that the server sends: no driver rounds a number or moves a time. */
const AS_TEXT: pg.CustomTypesConfig = {
  getTypeParser: (() => (text: string) => text) as typeof pg.types.getTypeParser, // same shape, no conversion
};

/**
 * Runs one statement on the database at `url` and returns all its rows; the caller's statement limits how many. Times
 * are in UTC. Errors: `invalid_request` when the server refuses the statement, with its message;
 * `database_unreachable`, `database_refused`; `database_unavailable` when the connection is lost.
 */
export async function runReadOnlyQuery(url: string, statement: string): Promise<QueryResult> {
  const client = new pg.Client({
    connectionString: url,
    application_name: QUERY_NAME,
    connectionTimeoutMillis: 10_000,
    types: AS_TEXT,
  });
  // The query in flight is rejected with the same error; this only keeps it from ending the process.
  client.on("error", () => undefined);
  return withStoreErrors(async () => {
    try {
      await withStartErrors(url, () => client.connect());
      await client.query("set timezone = 'UTC'");
      await client.query("begin read only");
      const query: ArrayQuery = { text: statement, rowMode: "array", queryMode: "extended" };
      const result = await client.query<(string | null)[]>(query);
      return { columns: result.fields.map((field) => field.name), rows: result.rows };
    } catch (error) {
      throw refusedStatement(error) ?? error;
    } finally {
      await client.end();
    }
  });
}

/** The error for a person when the server refused the statement; null when something else broke. */
function refusedStatement(error: unknown): SluiceError | null {
  const state = sqlStateOf(error);
  // 08, 53, 57, 58: the connection, the resources, the operator or the system, not the statement.
  if (!(error instanceof Error) || state === null || /^(08|53|57|58)/.test(state)) return null;
  const isWrite = state === "25006";
  return new SluiceError(
    "invalid_request",
    `The database refused the query: ${error.message} (${state}).` +
      (isWrite ? ' `sluice sql` only reads; use `psql "$(sluice url)"` to write.' : ""),
    { cause: error },
  );
}
