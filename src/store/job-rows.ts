/** The one query that reads jobs, and the one mapper from its rows to the domain. */
import { toMaxRejected, type RejectionLimitRow } from "./rejection-limit-row.ts";
import type { Failure } from "../core/errors.ts";
import type { ExportPlan } from "../core/export-plan.ts";
import type { ExportRequest } from "../core/export-request.ts";
import type { ExportJob, ImportJob, ImportRequest, Job, JobKind, ProcessJob } from "../core/job.ts";
import type { ExportResult, JobResult, KeptRows } from "../core/job-result.ts";
import type { JobState, Phase, Signal, Wish } from "../core/job-state.ts";
import type { ProcessPlan, ProcessRequest, ProcessResult } from "../core/process-plan.ts";

/** A row of `jobSelect`. */
export interface JobRow extends RejectionLimitRow {
  readonly id: string;
  readonly kind: JobKind;
  readonly name: string;
  readonly door: "api" | "flat";
  /** As the row holds it. */
  readonly state: JobState;
  /** As people see it, see `SHOWN_STATE`. */
  readonly shown_state: JobState;
  readonly phase: Phase | null;
  readonly wish: Wish;
  readonly signal: Signal;
  readonly signal_by: string | null;
  readonly signal_at: Date;
  readonly reason_by: string | null;
  readonly state_at: Date;
  readonly epoch: number;
  readonly version: number;
  /** Null but for imports, as is all of the target; the file is null only for exports. */
  readonly target_schema: string;
  readonly target_table: string;
  readonly staging: string | null;
  readonly request: ImportRequest | ExportRequest | ProcessRequest;
  readonly failure: Failure | null;
  readonly result: JobResult | ExportResult | ProcessResult | null;
  /** Null for imports, whose plan nobody is shown. */
  readonly shown_plan: ExportPlan | ProcessPlan | null;
  readonly pause_after: number | null;
  readonly max_records_per_second: number | null;
  readonly rescues: number;
  readonly rescued_at_record: number;
  readonly parent_id: string | null;
  /** Of a retry; null for other jobs. */
  readonly is_given_back: boolean | null;
  readonly retry_file: string | null;
  readonly records_retried: number;
  readonly records_fixed: number;
  readonly created_by: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly running_ms: number;
  readonly paused_ms: number;
  readonly stretch_ms: number;
  readonly file_id: string;
  readonly file_name: string;
  readonly file_bytes: number;
  /** Null before the file is whole, and when it never will be. */
  readonly file_sha256: string | null;
  readonly bytes_announced: number | null;
  readonly file_created_at: Date;
  readonly records_read: number;
  readonly records_written: number;
  readonly records_rejected: number;
  readonly records_filtered: number;
  readonly bare_quotes: number;
  readonly blank_lines: number;
  readonly lf_ends: number;
  readonly crlf_ends: number;
  readonly cr_ends: number;
  readonly bytes_done: number;
  readonly data_start: number;
  /** Of a packed file what it inflates to; null while nobody knows. */
  readonly source_bytes: number | null;
  readonly checkpoint_at: Date | null;
  /** Null unless the job is an import that has ended with its rows kept. */
  readonly undoable_until: Date | null;
  readonly undo_refusal: KeptRows["refusal"];
}

/**
 * The state that people see, as SQL: a request is durable in the signal row before the job row can follow, and between
 * the two a job is shown as `pausing` or `stopping`.
 */
export const SHOWN_STATE = `(case
  when s.wish = 'pause' and j.state = 'running' then 'pausing'
  when s.wish = 'stop' and j.state in ('queued', 'running', 'pausing', 'paused') then 'stopping'
  else j.state end)`;

/**
 * Reads jobs with their signal, file and sums over parts. Append `where` over `j` (job), `s` (signal). One index
 * lookup a job in `part`: a job has at most some hundred parts. `undoDays`: for how long one that has ended can be undone.
 */
