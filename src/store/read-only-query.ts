/**
 * A query of a person, for reading only. It is one statement, sent by the extended protocol, which takes no second
 * one, inside a `read only` transaction that the server itself enforces. The transaction is rolled back in any case.
 *
 * Statements that can have many rows are read through a cursor, a page at a time: the next page is asked for when the
 * last one was taken, so a result of any size needs the memory of one page.
 */
import pg from "pg";
import { SluiceError } from "../core/errors.ts";
import { sqlStateOf, withStoreErrors } from "./connect.ts";
import { withStartErrors } from "./start-error.ts";

/** `application_name` of the connection. */
const QUERY_NAME = "sluice sql";

/** Rows that are in memory at once. */
const PAGE_ROWS = 1000;
/** What a cursor can be declared for. Others, such as `explain` and `show`, have few rows and are read at once. */
const CURSOR_PATTERN = /^[\s(]*(select|with|values|table)\b/i;
const COMMENT_PATTERN = /^(\s+|--[^\n]*(\n|$)|\/\*[^*]*\*+([^/*][^*]*\*+)*\/)+/;

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

/** Takes one page of rows; answers whether more are wanted. */
export type PageReceiver = (page: QueryResult) => Promise<boolean>;

/** As `streamReadOnlyQuery`, for a statement that limits its rows itself: returns all of them. */
export async function runReadOnlyQuery(url: string, statement: string): Promise<QueryResult> {
  const pages: QueryResult[] = [];
  await streamReadOnlyQuery(url, statement, (page) => Promise.resolve(pages.push(page) > 0));
  return { columns: pages[0]?.columns ?? [], rows: pages.flatMap((page) => page.rows) };
}

/**
 * Runs one statement on the database at `url` and hands its rows to `receive` in pages of at most `PAGE_ROWS`, at least
 * one page even without rows, until all are read or no more are wanted. Times are in UTC. Errors: `invalid_request` when
 * the server refuses the statement, with its message; `database_unreachable`, `database_refused`; `database_unavailable` when
 * the connection is lost; what `receive` throws.
 */
export async function streamReadOnlyQuery(
  url: string,
  statement: string,
  receive: PageReceiver,
): Promise<void> {
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
      if (CURSOR_PATTERN.test(statement.replace(COMMENT_PATTERN, "")))
        await readPages(client, statement, receive);
      else await receive(await readAll(client, statement));
    } catch (error) {
      throw refusedStatement(error) ?? error;
    } finally {
      await client.end();
    }
  });
}

async function readPages(
  client: pg.Client,
  statement: string,
  receive: PageReceiver,
): Promise<void> {
  // All rows are wanted: without this the server would plan for the first tenth of them.
  await client.query("set local cursor_tuple_fraction = 1");
  await readAll(client, `declare page no scroll cursor for ${statement}`);
  for (;;) {
    const page = await readAll(client, `fetch ${PAGE_ROWS} from page`);
    if (!(await receive(page)) || page.rows.length < PAGE_ROWS) return;
  }
}

async function readAll(client: pg.Client, text: string): Promise<QueryResult> {
  const query: ArrayQuery = { text, rowMode: "array", queryMode: "extended" };
  const result = await client.query<(string | null)[]>(query);
  return { columns: result.fields.map((field) => field.name), rows: result.rows };
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
