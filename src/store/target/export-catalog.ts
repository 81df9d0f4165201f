/**
 * What planning an export asks of the database. Every statement about its rows reads, in a transaction that the server
 * keeps to that.
 */
import type pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import type {
  ExportColumn,
  ExportPreview,
  ExportRange,
  KeyColumn,
} from "../../core/export-plan.ts";
import type { ExportCatalog, QueryEstimate, QueryPlan } from "../../core/export-ports.ts";
import type { SourceRelation } from "../../core/export-request.ts";
import { tableLabel, type TableName } from "../../core/job.ts";
import { inTransaction, sqlStateOf, withStoreErrors } from "../connect.ts";
import { sql } from "../sql.ts";
import { analyzeNew } from "./analyze-new.ts";
import {
  selectCuts,
  selectEdge,
  selectPreview,
  selectRows,
  selectSample,
  type KeyRow,
} from "./export-sql.ts";

/** Rows that are read to learn how long they are, and how long they may be looked for. */
const SAMPLE_ROWS = 500;
const PREVIEW_ROWS = 50;
const SAMPLE_MS = 1_000;
/** Blocks of the table whose keys are looked at to cut it into parts. */
const SAMPLED_BLOCKS = 300;
/** Of a server that was built in the usual way; of any other the sample is somewhat larger or smaller. */
const BLOCK_BYTES = 8192;
const OWN_SCHEMAS = new Set(["sluice", "sluice_dispatch"]);

/** The catalog over a pool. */
export function createExportCatalog(pool: pg.Pool): ExportCatalog {
  return {
    describeSource: (name) => withStoreErrors(() => describeSource(pool, name)),
    describeQuery: (text) => reading(pool, (client) => describeQuery(client, text)),
    estimate: async (plan) => {
      const { table } = plan.source;
      if (table !== null) await withStoreErrors(() => analyzeNew(pool, table));
      return reading(pool, (client) => estimate(client, plan));
    },
    preview: (plan) => reading(pool, (client) => preview(client, plan)),
    findRanges: (plan, table) => reading(pool, (client) => findRanges(client, plan, table)),
    findLastRows: (table) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ rows: number }>(
          sql`select (result ->> 'rows')::bigint as rows from sluice.job
            where kind = 'export' and state = 'succeeded'
              and plan #>> '{source,table,schema}' = ${table.schema} and plan #>> '{source,table,table}' = ${table.table}
            order by id desc limit 1`,
        );
        return rows[0]?.rows ?? null;
      }),
  };
}

/** Runs `work` in a transaction that reads; what the server says of the statement becomes `invalid_request`. */
async function reading<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  try {
    return await inTransaction(pool, async (client) => {
      await client.query("set transaction read only; set local timezone = 'UTC'");
      return work(client);
    });
  } catch (error) {
    throw refused(error) ?? error;
  }
}

/** The error for a person when the server refused what was asked; null when something else broke. */
function refused(error: unknown): SluiceError | null {
  const state = sqlStateOf(error);
  if (!(error instanceof Error) || state === null || !/^(0A|22|25|42|3F|P0)/.test(state))
    return null;
  return new SluiceError(
    "invalid_request",
    `The database refused what is to be exported: ${error.message} (${state}).`,
    { cause: error },
  );
}

/** `pg` takes `queryMode`, which its types do not name. The extended protocol takes a single statement. */
type SingleStatement = pg.QueryConfig & { readonly queryMode: "extended" };

function single(text: string): SingleStatement {
  return { text, queryMode: "extended" };
}

interface ColumnRow {
  readonly name: string;
  readonly sql_type: string;
  readonly category: string;
  readonly is_json: boolean;
  readonly is_nullable: boolean;
}

function toColumn(row: ColumnRow): ExportColumn & { readonly isNullable: boolean } {
  return {
    name: row.name,
    sqlType: row.sql_type,
    writtenAs: row.is_json ? "json" : (CATEGORIES[row.category] ?? "text"),
    isNullable: row.is_nullable,
  };
}

/** Of pg_type.typcategory. */
const CATEGORIES: Readonly<Record<string, ExportColumn["writtenAs"]>> = {
  B: "boolean",
  N: "number",
  D: "time",
};