export const jobSelect = (undoDays: number): string => `
select j.id, j.kind, coalesce(s.new_name, j.name) as name, j.door, j.state, ${SHOWN_STATE} as shown_state, j.phase, j.wish, s.wish as signal, s.by_actor as signal_by,
  s.at as signal_at, e.by_actor as reason_by, j.state_at, j.epoch,
  j.version + s.changes as version, s.max_records_per_second, j.target_schema, j.target_table,
  j.staging, j.request, j.failure, j.result, j.max_rejected, j.max_rejected_percent, j.pause_after, j.rescues,
  j.rescued_at_record, j.parent_id, j.created_by, j.created_at, j.started_at, j.ended_at, j.running_ms, j.paused_ms,
  (extract(epoch from clock_timestamp() - j.state_at) * 1000)::bigint as stretch_ms,
  f.id as file_id, f.name as file_name, f.bytes as file_bytes, f.sha256 as file_sha256,
  f.bytes_announced, f.created_at as file_created_at, p.*, (j.plan #>> '{start,byte}')::bigint as data_start,
  case when f.sha256 is null then f.bytes_announced when j.plan #> '{source,isArriving}' is not null then f.bytes
    else (j.plan #>> '{source,bytes}')::bigint end as source_bytes,
  case when j.kind <> 'import' then j.plan end as shown_plan, k.undoable_until,
  case when k.undoable_until <= clock_timestamp() then 'expired'
    when k.undoable_until is not null and j.mode not in ('create', 'append') and k.former is null then 'rows_overwritten'
    when not (k.is_noted and k.is_known) then 'rows_unknown'
    when not k.has_table then 'table_gone' end as undo_refusal,
  r.is_given_back, r.file_id as retry_file, c.records_retried, c.records_fixed
from sluice.job j
join sluice.job_signal s on s.job_id = j.id
left join sluice.file f on f.id = j.file_id
left join sluice.retry r on r.child_id = j.id
cross join lateral (
  select coalesce(sum(p.records_read), 0)::bigint as records_read,
    coalesce(sum(p.records_written), 0)::bigint as records_written,
    coalesce(sum(p.records_rejected), 0)::bigint as records_rejected,
    coalesce(sum(p.records_filtered), 0)::bigint as records_filtered,
    coalesce(sum(p.bare_quotes), 0)::bigint as bare_quotes,
    coalesce(sum(p.blank_lines), 0)::bigint as blank_lines,
    coalesce(sum(p.lf_ends), 0)::bigint as lf_ends,
    coalesce(sum(p.crlf_ends), 0)::bigint as crlf_ends,
    coalesce(sum(p.cr_ends), 0)::bigint as cr_ends,
    coalesce(sum(p.next_byte - p.first_byte), 0)::bigint as bytes_done,
    max(p.checkpoint_at) as checkpoint_at
  from sluice.part p where p.job_id = j.id and p.part_no > 0
) p
cross join lateral (
  select coalesce(sum(sluice.count_held(c.child_id)), 0)::bigint as records_retried,
    case when count(*) = 0 then 0 else sluice.count_fixed(j.id) end as records_fixed
  from sluice.retry c where c.parent_id = j.id
) c
left join lateral (
  select e.by_actor from sluice.event e where e.job_id = j.id
    and e.type not in ('job.rerun', 'job.retried', 'job.speed_changed', 'job.renamed', 'job.worker_lost') order by e.id desc limit 1
) e on true
left join lateral (
  select j.ended_at + make_interval(days => ${undoDays}) as undoable_until, exists (
      select from pg_class c where c.oid = k.relation) as has_table,
    -- Half of the numbers are told to be earlier than those that come next.
    pg_snapshot_xmax(pg_current_snapshot())::text::numeric - k.last_xid::text::numeric < 2147483648 as is_known,
    k.job_id is not null as is_noted, k.former
  from (select 1) one left join sluice.kept_rows k on k.job_id = j.id
  where j.kind = 'import' and j.state in ('succeeded', 'stopped') and j.result ->> 'rows' = 'kept'
) k on true`;

/** Maps a row to the domain. */
export function toJob(row: JobRow): Job {
  const plan = row.shown_plan;
  if (plan === null) return toImport(row);
  return plan.kind === "export" ? toExport(row, plan) : toProcess(row, plan);
}

