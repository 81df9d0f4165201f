/** What is counted over all jobs: four statements, however many there are. */
import type { JobKind } from "../core/job.ts";
import type { JobState } from "../core/job-state.ts";
import type { DatabaseFigures } from "../core/service-figures.ts";
import { SHOWN_STATE } from "./job-rows.ts";
import type { RowsOf } from "./rows.ts";
import { sql } from "./sql.ts";

/** See `JobStore.readFigures`. */
export async function readFigures(rowsOf: RowsOf, leaseMs: number): Promise<DatabaseFigures> {
  const waiting = await countWaiting(rowsOf);
  return {
    jobs: await countJobs(rowsOf),
    active: await sumActive(rowsOf),
    waitingParts: waiting.parts,
    longestWaitSeconds: waiting.seconds,
    lanes: await countLanes(rowsOf, leaseMs),
  };
}

/** Only a job that is not over has a signal that shows: of the others the table of jobs is enough. */
function countJobs(rowsOf: RowsOf): Promise<DatabaseFigures["jobs"]> {
  return rowsOf<{ kind: JobKind; state: JobState; count: number }>({
    text: `select kind, state, sum(count)::bigint as count from (
        select j.kind, ${SHOWN_STATE} as state, count(*) as count
        from sluice.job j join sluice.job_signal s on s.job_id = j.id
        where j.state not in ('succeeded', 'stopped', 'undone') group by 1, 2
        union all
        select kind, state, count(*) from sluice.job where state in ('succeeded', 'stopped', 'undone') group by 1, 2
      ) as counted group by 1, 2 order by 1, 2`,
    values: [],
  });
}

async function sumActive(rowsOf: RowsOf): Promise<DatabaseFigures["active"]> {
  const rows = await rowsOf<{ kind: JobKind; read: number; written: number; rejected: number }>(
    sql`select j.kind, coalesce(sum(p.records_read), 0)::bigint as read,
        coalesce(sum(p.records_written), 0)::bigint as written,
        coalesce(sum(p.records_rejected), 0)::bigint as rejected
      from sluice.job j join sluice.part p on p.job_id = j.id
      where j.state in ('queued', 'running', 'pausing', 'paused', 'stopping', 'undoing') group by j.kind order by j.kind`,
  );
  return rows.map(({ kind, read, written, rejected }) => ({
    kind,
    recordsRead: read,
    recordsWritten: written,
    recordsRejected: rejected,
  }));
}

async function countWaiting(rowsOf: RowsOf): Promise<{ parts: number; seconds: number }> {
  const rows = await rowsOf<{ parts: number; seconds: number }>(
    sql`select (select count(*) from sluice.job j join sluice.part p on p.job_id = j.id
          where j.state in ('queued', 'running') and j.wish = 'run' and p.runner_id is null and p.next_byte < p.end_byte) as parts,
        coalesce((select extract(epoch from clock_timestamp() - min(j.state_at)) from sluice.job j
          where j.state = 'queued' and j.wish = 'run'), 0)::double precision as seconds`,
  );
  return rows[0] ?? { parts: 0, seconds: 0 };
}

async function countLanes(rowsOf: RowsOf, leaseMs: number): Promise<DatabaseFigures["lanes"]> {
  const rows = await rowsOf<{ busy: number; free: number }>(
    sql`select count(*) filter (where is_busy) as busy, count(*) filter (where not is_busy) as free
      from (select exists (select from sluice.part p where p.runner_id = r.id) as is_busy from sluice.runner r
        where r.seen_at > clock_timestamp() - make_interval(secs => ${leaseMs / 1000})) as lane`,
  );
  return rows[0] ?? { busy: 0, free: 0 };
}
