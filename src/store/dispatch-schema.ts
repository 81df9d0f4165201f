/** What dispatch needs in the database: the tables of pg-boss, and one queue. */
import { getConstructionPlans, getMigrationPlans } from "pg-boss";
import type pg from "pg";
import { withStoreErrors } from "./connect.ts";
import { DISPATCH_SCHEMA, hasSchema } from "./migrate.ts";
import { quoteText, sql } from "./sql.ts";

/** The queue of messages to supervisors. */
export const QUEUE = "sluice.part";
const SECOND = 1;
const MINUTES = 60 * SECOND;

/** How the queue keeps its messages. */
export const QUEUE_OPTIONS = {
  // One waiting message a part and epoch: a repeated one is dropped.
  policy: "short",
  retryLimit: 0,
  expireInSeconds: 10 * MINUTES,
  retentionSeconds: 14 * 24 * 60 * MINUTES,
  deleteAfterSeconds: 10 * MINUTES,
} as const;

/** The SQL of what `makeDispatchSchema` would make, in transactions of its own; empty when nothing is missing. */
export async function missingDispatchScript(pool: pg.Pool): Promise<string> {
  return withStoreErrors(async () => {
    const hasOwn = await hasSchema(pool, DISPATCH_SCHEMA);
    const { rows } = await pool.query<{ has_tables: boolean }>(
      sql`select to_regclass(${`${DISPATCH_SCHEMA}.queue`}) is not null as has_tables`,
    );
    if (rows[0]?.has_tables !== true)
      return `${getConstructionPlans(DISPATCH_SCHEMA, { createSchema: !hasOwn })}\n${queueScript()}`;
    const scripts = [await missingUpgrade(pool)];
    const queue = await pool.query(sql`select from sluice_dispatch.queue where name = ${QUEUE}`);
    if (queue.rowCount === 0) scripts.push(queueScript());
    return scripts.filter((script) => script !== "").join("\n");
  });
}

/** What a newer pg-boss changes of its tables. */
async function missingUpgrade(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ version: number }>(
    "select version from sluice_dispatch.version",
  );
  const version = rows[0]?.version;
  // The library does not say its own version otherwise.
  const newest = /version\(version\) VALUES \('(\d+)'\)/.exec(
    getConstructionPlans(DISPATCH_SCHEMA),
  )?.[1];
  const isOlder = version !== undefined && version < Number(newest);
  return isOlder ? getMigrationPlans(DISPATCH_SCHEMA, version) : "";
}

/** As pg-boss itself makes a queue: a function of its schema. */
function queueScript(): string {
  return `select ${DISPATCH_SCHEMA}.create_queue(${quoteText(QUEUE)}, ${quoteText(JSON.stringify(QUEUE_OPTIONS))}::jsonb);\n`;
}