function toImport(row: JobRow): ImportJob {
  return {
    ...commonOf(row),
    kind: "import",
    ...fileOf(row),
    target: { schema: row.target_schema, table: row.target_table },
    // Written by `insertJob` from a request of this kind.
    request: {
      ...(row.request as ImportRequest),
      maxRejected: toMaxRejected(row),
      pauseAfter: row.pause_after,
    },
    result: row.result as JobResult | null, // as its kind says
    kept:
      row.undoable_until === null
        ? null
        : { undoableUntil: row.undoable_until, refusal: row.undo_refusal },
    progress: progressOf(row, bytesOfFile(row)),
    notes: {
      bareQuotes: row.bare_quotes,
      blankLines: row.blank_lines,
      lineEnds: { lf: row.lf_ends, crlf: row.crlf_ends, cr: row.cr_ends },
    },
  };
}

function toProcess(row: JobRow, plan: ProcessPlan): ProcessJob {
  return {
    ...commonOf(row),
    kind: "process",
    file: fileOf(row).file,
    request: {
      ...(row.request as ProcessRequest), // as its kind says
      maxRejected: toMaxRejected(row),
      pauseAfter: row.pause_after,
    },
    plan,
    result: row.result as ProcessResult | null, // as its kind says
    progress: progressOf(row, bytesOfFile(row)),
  };
}

function bytesOfFile(row: JobRow): Pick<Job["progress"], "bytesRead" | "bytesTotal"> {
  const bytesRead = row.bytes_done === 0 ? 0 : row.data_start + row.bytes_done;
  return { bytesRead, bytesTotal: row.source_bytes };
}

function toExport(row: JobRow, plan: ExportPlan): ExportJob {
  const result = row.result as ExportResult | null; // as its kind says
  return {
    ...commonOf(row),
    kind: "export",
    request: row.request as ExportRequest, // as its kind says
    plan,
    result,
    progress: progressOf(row, {
      bytesRead: row.bytes_done,
      bytesTotal: result?.bytes ?? Math.max(plan.estimate.bytes, row.bytes_done),
    }),
  };
}

function progressOf(
  row: JobRow,
  bytes: Pick<Job["progress"], "bytesRead" | "bytesTotal">,
): Job["progress"] {
  return {
    read: row.records_read,
    written: row.records_written,
    rejected: row.records_rejected,
    filtered: row.records_filtered,
    ...bytes,
    checkpointAt: row.checkpoint_at,
  };
}

/** What every kind of job has. */
function commonOf(
  row: JobRow,
): Omit<ExportJob, "kind" | "request" | "plan" | "result" | "progress"> {
  const state = row.shown_state;
  const isMoving = state !== row.state;
  const stretchSeconds = row.stretch_ms / 1000;
  return {
    id: row.id,
    name: row.name,
    door: row.door,
    state,
    phase: row.phase,
    stateReason: {
      code: state,
      by: isMoving ? row.signal_by : row.reason_by,
      at: isMoving ? row.signal_at : row.state_at,
    },
    wish: row.wish,
    signal: row.signal,
    epoch: row.epoch,
    staging: row.staging,
    parent: row.parent_id,
    retry:
      row.is_given_back === null ? null : { file: row.retry_file, isGivenBack: row.is_given_back },
    retries: { recordsRetried: row.records_retried, recordsFixed: row.records_fixed },
    failure: row.failure,
    createdBy: row.created_by,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    runningSeconds:
      row.running_ms / 1000 +
      (row.state === "running" || row.state === "pausing" ? stretchSeconds : 0),
    pausedSeconds: row.paused_ms / 1000 + (row.state === "paused" ? stretchSeconds : 0),
    maxRecordsPerSecond: row.max_records_per_second,
    version: row.version,
  };
}

function fileOf(row: JobRow): Pick<ImportJob, "file" | "upload"> {
  const file = {
    id: row.file_id,
    name: row.file_name,
    bytes: row.file_bytes,
    sha256: row.file_sha256,
    createdAt: row.file_created_at,
  };
  if (file.sha256 !== null) return { file, upload: null };
  return { file, upload: { bytesArrived: file.bytes, bytesAnnounced: row.bytes_announced } };
}
