/** Statistics of tables that have none yet: without them the planner takes one row in two hundred for every range. */
import type pg from "pg";
import type { TableName } from "../../core/job.ts";
import { isConnectionLoss } from "../connect.ts";
import { quoteTable, sql } from "../sql.ts";

/** How long looking at a sample of the table may take. It reads about 30,000 rows, whatever the size. */
const ANALYZE_MS = 5_000;
/** How long a lock is waited for that somebody else has. */
const LOCK_MS = 100;

/**
 * Has the server look at a table that nobody has looked at since it was made, as a table is that was imported a moment
 * ago. Where the role may not, or it takes too long, the estimate is as good as it is without.
 */
export async function analyzeNew(pool: pg.Pool, table: TableName): Promise<void> {
  const { rowCount } = await pool.query(
    sql`select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${table.schema} and c.relname = ${table.table} and c.relkind in ('r', 'm')
        and pg_relation_size(c.oid) > 0
        and not exists (select from pg_stats s where s.schemaname = n.nspname and s.tablename = c.relname)`,
  );
  if (rowCount !== 1) return;
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query(
      `set local statement_timeout = ${ANALYZE_MS}; set local lock_timeout = ${LOCK_MS}`,
    );
    await client.query(`analyze ${quoteTable(table)}`);
    await client.query("commit");
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    await client.query("rollback");
  } finally {
    client.release();
  }
}
