/** What the catalog says about the constraints of a target, as far as its rows can be looked up by them. */
import type pg from "pg";
import type { TableName } from "../../core/job.ts";
import { sql } from "../sql.ts";

/** A constraint of a table, by the names that the server's errors use. */
export interface ConstraintName {
  readonly schema: string;
  readonly table: string;
  readonly constraint: string;
}

/** A CHECK of a table. */
export interface TableCheck {
  readonly name: string;
  /** The condition, in the names of the table's columns. */
  readonly expression: string;
  readonly columns: readonly string[];
}

/** The columns that a unique index compares, in order. */
export interface UniqueKey {
  readonly columns: readonly string[];
}

/** A foreign key: `columns` refer to `referencedColumns` of `referenced`, in this order. */
export interface ForeignKey {
  readonly columns: readonly string[];
  readonly referenced: TableName;
  readonly referencedColumns: readonly string[];
}

/** The CHECKs of a table that speak of `columns` alone. */
export async function listChecks(
  client: pg.ClientBase,
  { schema, table }: TableName,
  columns: readonly string[],
): Promise<readonly TableCheck[]> {
  const { rows } = await client.query<TableCheck>(
    sql`select c.conname as name, pg_get_expr(c.conbin, c.conrelid) as expression, names.columns
      from pg_constraint c
      join pg_class t on t.oid = c.conrelid
      join pg_namespace n on n.oid = t.relnamespace
      cross join lateral (
        select array_agg(a.attname::text) as columns from pg_attribute a
        where a.attrelid = c.conrelid and a.attnum = any (c.conkey)
      ) names
      where n.nspname = ${schema} and t.relname = ${table} and c.contype = 'c' and names.columns <@ ${columns}::text[]
      order by c.conname`,
  );
  return rows;
}

/** The key of a unique index over plain columns, for all rows; null for any other. */
export async function findUniqueKey(
  client: pg.ClientBase,
  { schema, constraint }: ConstraintName,
): Promise<UniqueKey | null> {
  const { rows } = await client.query<UniqueKey>(
    sql`select array_agg(a.attname::text order by k.place) as columns
      from pg_index i
      join pg_class c on c.oid = i.indexrelid
      join pg_namespace n on n.oid = c.relnamespace
      cross join lateral unnest(i.indkey::int2[]) with ordinality k (attnum, place)
      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum and k.attnum <> 0
      where n.nspname = ${schema} and c.relname = ${constraint} and i.indisunique and i.indpred is null
        and k.place <= i.indnkeyatts
        and coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) = false
      group by i.indexrelid
      having bool_and(a.attname is not null)`,
  );
  return rows[0] ?? null;
}

/** A foreign key by name; null when there is none, or it compares nulls in another way than usual. */
export async function findForeignKey(
  client: pg.ClientBase,
  { schema, table, constraint }: ConstraintName,
): Promise<ForeignKey | null> {
  const { rows } = await client.query<{
    columns: string[];
    referenced_schema: string;
    referenced_table: string;
    referenced_columns: string[];
  }>(
    sql`select own.columns, rn.nspname as referenced_schema, r.relname as referenced_table,
        other.columns as referenced_columns
      from pg_constraint c
      join pg_class t on t.oid = c.conrelid
      join pg_namespace n on n.oid = t.relnamespace
      join pg_class r on r.oid = c.confrelid
      join pg_namespace rn on rn.oid = r.relnamespace
      cross join lateral (
        select array_agg(a.attname::text order by k.place) as columns
        from unnest(c.conkey) with ordinality k (attnum, place)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum
      ) own
      cross join lateral (
        select array_agg(a.attname::text order by k.place) as columns
        from unnest(c.confkey) with ordinality k (attnum, place)
        join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.attnum
      ) other
      where n.nspname = ${schema} and t.relname = ${table} and c.conname = ${constraint} and c.contype = 'f'
        and c.confmatchtype = 's'`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  return {
    columns: row.columns,
    referenced: { schema: row.referenced_schema, table: row.referenced_table },
    referencedColumns: row.referenced_columns,
  };
}
