/**
 * What an import that ends with its rows kept writes down, so that they are known afterwards: the table by its oid, and
 * the transactions that wrote them. All of it commits with the rows.
 */
import type pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import { quoteTable, sql } from "../sql.ts";

/** Notes where the rows of a job are that ends now. Called when the table has its final name. */
export async function noteKeptRows(
  client: pg.ClientBase,
  jobId: string,
  { target, mode, delivery }: Pick<ImportPlan, "target" | "mode" | "delivery">,
): Promise<void> {
  const isMade = mode === "create";
  await client.query(
    sql`insert into sluice.kept_rows (job_id, relation, file_node, is_made, has_writers)
      select ${jobId}, c.oid, nullif(c.relfilenode, 0), ${isMade}, ${!isMade && delivery !== "direct"}
      from pg_class c where c.oid = to_regclass(${quoteTable(target)})
      on conflict (job_id) do nothing`,
  );
}

/**
 * Notes under which number the rows were written that the statement before has put into the target: within a savepoint
 * it is another than that of the transaction. Undone with the savepoint.
 */
export async function noteWriter(client: pg.ClientBase, jobId: string): Promise<void> {
  await client.query(sql`select sluice.note_writer(${jobId})`);
}
