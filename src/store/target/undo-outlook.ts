/** What undoing an import would come to, counted in the table itself. */
import type pg from "pg";
import type { TableName } from "../../core/job.ts";
import type { KeptCount } from "../../core/store-ports.ts";
import { inTransaction, sqlStateOf } from "../connect.ts";
import { quoteTable, sql } from "../sql.ts";
import { isWanted } from "./drop-made.ts";
import { countFormer, findFormer } from "./restore-rows.ts";
import { listLeaves, listWriters, type Leaf } from "./kept-rows.ts";

/** How long counting may take: a person waits for it. */
const COUNT_MS = 5_000;
const QUERY_CANCELED = "57014";

interface PlaceRow {
  readonly relation: string | null;
  readonly is_made: boolean;
  /** Null where the rows are in partitions, and where the job has not ended. */
  readonly file_node: string | null;
  readonly target_schema: string;
  readonly target_table: string;
}

/** See `JobStore.countKept`. */
export async function countKept(pool: pg.Pool, jobId: string): Promise<KeptCount | null> {
  return inTransaction(pool, async (client) => {
    await client.query(`set transaction read only; set local statement_timeout = ${COUNT_MS}`);
    const place = await findPlace(client, jobId);
    if (place === null) return null;
    const leaves = await listLeaves(client, place.relation);
    const writers = await listWriters(client, jobId);
    const counted = await count(client, leaves, writers);
    const former = await findFormer(client, jobId);
    const { restorable, changed } =
      former === null || counted === null
        ? { restorable: 0, changed: 0 }
        : await countFormer(client, former, writers);
    if (counted === null)
      return { own: null, restorable, changed, isKnown: true, dropsTable: false };
    const { own, all } = counted;
    return {
      own,
      restorable,
      changed,
      isKnown: own > 0 || all === 0 || !isAnotherFile(place, leaves),
      dropsTable: place.is_made && own === all && !(await isWanted(client, { jobId, ...place })),
    };
  });
}

/** See `JobStore.areKeptRowsKnown`. */
export async function areKeptRowsKnown(pool: pg.Pool, jobId: string): Promise<boolean> {
  const isSame = await inTransaction(pool, async (client) => {
    const place = await findPlace(client, jobId);
    return place === null || !isAnotherFile(place, await listLeaves(client, place.relation));
  });
  return isSame || (await countKept(pool, jobId))?.isKnown !== false;
}

interface Place {
  readonly relation: string;
  readonly is_made: boolean;
  readonly file_node: string | null;
  readonly target: TableName;
}

async function findPlace(client: pg.ClientBase, jobId: string): Promise<Place | null> {
  const { rows } = await client.query<PlaceRow>(
    sql`select k.relation::text, coalesce(k.is_made, false) as is_made, k.file_node::text, j.target_schema, j.target_table
      from sluice.job j left join sluice.kept_rows k on k.job_id = j.id where j.id = ${jobId}`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  const target = { schema: row.target_schema, table: row.target_table };
  const relation = row.relation ?? (await oidOf(client, target));
  return relation === null ? null : { ...row, relation, target };
}

async function oidOf(client: pg.ClientBase, target: TableName): Promise<string | null> {
  const { rows } = await client.query<{ oid: string | null }>(
    sql`select to_regclass(${quoteTable(target)})::oid::text as oid`,
  );
  return rows[0]?.oid ?? null;
}

/** Whether the table was emptied or written anew since the job ended. */
function isAnotherFile({ file_node: fileNode }: Place, leaves: readonly Leaf[]): boolean {
  return fileNode !== null && leaves.every((leaf) => leaf.fileNode !== fileNode);
}

/** Rows of the job, and rows at all; null when counting takes too long. */
async function count(
  client: pg.ClientBase,
  leaves: readonly Leaf[],
  writers: readonly string[],
): Promise<{ readonly own: number; readonly all: number } | null> {
  const total = { own: 0, all: 0 };
  const until = performance.now() + COUNT_MS;
  try {
    await client.query("savepoint counting");
    for (const { name } of leaves) {
      if (performance.now() > until) return null;
      const { rows } = await client.query<{ own: number; all: number }>(
        `select count(*) filter (where xmin = any ($1::xid[])) as own, count(*) as all from only ${name}`,
        [writers],
      );
      total.own += rows[0]?.own ?? 0;
      total.all += rows[0]?.all ?? 0;
    }
    return total;
  } catch (error) {
    if (sqlStateOf(error) !== QUERY_CANCELED) throw error;
    await client.query("rollback to savepoint counting");
    return null;
  }
}
