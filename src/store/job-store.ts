/** Files and jobs: reading and creating. */
import type pg from "pg";
import { UNDO_DAYS } from "../core/engine-settings.ts";
import type { Dispatcher } from "../core/ports.ts";
import type { JobStore } from "../core/store-ports.ts";
import { createBookQueries } from "./book-queries.ts";
import { changeJob } from "./change-job.ts";
import { withStoreErrors } from "./connect.ts";
import { readFigures } from "./figure-queries.ts";
import { createCorrectionStore } from "./correction-store.ts";
import { createFileQueries } from "./file-queries.ts";
import { insertExport } from "./insert-export.ts";
import { insertJob } from "./insert-job.ts";
import { insertProcess } from "./insert-process.ts";
import { getActivity } from "./job-activity.ts";
import { jobSelect, SHOWN_STATE, toJob, type JobRow } from "./job-rows.ts";
import { idSuffix, newId } from "./new-id.ts";
import { createRecordQueries } from "./record-queries.ts";
import { pageOf, type RowsOf } from "./rows.ts";
import { prepared, sql, type Statement } from "./sql.ts";
import { describeTable } from "./target/describe.ts";
import { createExportCatalog } from "./target/export-catalog.ts";
import { createTableCatalog } from "./target/table-catalog.ts";
import { areKeptRowsKnown, countKept } from "./target/undo-outlook.ts";

/** Reads and creates over a pool. `undoDays`: for how long jobs that have ended can be undone. */
export function createJobStore(
  pool: pg.Pool,
  dispatcher: Dispatcher,
  undoDays: number = UNDO_DAYS,
): JobStore {
  const rowsOf: RowsOf = <R extends pg.QueryResultRow>(statement: Statement) =>
    withStoreErrors(async () => (await pool.query<R>(statement)).rows);
  const exports = createExportCatalog(pool);
  return {
    newFileId: () => newId("file"),
    newJobId: () => newId("job"),
    stagingName: (jobId) => `stage_${idSuffix(jobId)}`,
    ...createFileQueries(rowsOf),
    ...createJobQueries(rowsOf, undoDays),
    ...createBookQueries(rowsOf),
    ...createRecordQueries(rowsOf),
    corrections: createCorrectionStore(rowsOf),
    insertJob: async (job) => insertJob(pool, dispatcher, job),
    insertExport: async (job) => insertExport(pool, dispatcher, job),
    insertProcess: async (job) => insertProcess(pool, dispatcher, job),
    changeJob: async (...change) => changeJob(pool, ...change),
    countKept: (jobId) => countKept(pool, jobId),
    areKeptRowsKnown: (jobId) => areKeptRowsKnown(pool, jobId),
    exports,
    tables: createTableCatalog(pool, exports),
    describeTable: async (name) => withStoreErrors(() => describeTable(pool, name)),
    findRelationKind: async (name) =>
      (
        await rowsOf<{ kind: string }>(
          sql`select case c.relkind when 'r' then 'table' when 'p' then 'table' when 'v' then 'view'
              when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then 'sequence'
              when 'i' then 'index' when 'I' then 'index' else 'type' end as kind
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = ${name.schema} and c.relname = ${name.table}`,
        )
      )[0]?.kind ?? null,
    schemaExists: async (schema) =>
      (await rowsOf(sql`select from pg_namespace where nspname = ${schema}`)).length > 0,
    readFigures: (leaseMs) => readFigures(rowsOf, leaseMs),
    ping: async () => {
      await rowsOf(sql`select 1`);
    },
  };
}

type JobQueries = Pick<
  JobStore,
  | "findJob"
  | "findJobsByPrefix"
  | "findJobByIdempotencyKey"
  | "findFlatJob"
  | "listJobs"
  | "getActivity"
  | "deleteEndedJob"
>;

function createJobQueries(rowsOf: RowsOf, undoDays: number): JobQueries {
  const select = jobSelect(undoDays);
  const jobsWhere = async (where: string, values: unknown[]) =>
    (await rowsOf<JobRow>({ text: `${select} ${where}`, values })).map(toJob);
  return {
    findJob: async (jobId) => {
      // Who follows a job asks ten times a second.
      const [row] = await rowsOf<JobRow>(
        prepared("find_job", { text: `${select} where j.id = $1`, values: [jobId] }),
      );
      return row === undefined ? null : toJob(row);
    },
    findJobsByPrefix: (prefix) =>
      jobsWhere("where starts_with(j.id, $1) order by j.id desc limit 2", [prefix]),
    findJobByIdempotencyKey: async (key) =>
      (await jobsWhere("where j.idempotency_key = $1", [key]))[0] ?? null,
    findFlatJob: async () =>
      (
        await jobsWhere(
          `where j.door = 'flat' and j.state in ('queued', 'running', 'pausing', 'paused') and s.wish <> 'stop'`,
          [],
        )
      )[0] ?? null,
    listJobs: async ({ cursor, states, kind, q, parent, limit }) => {
      const jobs = await jobsWhere(
        `where ($1::text is null or j.id < $1) and ($2::text[] is null or ${SHOWN_STATE} = any($2))
          and ($3::text is null or j.kind = $3)
          and ($4::text is null or position(lower($4) in lower(coalesce(s.new_name, j.name))) > 0)
          and ($5::text is null or j.parent_id = $5)
        order by j.id desc limit $6`,
        [cursor ?? null, states ?? null, kind ?? null, q ?? null, parent ?? null, limit + 1],
      );
      return pageOf(jobs, limit);
    },
    getActivity: (jobId) => getActivity(rowsOf, jobId),
    deleteEndedJob: async (jobId) =>
      (
        await rowsOf(
          sql`with gone as (
              delete from sluice.job where id = ${jobId}
                and (state in ('succeeded', 'stopped', 'undone')
                  -- Nothing else ends what failed and cannot be undone.
                  or (state = 'failed' and kind = 'process' and plan -> 'hasUndo' = 'false'::jsonb)) returning id),
            -- Of a retry: what it has no right to; the rest is written for good.
            given as (
              delete from sluice.retried d using gone
              where d.child_id = gone.id and not sluice.is_held(d.child_id, d.child_record))
            select id from gone`,
        )
      ).length === 1,
  };
}
