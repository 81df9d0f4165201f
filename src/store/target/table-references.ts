/** The foreign keys that refer to a table. */
import type pg from "pg";
import type { TableReference } from "../../core/import-plan.ts";
import type { TableName } from "../../core/job.ts";
import { sql } from "../sql.ts";

/** See `TargetTable.references`. */
export async function listReferences(
  client: pg.Pool | pg.ClientBase,
  { schema, table }: TableName,
): Promise<readonly TableReference[]> {
  const { rows } = await client.query<{
    table: string;
    constraint: string;
    on_delete: TableReference["onDelete"];
    is_self: boolean;
  }>(
    sql`select rn.nspname || '.' || r.relname as table, c.conname as constraint, c.conrelid = c.confrelid as is_self,
        case c.confdeltype when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default'
          when 'r' then 'restrict' else 'no action' end as on_delete
      from pg_constraint c
      join pg_class t on t.oid = c.confrelid
      join pg_namespace n on n.oid = t.relnamespace
      join pg_class r on r.oid = c.conrelid
      join pg_namespace rn on rn.oid = r.relnamespace
      where n.nspname = ${schema} and t.relname = ${table} and c.contype = 'f'
      order by c.conname, c.oid`,
  );
  return rows.map((row) => ({
    table: row.table,
    constraint: row.constraint,
    onDelete: row.on_delete,
    isSelf: row.is_self,
  }));
}
