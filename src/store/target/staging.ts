/**
 * Staging tables: private tables of schema `sluice` in which rows wait until they are published. An ordinary logged
 * table: after a crash of the server it holds exactly the committed chunks, as the checkpoints say.
 */
import type pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import { quoteName, quoteStaging } from "../sql.ts";

/** Creates the staging table of a plan: the record number and one column for each planned one. */
export async function createStaging(client: pg.ClientBase, plan: ImportPlan): Promise<void> {
  const columns = plan.columns.map(
    // sqlType comes from the planner's list of types or from the catalog, never from a request's text.
    ({ column, sqlType }) => `${quoteName(column)} ${sqlType}`,
  );
  await client.query(
    `create table ${quoteStaging(plan.staging)} (${quoteName(plan.recordColumn)} bigint not null, ${columns.join(", ")})`,
  );
}

/** Drops a staging table, if it is there. */
export async function dropStaging(client: pg.ClientBase, staging: string): Promise<void> {
  await client.query(`drop table if exists ${quoteStaging(staging)}`);
}