async function describeSource(pool: pg.Pool, name: TableName): Promise<SourceRelation | null> {
  const { rows } = await pool.query<{ oid: number; bytes: number }>(
    sql`select c.oid::bigint as oid, (case c.relkind
          when 'p' then (select coalesce(sum(pg_relation_size(relid)), 0) from pg_partition_tree(c.oid))
          when 'r' then pg_relation_size(c.oid) when 'm' then pg_relation_size(c.oid) else 0 end)::bigint as bytes
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${name.schema} and c.relname = ${name.table} and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
  );
  const relation = rows[0];
  if (relation === undefined) return null;
  const columns = await pool.query<ColumnRow>(
    sql`select a.attname as name, format_type(a.atttypid, a.atttypmod) as sql_type, t.typcategory as category,
        t.typname in ('json', 'jsonb') as is_json, not a.attnotnull as is_nullable
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = ${relation.oid} and a.attnum > 0 and not a.attisdropped order by a.attnum`,
  );
  return {
    schema: name.schema,
    table: name.table,
    bytes: relation.bytes,
    columns: columns.rows.map(toColumn),
    keys: await listKeys(pool, relation.oid),
  };
}

/** Whole unique indexes over columns that are never NULL, in the order that the types have by themselves. */
async function listKeys(pool: pg.Pool, oid: number): Promise<readonly (readonly KeyColumn[])[]> {
  const { rows } = await pool.query<{ key: readonly KeyColumn[] }>(
    sql`select jsonb_agg(jsonb_build_object('column', a.attname, 'sqlType', format_type(a.atttypid, a.atttypmod))
          order by k.n) as key
      from pg_index i
      join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam and m.amname = 'btree'
      cross join lateral unnest(i.indkey::int2[]) with ordinality k (attnum, n)
      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      where i.indrelid = ${oid} and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
        and k.n <= i.indnkeyatts
      group by i.indexrelid, i.indisprimary
      having bool_and(a.attnotnull and i.indoption[k.n - 1] = 0 and i.indcollation[k.n - 1] = a.attcollation
        and (select o.opcdefault from pg_opclass o where o.oid = i.indclass[k.n - 1]))
      order by i.indisprimary desc, count(*), i.indexrelid`,
  );
  return rows.map(({ key }) => key);
}

async function describeQuery(
  client: pg.PoolClient,
  text: string,
): Promise<SourceRelation["columns"]> {
  const { fields } = await client.query(single(`select * from (\n${text}\n) as result limit 0`));
  const { rows } = await client.query<ColumnRow>(
    sql`select f.name, format_type(f.type, f.typmod) as sql_type, t.typcategory as category,
        t.typname in ('json', 'jsonb') as is_json, true as is_nullable
      from unnest(${fields.map(({ name }) => name)}::text[], ${fields.map(({ dataTypeID }) => dataTypeID)}::oid[],
        ${fields.map(({ dataTypeModifier }) => dataTypeModifier)}::int[]) with ordinality as f (name, type, typmod, n)
      join pg_type t on t.oid = f.type order by f.n`,
  );
  return rows.map(toColumn);
}

interface PlanNode {
  readonly "Plan Rows": number;
  readonly "Plan Width": number;
  readonly "Total Cost": number;
  readonly Schema?: string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

async function estimate(client: pg.PoolClient, plan: QueryPlan): Promise<QueryEstimate> {
  const { rows } = await client.query<{ "QUERY PLAN": readonly { Plan: PlanNode }[] }>(
    single(`explain (format json, verbose) ${selectRows(plan)}`),
  );
  const top = rows[0]?.["QUERY PLAN"][0]?.Plan;
  if (top === undefined) throw new Error("explain gave no plan");
  const own = findOwn(top);
  if (own !== null)
    throw new SluiceError(
      "invalid_request",
      `Expected a query of your own tables, but it reads ${own}, which belongs to Sluice.`,
    );
  return {
    rows: top["Plan Rows"],
    bytesPerRow: (await sampleBytes(client, plan)) ?? top["Plan Width"] + plan.columns.length,
    cost: top["Total Cost"],
  };
}

function findOwn(node: PlanNode): string | null {
  if (node.Schema !== undefined && OWN_SCHEMAS.has(node.Schema))
    return tableLabel({ schema: node.Schema, table: node["Relation Name"] ?? "" });
  for (const child of node.Plans ?? []) {
    const own = findOwn(child);
    if (own !== null) return own;
  }
  return null;
}

/** Mean bytes of the first rows; null when none was found in time. */
async function sampleBytes(client: pg.PoolClient, plan: QueryPlan): Promise<number | null> {
  const rows = await rowsInTime<{ bytes: number | null }>(
    client,
    `select avg(bytes)::float8 as bytes from (${selectSample(plan, SAMPLE_ROWS)}) sample`,
  );
  return rows?.[0]?.bytes ?? null;
}

async function preview(client: pg.PoolClient, plan: QueryPlan): Promise<ExportPreview | null> {
  const text = selectPreview(plan, PREVIEW_ROWS);
  const rows = await rowsInTime<{ cells: readonly (string | null)[] }>(client, text);
  return rows?.map(({ cells }) => cells) ?? null;
}

/** The rows of a query that is given a second; null when it takes longer. */
async function rowsInTime<Row extends pg.QueryResultRow>(
  client: pg.PoolClient,
  text: string,
): Promise<readonly Row[] | null> {
  await client.query("savepoint sample");
  try {
    await client.query(`set local statement_timeout = ${SAMPLE_MS}`);
    return (await client.query<Row>(single(text))).rows;
  } catch (error) {
    // Too slow to be looked at. What is wrong with the filter's values shows while it is looked at, too.
    if (sqlStateOf(error) !== "57014") throw error;
    await client.query("rollback to sample");
    return null;
  } finally {
    await client.query("set local statement_timeout = 0").catch(() => undefined); // aborted: it ends anyway
  }
}

async function findRanges(
  client: pg.PoolClient,
  plan: QueryPlan,
  { parts, tableBytes }: { readonly parts: number; readonly tableBytes: number },
): Promise<readonly ExportRange[]> {
  const edge = await client.query<KeyRow>(selectEdge(plan, "last"));
  const last = edge.rows[0]?.sluice_key_texts;
  if (last === undefined) return [];
  const percent = Math.min(100, (100 * SAMPLED_BLOCKS) / Math.max(1, tableBytes / BLOCK_BYTES));
  const cuts =
    parts < 2 ? [] : (await client.query<KeyRow>(selectCuts(plan, last, { percent, parts }))).rows;
  const ends = [...cuts.map((row) => row.sluice_key_texts), last];
  return ends.map((upTo, at) => ({ after: ends[at - 1] ?? null, upTo }));
}
