/** Claiming a part for a runner, and letting a queued job run: who has what is decided here, by rows. */
import type pg from "pg";
import type { DispatchMessage } from "../core/ports.ts";
import type { ClaimOutcome } from "../core/runner-ports.ts";
import { inTransaction } from "./connect.ts";
import { prepared, sql } from "./sql.ts";

/** Advisory lock under which jobs are let in, so that two workers cannot both take the last free place. */
export const ADMISSION_LOCK = 0x736c7561;

interface ClaimRow {
  readonly state: string;
  readonly wish: string;
  readonly epoch: number;
  /** Whether its parts are read one after the other. */
  readonly is_sequential: boolean;
  /** Whether a runner is wanted for the end of it: to undo what was done, or to publish what a stop keeps. */
  readonly is_ending: boolean;
  /** Whether a worker is kept for the job. */
  readonly is_kept: boolean;
  /** Whether user code of another runner may still be at work. A part that is taken back later is found by its row. */
  readonly has_batch: boolean;
}

/** By what claims are decided. */
export interface ClaimRules {
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly only: string | null;
}

/**
 * Jobs whose parts are read one after the other, so that a count or a speed is exact: `j` is the row of the job, `s` that
 * of its signal.
 */
const IS_SEQUENTIAL = `(j.pause_after is not null or s.max_records_per_second is not null)`;

/** A stopped import whose rows are kept, and are to be published: `j` is its row. */
const IS_KEPT_STOP = `(j.kind = 'import' and j.phase = 'publishing' and j.state = 'stopping')`;

/** What a runner is wanted for although nobody wishes the job to run: such a stop, or a process that is being undone. */
const IS_ENDING = `(${IS_KEPT_STOP} or j.kind = 'process' and j.phase = 'undoing' and j.state in ('stopping', 'undoing'))`;

/** `IS_ENDING` by the part `p` that is claimed for it: the first, of however many. */
export const IS_ENDING_PART = `(${IS_ENDING} and not (j.kind = 'import' and exists (
  select from sluice.part f where f.job_id = p.job_id and f.part_no < p.part_no)))`;

/** See `SupervisorStore.claim`. */
export async function claimPart(
  pool: pg.Pool,
  runnerId: string,
  message: DispatchMessage,
  { concurrency, leaseMs, only }: ClaimRules,
): Promise<ClaimOutcome> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<ClaimRow>(
      prepared("look_before_claim", {
        text: `select j.state, j.wish, j.epoch, ${IS_SEQUENTIAL} as is_sequential, ${IS_ENDING} as is_ending,
            sluice.is_kept(j.sample_keeper, $2) as is_kept, sluice.has_batch_in_hand(j.id, $2) as has_batch
          from sluice.job j join sluice.job_signal s on s.job_id = j.id where j.id = $1`,
        values: [message.jobId, leaseMs / 1000],
      }),
    );
    const job = rows[0];
    if (job === undefined || job.epoch !== message.epoch) return "gone";
    if (job.wish !== "run" && !job.is_ending) return "gone";
    if (only === null ? job.is_kept : only !== message.jobId) return "not_now";
    if (job.has_batch) return "not_now";
    if (job.state === "queued" && !(await admit(client, message, concurrency))) return "not_now";
    return (await takePart(client, runnerId, message, job.is_sequential)) ? "claimed" : "gone";
  });
}

/**
 * Lets a queued job run: when it is the first of the jobs that wait and whose table is free, and a place is free. Jobs
 * that wait for bytes of their file, which may take hours, stand in nobody's way: they take no place and no turn.
 * `where state = 'queued'` makes the change once, before the first chunk of the epoch.
 */
async function admit(
  client: pg.PoolClient,
  message: DispatchMessage,
  concurrency: number,
): Promise<boolean> {
  await client.query(sql`select pg_advisory_xact_lock(${ADMISSION_LOCK})`);
  const { rows } = await client.query<{ id: string; places: number }>(
    sql`select q.id, (${concurrency} - (select count(*) from sluice.job n where n.state in ('running', 'pausing')
          and not sluice.waits_for_bytes(n.id, n.file_id)))::int as places
      from sluice.job q
      where q.state = 'queued' and q.wish = 'run' and not sluice.waits_for_bytes(q.id, q.file_id) and not exists (
        select from sluice.job r where r.state in ('running', 'pausing', 'stopping')
          and r.target_schema = q.target_schema and r.target_table = q.target_table)
        and not exists (
          select from sluice.job b where b.state = 'queued' and b.wish = 'run' and b.id < q.id
            and b.target_schema = q.target_schema and b.target_table = q.target_table)
      order by q.id`,
  );
  const turn = rows.findIndex((row) => row.id === message.jobId);
  const places = rows[0]?.places ?? 0;
  if (turn < 0 || turn >= places) {
    // Another runner may have let it in while this one waited for the lock.
    const now = await client.query(
      sql`select from sluice.job where id = ${message.jobId} and state = 'running' and epoch = ${message.epoch}`,
    );
    return now.rowCount === 1;
  }
  const { rowCount } = await client.query(
    sql`update sluice.job set state = 'running', phase = 'reading', started_at = coalesce(started_at, clock_timestamp())
      where id = ${message.jobId} and state = 'queued' and epoch = ${message.epoch} and wish = 'run'`,
  );
  return rowCount === 1;
}

/**
 * The share lock keeps the job from being requeued or rescued between the check and the claim. While a job has still
 * to pause itself after some records, or has a limit of speed, its parts are read one after the other.
 */
async function takePart(
  client: pg.PoolClient,
  runnerId: string,
  { jobId, partNo, epoch }: DispatchMessage,
  isSequential: boolean,
): Promise<boolean> {
  const job = await client.query(
    prepared("lock_to_claim", {
      text: `select from sluice.job j join sluice.part p on p.job_id = j.id and p.part_no = $3
        where j.id = $1 and j.epoch = $2 and (j.state = 'running' and j.wish = 'run' or ${IS_ENDING_PART}) for share of j`,
      values: [jobId, epoch, partNo],
    }),
  );
  if (job.rowCount !== 1) return false;
  // A claim begins a lease: a supervisor that was frozen claims before its heartbeat comes around.
  const { rowCount } = await client.query(
    prepared(
      "take_part",
      sql`with taken as (update sluice.part p set runner_id = ${runnerId}
      where p.job_id = ${jobId} and p.part_no = ${partNo} and p.runner_id is null
        and (p.waits_for_byte is null or exists (select from sluice.job j join sluice.file f on f.id = j.file_id
          where j.id = p.job_id and f.bytes >= p.waits_for_byte))
        and (${!isSequential} or p.part_no = 0 or not exists (
          select from sluice.part earlier where earlier.job_id = p.job_id and earlier.part_no between 1 and p.part_no - 1
            and earlier.next_byte < earlier.end_byte)) returning part_no)
      update sluice.runner set seen_at = clock_timestamp() where id = ${runnerId} and exists (select from taken)`,
    ),
  );
  return rowCount === 1;
}
