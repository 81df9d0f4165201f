/**
 * Publishing a new table: the staging table itself, renamed. Its primary key is built before, so that the transaction
 * that renames is short: under the job's lock, in a transaction of its own. Whoever dies after that leaves an index that
 * the next runner finds; nothing of it is visible, because it belongs to the staging table.
 *
 * Records with a key that an earlier record has are refused in the publishing transaction, and the index is built there.
 */
import pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import { quoteName, quoteStaging, quoteTable, sql } from "../sql.ts";
import { refuseTwins } from "./refused-rows.ts";
import { MOST_NAME_BYTES } from "./staging.ts";

const UNIQUE_VIOLATION = "23505";

/** The unique index of a staging table that becomes the primary key. */
function keyIndex({ staging }: ImportPlan): string {
  return `${staging}_key`;
}

/**
 * Builds the index of the primary key, if the plan has one and it is not there. Returns false when records share a key;
 * then the transaction is broken.
 */
export async function buildKey(client: pg.Client, plan: ImportPlan): Promise<boolean> {
  const { key = [] } = plan;
  if (key.length === 0) return true;
  try {
    await client.query(
      `create unique index if not exists ${quoteName(keyIndex(plan))}
       on ${quoteStaging(plan.staging)} (${key.map(quoteName).join(", ")})`,
    );
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION) return false;
    throw error;
  }
}

/** Puts the records aside whose key an earlier one has, and builds the index without them. Returns how many. */
export async function refuseKeyTwins(client: pg.Client, plan: ImportPlan): Promise<number> {
  const refused = await refuseTwins(client, plan, plan.key ?? []);
  await buildKey(client, plan);
  return refused;
}

/** Renames the staging table to the target; its key, if there is one, becomes the primary key. */
export async function publishByRename(client: pg.Client, plan: ImportPlan): Promise<void> {
  const { schema, table } = plan.target;
  const staging = quoteStaging(plan.staging);
  if (plan.recordColumn !== undefined)
    await client.query(`alter table ${staging} drop column ${quoteName(plan.recordColumn)}`);
  if (plan.key !== undefined && plan.key.length > 0) {
    const name = await freeKeyName(client, plan);
    await client.query(
      `alter table ${staging} add constraint ${quoteName(name)} primary key using index ${quoteName(keyIndex(plan))}`,
    );
  }
  await client.query(`alter table ${staging} set schema ${quoteName(schema)}`);
  await client.query(
    `alter table ${quoteTable({ schema, table: plan.staging })} rename to ${quoteName(table)}`,
  );
}

/** The name that PostgreSQL itself would give the key, as far as it is free in the schema of the target. */
async function freeKeyName(client: pg.Client, plan: ImportPlan): Promise<string> {
  const { schema, table } = plan.target;
  for (let number = 0; ; number++) {
    const name = nameWith(table, `_pkey${number === 0 ? "" : number}`);
    const { rowCount } = await client.query(
      sql`select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = ${schema} and c.relname = ${name}`,
    );
    if (rowCount === 0) return name;
  }
}

/** `text` shortened by whole characters, so that it fits a name together with `ending`. */
function nameWith(text: string, ending: string): string {
  const characters = Array.from(text);
  while (Buffer.byteLength(characters.join("") + ending) > MOST_NAME_BYTES) characters.pop();
  return characters.join("") + ending;
}
