/** The tables and views of the database, read from its catalog. */
import type pg from "pg";
import type { ExportCatalog } from "../../core/export-ports.ts";
import type { TableName } from "../../core/job.ts";
import {
  readTableCursor,
  tableCursor,
  type TableCatalog,
  type TableDescription,
  type TableSummary,
} from "../../core/table-catalog.ts";
import { sqlStateOf, withStoreErrors } from "../connect.ts";
import { quoteTable, sql } from "../sql.ts";
import { listUniqueKeys } from "./unique-keys.ts";

interface SummaryRow {
  readonly schema: string;
  readonly table: string;
  readonly kind: TableSummary["kind"];
  readonly rows: number | null;
  readonly bytes: number;
}

/** The catalog over a pool; what exports know of a relation is asked of theirs. */
export function createTableCatalog(pool: pg.Pool, exports: ExportCatalog): TableCatalog {
  return {
    listTables: ({ limit, cursor }) =>
      withStoreErrors(async () => {
        const after = cursor === undefined ? null : readTableCursor(cursor);
        const found = await selectTables(pool, { after, name: null, limit: limit + 1 });
        const items = found.slice(0, limit);
        const last = items.at(-1);
        const hasMore = found.length > limit && last !== undefined;
        return { items, next: hasMore ? tableCursor(last) : null };
      }),
    describeTable: (name) => withStoreErrors(() => describe(pool, exports, name)),
  };
}

async function selectTables(
  pool: pg.Pool,
  { after, name, limit }: { after: TableName | null; name: TableName | null; limit: number },
): Promise<readonly TableSummary[]> {
  // A table in partitions has rows and bytes in its leaves alone.
  const { rows } = await pool.query<SummaryRow>(
    sql`select n.nspname as schema, c.relname as table,
        case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table'
          else 'table' end as kind,
        (case c.relkind when 'v' then null when 'p' then leaves.rows else nullif(c.reltuples, -1) end)::bigint as rows,
        (case c.relkind when 'p' then leaves.bytes when 'r' then pg_relation_size(c.oid)
          when 'm' then pg_relation_size(c.oid) else 0 end)::bigint as bytes
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      left join lateral (
        select case when bool_and(l.reltuples >= 0) then sum(l.reltuples) end as rows,
          coalesce(sum(pg_relation_size(l.oid)), 0) as bytes
        from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid where t.isleaf
      ) leaves on c.relkind = 'p'
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
        and n.nspname !~ '^(pg_.*|information_schema|sluice|sluice_dispatch)$'
        and has_table_privilege(c.oid, 'select')
        and (${after?.schema ?? null}::name is null or
          (n.nspname, c.relname) > (${after?.schema ?? null}::name, ${after?.table ?? null}::name))
        and (${name?.schema ?? null}::name is null or
          (n.nspname, c.relname) = (${name?.schema ?? null}::name, ${name?.table ?? null}::name))
      order by n.nspname, c.relname limit ${limit}`,
  );
  return rows;
}

async function describe(
  pool: pg.Pool,
  exports: ExportCatalog,
  name: TableName,
): Promise<TableDescription | null> {
  const [summary] = await selectTables(pool, { after: null, name, limit: 1 });
  const relation = await exports.describeSource(name);
  if (summary === undefined || relation === null) return null;
  const key = relation.keys[0]?.map(({ column }) => column) ?? null;
  return {
    ...summary,
    rows: await estimateRows(pool, name),
    columns: relation.columns,
    key,
    uniqueKeys: await listUniqueKeys(pool, name),
    lastExportRows: await exports.findLastRows(name),
  };
}

/** The planner counts by pages where there are no statistics yet, and adds up what views are made of. */
async function estimateRows(pool: pg.Pool, name: TableName): Promise<number | null> {
  try {
    const { rows } = await pool.query<{
      "QUERY PLAN": readonly { Plan: { "Plan Rows": number } }[];
    }>(`explain (format json) select from ${quoteTable(name)}`);
    return rows[0]?.["QUERY PLAN"][0]?.Plan["Plan Rows"] ?? null;
  } catch (error) {
    // A view over what is gone, or a foreign server that does not answer: then nobody knows.
    if (/^(42|55|HV|08001)/.test(sqlStateOf(error) ?? "")) return null;
    throw error;
  }
}
