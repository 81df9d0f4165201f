/**
 * The order in which staged rows go into a target. In the order of its key an index grows at its end instead of
 * everywhere, which matters more than the sort costs (docs/decisions/publishing-in-key-order.md). Where the table itself
 * gives rows something by their turn, a number above all, they come in the order of the file.
 */
import type pg from "pg";
import type { ImportPlan, PlannedColumn } from "../../core/import-plan.ts";
import { quoteName, quoteTable, sql } from "../sql.ts";
import { recordNumber } from "./staging.ts";

/** What of a plan decides the order. */
interface RowsOfPlan extends Pick<ImportPlan, "target" | "recordColumn"> {
  readonly columns: readonly Pick<PlannedColumn, "column">[];
}

/** The `order by` clause of the rows of a plan; empty when no order is worth its cost. */
export async function findInsertOrder(client: pg.ClientBase, plan: RowsOfPlan): Promise<string> {
  const columns = plan.columns.map(({ column }) => column);
  const target = quoteTable(plan.target);
  if (await isOrderSeen(client, target, columns)) return `order by ${recordNumber(plan)}`;
  const key = await findIndexColumns(client, target, columns);
  return key === null ? "" : `order by ${key.map(quoteName).join(", ")}`;
}

/**
 * Whether the order of rows can be told afterwards: columns that are left to a sequence or to a function of somebody's
 * own, and triggers.
 */
async function isOrderSeen(
  client: pg.ClientBase,
  target: string,
  columns: readonly string[],
): Promise<boolean> {
  const { rows } = await client.query<{ is_seen: boolean }>(
    sql`select exists (
        select from pg_attribute a
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = ${target}::regclass and a.attnum > 0 and not a.attisdropped
          and a.attname <> all (${columns}::text[]) and (
            a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like '%nextval(%' or exists (
              -- Functions that come with PostgreSQL are not listed as something that is depended on.
              select from pg_depend p where p.classid = 'pg_attrdef'::regclass and p.objid = d.oid
                and p.refclassid = 'pg_proc'::regclass))
      ) or exists (
        select from pg_trigger t where t.tgrelid = ${target}::regclass and not t.tgisinternal
      ) as is_seen`,
  );
  return rows[0]?.is_seen === true;
}

/** The columns of the index that orders the rows best: the primary key, else a unique one, else any; null without one. */
async function findIndexColumns(
  client: pg.ClientBase,
  target: string,
  columns: readonly string[],
): Promise<readonly string[] | null> {
  const { rows } = await client.query<{ columns: string[] }>(
    sql`select array_agg(a.attname::text order by k.place) as columns
      from pg_index i
      join pg_class c on c.oid = i.indexrelid
      join pg_am m on m.oid = c.relam and m.amname = 'btree'
      cross join lateral unnest(i.indkey::int2[], i.indclass::oid[]) with ordinality k (attnum, opclass, place)
      join pg_opclass o on o.oid = k.opclass
      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum and k.attnum <> 0
        and o.opcdefault and a.attname = any (${columns}::text[])
      where i.indrelid = ${target}::regclass and i.indpred is null and i.indisvalid and k.place <= i.indnkeyatts
      group by i.indexrelid, i.indisprimary, i.indisunique
      having bool_and(a.attname is not null)
      order by i.indisprimary desc, i.indisunique desc, i.indexrelid
      limit 1`,
  );
  return rows[0]?.columns ?? null;
}
