/** What the catalog says about an existing target. */
import type pg from "pg";
import type { TargetTable } from "../../core/import-plan.ts";
import type { TableName } from "../../core/job.ts";
import { sql } from "../sql.ts";
import { listReferences } from "./table-references.ts";
import { hasDeferrableKey, listUniqueKeys } from "./unique-keys.ts";

interface ColumnRow {
  readonly is_partitioned: boolean;
  readonly name: string;
  readonly sql_type: string;
  readonly is_required: boolean;
  readonly has_default: boolean;
  readonly is_writable: boolean;
  /** Null for what is no domain. */
  readonly base_type: string | null;
  readonly is_text: boolean;
  /** Null for what is no enum. */
  readonly labels: readonly string[] | null;
}

/** The table and its columns in order, or null when there is none. Ordinary and partitioned tables only. */
export async function describeTable(
  pool: pg.Pool | pg.ClientBase,
  name: TableName,
): Promise<TargetTable | null> {
  const { rows } = await pool.query<ColumnRow>(
    sql`select c.relkind = 'p' as is_partitioned, a.attname as name, format_type(a.atttypid, a.atttypmod) as sql_type,
        a.attnotnull or (t.typtype = 'd' and t.typnotnull) as is_required,
        a.atthasdef or a.attidentity <> '' or t.typdefault is not null as has_default,
        a.attgenerated = '' and a.attidentity <> 'a' as is_writable,
        case when t.typtype = 'd' then format_type(b.oid, b.typmod) end as base_type, b.is_text,
        (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = b.oid) as labels
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_type t on t.oid = a.atttypid
      left join lateral (
        with recursive level as (
          select t.oid, a.atttypmod as typmod, t.typtype, t.typcategory, t.typbasetype, t.typtypmod
          union all
          select u.oid, l.typtypmod, u.typtype, u.typcategory, u.typbasetype, u.typtypmod
          from level l join pg_type u on u.oid = l.typbasetype where l.typtype = 'd'
        )
        select l.oid, l.typmod, l.typcategory = 'S' as is_text from level l where l.typtype <> 'd'
      ) b on true
      where n.nspname = ${name.schema} and c.relname = ${name.table} and c.relkind in ('r', 'p')
      order by a.attnum`,
  );
  if (rows.length === 0) return null;
  const uniqueKeys = await listUniqueKeys(pool, name);
  const references = await listReferences(pool, name);
  return {
    ...name,
    ...(uniqueKeys.length === 0 ? {} : { uniqueKeys }),
    ...((await hasDeferrableKey(pool, name)) ? { hasDeferrableKey: true } : {}),
    ...(references.length === 0 ? {} : { references }),
    ...(rows[0]?.is_partitioned === true ? { isPartitioned: true } : {}),
    // A table without columns comes as one row of nulls from the outer join.
    columns: rows
      .filter((row) => row.name !== null)
      .map((row) => ({
        name: row.name,
        sqlType: row.sql_type,
        isRequired: row.is_required,
        hasDefault: row.has_default,
        isWritable: row.is_writable,
        isText: row.is_text,
        ...(row.base_type === null ? {} : { baseType: row.base_type }),
        ...(row.labels === null ? {} : { labels: row.labels }),
      })),
  };
}
