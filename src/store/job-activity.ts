/** What a job is at, asked of our tables and of the server's own view of its sessions. */
import { headOfStatement, type JobActivity } from "../core/job-activity.ts";
import { RUNNER_NAME } from "./connect.ts";
import { SHOWN_STATE } from "./job-rows.ts";
import type { RowsOf } from "./rows.ts";
import { sql } from "./sql.ts";

interface ActivityRow {
  readonly jobs_ahead: number | null;
  readonly worker_lost_at: Date | null;
  readonly records_undone: number | null;
}

interface LockRow {
  readonly pid: number;
  readonly since: Date | null;
  readonly query: string | null;
}

/** See `JobStore.getActivity`. */
export async function getActivity(rowsOf: RowsOf, jobId: string): Promise<JobActivity> {
  const [row] = await rowsOf<ActivityRow>({
    text: `select
        case when x.state = 'queued' then (select count(*)::bigint from sluice.job a
          where a.state in ('queued', 'running', 'pausing') and a.wish = 'run' and a.id < j.id) end as jobs_ahead,
        case when x.state = 'queued' then (select e.at from sluice.event e
          where e.job_id = j.id and e.type = 'job.queued' and e.details ->> 'reason' = 'runner lost'
            and not exists (select from sluice.event l where l.job_id = j.id and l.id > e.id
              and l.type in ('job.queued', 'job.running'))) end as worker_lost_at,
        case when j.phase is distinct from 'undoing' then null
          when j.kind = 'process' then (select coalesce(sum(b.records_undone + b.records_kept), 0)::bigint
            from sluice.batch b where b.job_id = j.id and not b.is_split)
          else (select u.removed from sluice.undo u where u.job_id = j.id) end as records_undone
      from sluice.job j join sluice.job_signal s on s.job_id = j.id
      cross join lateral (select ${SHOWN_STATE} as state) x
      where j.id = $1`,
    values: [jobId],
  });
  const [lock] = await rowsOf<LockRow>(
    // A batch that a pause waits for is in hand although its part is released.
    sql`select b.pid, a.xact_start as since, nullif(a.query, '<insufficient privilege>') as query
      from sluice.runner r
      join pg_stat_activity w on w.pid = r.backend_pid and w.datname = current_database()
        and w.application_name = ${RUNNER_NAME} and w.wait_event_type = 'Lock'
      cross join lateral unnest(pg_blocking_pids(w.pid)) b (pid)
      left join pg_stat_activity a on a.pid = b.pid
      where r.id in (select runner_id from sluice.part where job_id = ${jobId}
        union select runner_id from sluice.batch where job_id = ${jobId})
      order by a.xact_start limit 1`,
  );
  return {
    jobsAhead: row?.jobs_ahead ?? null,
    workerLostAt: row?.worker_lost_at ?? null,
    lock: lock === undefined ? null : { ...lock, query: lock.query && headOfStatement(lock.query) },
    recordsUndone: row?.records_undone ?? null,
  };
}
