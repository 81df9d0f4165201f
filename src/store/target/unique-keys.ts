/** The unique indexes by which a record can be told to be one with a row. */
import type pg from "pg";
import type { TableName } from "../../core/job.ts";
import { sql } from "../sql.ts";

/** See `TargetTable.uniqueKeys`. */
export async function listUniqueKeys(
  client: pg.Pool | pg.ClientBase,
  { schema, table }: TableName,
): Promise<readonly (readonly string[])[]> {
  const { rows } = await client.query<{ columns: string[] }>(
    sql`select array_agg(a.attname::text order by k.place) as columns
      from pg_index i
      join pg_class c on c.oid = i.indrelid
      join pg_namespace n on n.oid = c.relnamespace
      cross join lateral unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
        with ordinality k (attnum, opclass, collation_oid, place)
      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum and k.attnum <> 0
        and k.collation_oid = a.attcollation
        and exists (select from pg_opclass o where o.oid = k.opclass and o.opcdefault)
      where n.nspname = ${schema} and c.relname = ${table} and i.indisunique and i.indimmediate and i.indisvalid
        and i.indpred is null and k.place <= i.indnkeyatts
      group by i.indexrelid, i.indisprimary
      having bool_and(a.attname is not null)
      order by i.indisprimary desc, count(*), i.indexrelid`,
  );
  return rows.map(({ columns }) => columns);
}

/** Whether a unique or exclusion constraint of the table is deferrable. */
export async function hasDeferrableKey(
  client: pg.Pool | pg.ClientBase,
  { schema, table }: TableName,
): Promise<boolean> {
  const { rowCount } = await client.query(
    sql`select from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${schema} and c.relname = ${table} and (i.indisunique or i.indisexclusion)
        and not i.indimmediate`,
  );
  return rowCount !== 0;
}
