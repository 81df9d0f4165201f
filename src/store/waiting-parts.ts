/** Parts that wait for a runner, found by their rows: messages may be lost. */
import type pg from "pg";
import type { DispatchMessage } from "../core/ports.ts";
import { withStoreErrors } from "./connect.ts";
import { prepared, sql } from "./sql.ts";
import { type ClaimRules, IS_ENDING_PART } from "./claim-part.ts";

/** See `SupervisorStore.findWaitingParts`. */
export async function findWaitingParts(
  pool: pg.Pool,
  limit: number,
  rules: ClaimRules,
): Promise<readonly DispatchMessage[]> {
  const working = await findWaitingWork(pool, limit, rules);
  const ending = await findWaitingEnds(pool, limit, rules);
  // What was stopped goes first: somebody waits for it, and it takes the place of no job.
  return [...ending, ...working].slice(0, limit);
}

/** Processes that are to be undone and stops that keep rows, with which nobody is. */
function findWaitingEnds(
  pool: pg.Pool,
  limit: number,
  { leaseMs, only }: ClaimRules,
): Promise<readonly DispatchMessage[]> {
  return withStoreErrors(async () => {
    const { rows } = await pool.query<{ job_id: string; part_no: number; epoch: number }>(
      prepared("find_waiting_ends", {
        text: `select j.id as job_id, p.part_no, j.epoch from sluice.job j join sluice.part p on p.job_id = j.id
        where j.state in ('stopping', 'undoing') and ${IS_ENDING_PART} and p.runner_id is null
          and not sluice.has_batch_in_hand(j.id, $2)
          and case when $3::text is null then not sluice.is_kept(j.sample_keeper, $2) else j.id = $3 end
        order by j.id limit $1`,
        values: [limit, leaseMs / 1000, only],
      }),
    );
    return rows.map((row) => ({ jobId: row.job_id, partNo: row.part_no, epoch: row.epoch }));
  });
}

function findWaitingWork(
  pool: pg.Pool,
  limit: number,
  { concurrency, leaseMs, only }: ClaimRules,
): Promise<readonly DispatchMessage[]> {
  return withStoreErrors(async () => {
    // Running jobs first, then those that wait, in the order of their ids, which is the order of creation. A job with
    // all parts done and nobody at it still has to be published: its last part stands for that.
    const { rows } = await pool.query<{ job_id: string; part_no: number; epoch: number }>(
      prepared(
        "find_waiting_work",
        sql`select j.id as job_id, p.part_no, j.epoch
        from (
          select j.id, j.epoch, j.state, (j.pause_after is not null or s.max_records_per_second is not null) as is_sequential,
            (select f.bytes from sluice.file f where f.id = j.file_id) as arrived
          from sluice.job j join sluice.job_signal s on s.job_id = j.id
          where j.wish = 'run' and j.state in ('queued', 'running') and j.phase is distinct from 'publishing'
            and not sluice.waits_for_bytes(j.id, j.file_id)
            and case when ${only}::text is null then not sluice.is_kept(j.sample_keeper, ${leaseMs / 1000}::double precision)
              else j.id = ${only} end
          order by (j.state = 'queued'), j.id limit ${concurrency + 20}
        ) j
        join lateral (
          select p.part_no from sluice.part p
          where p.job_id = j.id and p.runner_id is null and (p.waits_for_byte is null or p.waits_for_byte <= j.arrived)
            and (p.next_byte < p.end_byte or (
            p.part_no > 0 and not exists (select from sluice.part o where o.job_id = j.id
              and (o.next_byte < o.end_byte or o.runner_id is not null or o.part_no > p.part_no))))
            and (not j.is_sequential or p.part_no = 0 or not exists (select from sluice.part e
              where e.job_id = j.id and e.part_no between 1 and p.part_no - 1 and e.next_byte < e.end_byte))
          order by p.part_no limit ${limit}
        ) p on true
        order by (j.state = 'queued'), j.id, p.part_no limit ${limit}`,
      ),
    );
    return rows.map((row) => ({ jobId: row.job_id, partNo: row.part_no, epoch: row.epoch }));
  });
}
