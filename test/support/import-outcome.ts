/** What an import over an existing table came to: the ended job, its rejections in short, and the rows of the table. */
import type pg from "pg";
import { expectAllGood } from "./all-good.ts";
import { startImport, waitForEnd } from "./import-job.ts";

type Client = Parameters<typeof startImport>[0];
type Request = Parameters<typeof startImport>[2];

/** Imports a CSV, waits for the end and checks the books. */
export async function importOutcome(pool: pg.Pool, client: Client, csv: string, request: Request) {
  const { id } = await startImport(client, Buffer.from(csv), request);
  const job = await waitForEnd(client, id);
  const { rows } = await pool.query<{ found: string }>(
    `select concat_ws(' ', line_no, code, column_name, value) as found
     from sluice.rejection where job_id = $1 order by record_no`,
    [id],
  );
  await expectAllGood(pool);
  return { job, rejections: rows.map(({ found }) => found) };
}

/** The rows of a table as lines, in order. */
export async function linesOf(pool: pg.Pool, table: string): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `select t::text as line from ${table} t order by 1`,
  );
  return rows.map(({ line }) => line);
}
