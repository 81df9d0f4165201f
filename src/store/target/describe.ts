/** What the catalog says about an existing target. */
import type pg from "pg";
import type { TargetTable } from "../../core/import-plan.ts";
import type { TableName } from "../../core/job.ts";
import { sql } from "../sql.ts";

interface ColumnRow {
  readonly name: string;
  readonly sql_type: string;
  readonly is_required: boolean;
  readonly has_default: boolean;
  readonly is_writable: boolean;
}

/** The table and its columns in order, or null when there is none. Ordinary and partitioned tables only. */
export async function describeTable(pool: pg.Pool, name: TableName): Promise<TargetTable | null> {
  const { rows } = await pool.query<ColumnRow>(
    sql`select a.attname as name, format_type(a.atttypid, a.atttypmod) as sql_type,
        a.attnotnull or (t.typtype = 'd' and t.typnotnull) as is_required,
        a.atthasdef or a.attidentity <> '' or t.typdefault is not null as has_default,
        a.attgenerated = '' and a.attidentity <> 'a' as is_writable
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_type t on t.oid = a.atttypid
      where n.nspname = ${name.schema} and c.relname = ${name.table} and c.relkind in ('r', 'p')
      order by a.attnum`,
  );
  if (rows.length === 0) return null;
  return {
    ...name,
    // A table without columns comes as one row of nulls from the outer join.
    columns: rows
      .filter((row) => row.name !== null)
      .map((row) => ({
        name: row.name,
        sqlType: row.sql_type,
        isRequired: row.is_required,
        hasDefault: row.has_default,
        isWritable: row.is_writable,
      })),
  };
}
