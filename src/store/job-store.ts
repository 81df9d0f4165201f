/** Files and jobs: reading and creating. */
import pg from "pg";
import type { ImportPlan } from "../core/import-plan.ts";
import type { JobEvent, StoredFile } from "../core/job.ts";
import type { Dispatcher } from "../core/ports.ts";
import type { Rejection, RejectionCode } from "../core/rejection.ts";
import type { JobStore } from "../core/store-ports.ts";
import { withStoreErrors } from "./connect.ts";
import { insertJob } from "./insert-job.ts";
import { JOB_SELECT, toJob, type JobRow } from "./job-rows.ts";
import { idSuffix, newId } from "./new-id.ts";
import { sql, type Statement } from "./sql.ts";
import { describeTable } from "./target/describe.ts";

/** Reads and creates over a pool. */
export function createJobStore(pool: pg.Pool, dispatcher: Dispatcher): JobStore {
  const rowsOf = async <R extends pg.QueryResultRow>(statement: Statement): Promise<R[]> =>
    withStoreErrors(async () => (await pool.query<R>(statement)).rows);
  const jobsWhere = async (where: string, values: unknown[]) =>
    (await rowsOf<JobRow>({ text: `${JOB_SELECT} ${where}`, values })).map(toJob);

  return {
    newFileId: () => newId("file"),
    newJobId: () => newId("job"),
    stagingName: (jobId) => `stage_${idSuffix(jobId)}`,
    insertFile: async (file) => {
      const rows = await rowsOf<FileRow>(
        sql`insert into sluice.file (id, name, bytes, sha256)
          values (${file.id}, ${file.name}, ${file.bytes}, ${file.sha256})
          returning id, name, bytes, sha256, created_at`,
      );
      return rows.map(toFile)[0] ?? { ...file, createdAt: new Date() };
    },
    findFile: async (fileId) => {
      const rows = await rowsOf<FileRow>(
        sql`select id, name, bytes, sha256, created_at from sluice.file
          where id = ${fileId} and removed_at is null`,
      );
      return rows.map(toFile)[0] ?? null;
    },
    listFiles: async ({ limit, cursor }) => {
      const rows = await rowsOf<FileRow>(
        sql`select id, name, bytes, sha256, created_at from sluice.file
          where removed_at is null and (${cursor ?? null}::text is null or id < ${cursor ?? null}) order by id desc limit ${limit + 1}`,
      );
      return pageOf(rows.map(toFile), limit);
    },
    deleteFile: async (fileId) => deleteFile(rowsOf, fileId),
    insertJob: async (job) => insertJob(pool, dispatcher, job),
    findJob: async (jobId) => (await jobsWhere("where j.id = $1", [jobId]))[0] ?? null,
    findJobsByPrefix: async (prefix) =>
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
    listJobs: async (filter) => {
      const jobs = await jobsWhere(
        `where ($1::text is null or j.id < $1)
          and ($2::text[] is null or (case when s.wish = 'pause' and j.state = 'running' then 'pausing'
            when s.wish = 'stop' and j.state in ('queued', 'running', 'pausing', 'paused') then 'stopping'
            else j.state end) = any($2))
          and ($3::text is null or j.kind = $3)
          and ($4::text is null or position(lower($4) in lower(j.name)) > 0)
        order by j.id desc limit $5`,
        [
          filter.cursor ?? null,
          filter.states ?? null,
          filter.kind ?? null,
          filter.q ?? null,
          filter.limit + 1,
        ],
      );
      return pageOf(jobs, filter.limit);
    },
    countJobsAhead: async (jobId) => {
      const rows = await rowsOf<{ ahead: number }>(
        sql`select count(*) as ahead from sluice.job
          where state in ('queued', 'running', 'pausing') and wish = 'run' and id < ${jobId}`,
      );
      return rows[0]?.ahead ?? 0;
    },
    deleteEndedJob: async (jobId) =>
      (
        await rowsOf(
          sql`delete from sluice.job where id = ${jobId}
            and state in ('succeeded', 'stopped', 'undone') returning id`,
        )
      ).length === 1,
    listEvents: async (jobId, after) =>
      (
        await rowsOf<EventRow>(
          sql`select id, job_id, type, at, by_actor, details from sluice.event
            where job_id = ${jobId} and id > ${after} order by id limit 1000`,
        )
      ).map(toEvent),
    listRejections: async (jobId, page) =>
      (
        await rowsOf<RejectionRow>(
          sql`select record_no, line_no, byte_offset, byte_length, column_name, value, code, message, raw
            from sluice.rejection where job_id = ${jobId} and record_no > ${page.afterRecord}
            order by record_no limit ${page.limit}`,
        )
      ).map(toRejection),
    findPlan: async (jobId) => {
      const rows = await rowsOf<{ plan: ImportPlan }>(
        sql`select plan from sluice.job where id = ${jobId}`,
      );
      return rows[0]?.plan ?? null;
    },
    describeTable: async (name) => withStoreErrors(() => describeTable(pool, name)),
    relationExists: async (name) =>
      (
        await rowsOf(
          sql`select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = ${name.schema} and c.relname = ${name.table}`,
        )
      ).length > 0,
    schemaExists: async (schema) =>
      (await rowsOf(sql`select from pg_namespace where nspname = ${schema}`)).length > 0,
    ping: async () => {
      await rowsOf(sql`select 1`);
    },
  };
}

type RowsOf = <R extends pg.QueryResultRow>(statement: Statement) => Promise<R[]>;

async function deleteFile(
  rowsOf: RowsOf,
  fileId: string,
): Promise<"deleted" | "not_found" | "in_use"> {
  // Creating a job locks the file row `for share`, so no job can begin over a file that is being deleted.
  const rows = await rowsOf(
    sql`update sluice.file f set removed_at = clock_timestamp()
      where f.id = ${fileId} and f.removed_at is null and not exists (
        select from sluice.job j where j.file_id = f.id and j.state not in ('succeeded', 'stopped', 'undone'))
      returning f.id`,
  );
  if (rows.length === 1) return "deleted";
  const known = await rowsOf(
    sql`select from sluice.file where id = ${fileId} and removed_at is null`,
  );
  return known.length === 0 ? "not_found" : "in_use";
}

function pageOf<T extends { readonly id: string }>(
  items: readonly T[],
  limit: number,
): { items: readonly T[]; next: string | null } {
  const shown = items.slice(0, limit);
  return { items: shown, next: items.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

interface FileRow {
  id: string;
  name: string;
  bytes: number;
  sha256: string;
  created_at: Date;
}

function toFile(row: FileRow): StoredFile {
  const { id, name, bytes, sha256 } = row;
  return { id, name, bytes, sha256, createdAt: row.created_at };
}

interface EventRow {
  id: number;
  job_id: string;
  type: string;
  at: Date;
  by_actor: string | null;
  details: Record<string, unknown>;
}

function toEvent(row: EventRow): JobEvent {
  const { id, type, at, details } = row;
  return { id, jobId: row.job_id, type, at, by: row.by_actor, details };
}

interface RejectionRow {
  record_no: number;
  line_no: number;
  byte_offset: number;
  byte_length: number;
  column_name: string | null;
  value: string | null;
  code: RejectionCode;
  message: string;
  raw: Uint8Array;
}

function toRejection(row: RejectionRow): Rejection {
  const { value, code, message, raw } = row;
  return {
    record: row.record_no,
    line: row.line_no,
    byte: row.byte_offset,
    byteLength: row.byte_length,
    column: row.column_name,
    value,
    code,
    message,
    raw,
  };
}
