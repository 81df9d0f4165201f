/** Runners and claims. Who has a part is decided here, by rows; messages only say where to look. */
import type pg from "pg";
import { ENGINE_DEFAULTS } from "../core/engine-settings.ts";
import { SluiceError } from "../core/errors.ts";
import type { DispatchMessage } from "../core/ports.ts";
import type { ClaimOutcome, EpochOfJob, SupervisorStore } from "../core/runner-ports.ts";
import { inTransaction, withStoreErrors } from "./connect.ts";
import { newId } from "./new-id.ts";
import { sql } from "./sql.ts";

/** Advisory lock under which jobs are let in, so that two workers cannot both take the last free place. */
const ADMISSION_LOCK = 0x736c7561;

/**
 * Supervision over a pool, for runners that read from the folder of files with the id `folder`. With `only` they take parts
 * of that job alone; without it, of every job but those that a worker is kept for.
 */
export function createSupervisorStore(
  pool: pg.Pool,
  folder: string,
  pace: { readonly leaseMs: number } = ENGINE_DEFAULTS,
  only: string | null = null,
): SupervisorStore {
  const rulesOf = (concurrency: number): ClaimRules => ({
    concurrency,
    leaseMs: pace.leaseMs,
    only,
  });
  return {
    insertRunner: (worker, lane) =>
      inTransaction(pool, (client) =>
        insertRunner(client, { worker, lane, folder, leaseMs: pace.leaseMs }),
      ),
    removeRunners: async (which) =>
      inTransaction(pool, async (client) => {
        const runner = "runner" in which ? which.runner : null;
        const worker = "worker" in which ? which.worker : null;
        const { rows } = await client.query<EpochRow>(
          sql`select distinct p.job_id, j.epoch from sluice.part p join sluice.runner r on r.id = p.runner_id
            join sluice.job j on j.id = p.job_id
            where r.id = ${runner} or r.worker = ${worker}`,
        );
        // Runners of workers that never came back are forgotten on the way.
        await client.query(
          sql`delete from sluice.runner where id = ${runner} or worker = ${worker}
            or seen_at < clock_timestamp() - interval '1 day'`,
        );
        return rows.map(toEpochOfJob);
      }),
    heartbeat: async (runnerIds) =>
      withStoreErrors(async () => {
        await pool.query(
          sql`update sluice.runner set seen_at = clock_timestamp() where id = any(${runnerIds})`,
        );
      }),
    claim: (runnerId, message, concurrency) => claim(pool, runnerId, message, rulesOf(concurrency)),
    release: async (runnerId, message) =>
      withStoreErrors(async () => {
        await pool.query(
          sql`update sluice.part set runner_id = null
            where job_id = ${message.jobId} and part_no = ${message.partNo} and runner_id = ${runnerId}`,
        );
      }),
    releaseIdle: async (runnerIds) =>
      withStoreErrors(async () => {
        await pool.query(
          sql`update sluice.part set runner_id = null where runner_id = any(${runnerIds})`,
        );
        await pool.query(
          sql`update sluice.batch set runner_id = null where runner_id = any(${runnerIds})`,
        );
      }),
    findWaitingParts: (limit, concurrency) => findWaitingParts(pool, limit, rulesOf(concurrency)),
    findLostJobs: (leaseMs) => findLostJobs(pool, leaseMs),
  };
}

async function findLostJobs(pool: pg.Pool, leaseMs: number): Promise<readonly EpochOfJob[]> {
  return withStoreErrors(async () => {
    const { rows } = await pool.query<EpochRow>(
      sql`select j.id as job_id, j.epoch from sluice.job j
        where j.state in ('running', 'pausing', 'stopping', 'undoing') and (
          exists (select from sluice.part p join sluice.runner r on r.id = p.runner_id
            where p.job_id = j.id and r.seen_at < clock_timestamp() - make_interval(secs => ${leaseMs / 1000}))
          or (j.phase = 'publishing' and not exists (
            select from sluice.part p where p.job_id = j.id and p.runner_id is not null)))`,
    );
    return rows.map(toEpochOfJob);
  });
}

async function insertRunner(
  client: pg.PoolClient,
  runner: {
    readonly worker: string;
    readonly lane: number;
    readonly folder: string;
    readonly leaseMs: number;
  },
): Promise<string> {
  await requireFolder(client, runner.folder, runner.leaseMs);
  const id = newId("runner");
  await client.query(
    sql`insert into sluice.runner (id, worker, lane, files_folder)
      values (${id}, ${runner.worker}, ${runner.lane}, ${runner.folder})`,
  );
  return id;
}

/** Refuses a runner that would not find the files of those that live. Of two that come together one is refused. */
async function requireFolder(
  client: pg.PoolClient,
  folder: string,
  leaseMs: number,
): Promise<void> {
  await client.query(sql`select pg_advisory_xact_lock(${ADMISSION_LOCK})`);
  const { rowCount } = await client.query(
    sql`select from sluice.runner where files_folder <> ${folder}
      and seen_at > clock_timestamp() - make_interval(secs => ${leaseMs / 1000}) limit 1`,
  );
  if (rowCount === 0) return;
  throw new SluiceError(
    "files_folder_differs",
    "Another service on this database keeps its files in another folder, so each would fail the jobs of the other. " +
      "Set SLUICE_FILES to the folder that the other uses, or use another database. " +
      `If the other has ended, it counts for ${leaseMs / 1000} s more.`,
  );
}

interface EpochRow {
  readonly job_id: string;
  readonly epoch: number;
}

function toEpochOfJob(row: EpochRow): EpochOfJob {
  return { jobId: row.job_id, epoch: row.epoch };
}

interface ClaimRow {
  readonly state: string;
  readonly wish: string;
  readonly epoch: number;
  /** Whether its parts are read one after the other. */
  readonly is_sequential: boolean;
  /** Whether a runner is wanted to undo what was done. */
  readonly is_undo: boolean;
  /** Whether a worker is kept for the job. */
  readonly is_kept: boolean;
}

/** By what claims are decided. */
interface ClaimRules {
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly only: string | null;
}

/**
 * Jobs whose parts are read one after the other, so that a count or a speed is exact: `j` is the row of the job, `s` that
 * of its signal.
 */
const IS_SEQUENTIAL = `(j.pause_after is not null or s.max_records_per_second is not null)`;

/** A process that is being undone: `j` is its row. */
const IS_UNDO = `(j.kind = 'process' and j.phase = 'undoing' and j.state in ('stopping', 'undoing'))`;

async function claim(
  pool: pg.Pool,
  runnerId: string,
  message: DispatchMessage,
  { concurrency, leaseMs, only }: ClaimRules,
): Promise<ClaimOutcome> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<ClaimRow>(
      `select j.state, j.wish, j.epoch, ${IS_SEQUENTIAL} as is_sequential, ${IS_UNDO} as is_undo,
          sluice.is_kept(j.sample_keeper, $2) as is_kept
        from sluice.job j join sluice.job_signal s on s.job_id = j.id where j.id = $1`,
      [message.jobId, leaseMs / 1000],
    );
    const job = rows[0];
    if (job === undefined || job.epoch !== message.epoch) return "gone";
    if (job.wish !== "run" && !job.is_undo) return "gone";
    if (only === null ? job.is_kept : only !== message.jobId) return "not_now";
    if (await hasBatchInHand(client, message.jobId, leaseMs)) return "not_now";
    if (job.state === "queued" && !(await admit(client, message, concurrency))) return "not_now";
    return (await takePart(client, runnerId, message, job.is_sequential)) ? "claimed" : "gone";
  });
}

/** Whether user code of another runner may still be at work. A part that is taken back later is found by its row. */
async function hasBatchInHand(
  client: pg.PoolClient,
  jobId: string,
  leaseMs: number,
): Promise<boolean> {
  const { rows } = await client.query<{ is_in_hand: boolean }>(
    sql`select sluice.has_batch_in_hand(${jobId}, ${leaseMs / 1000}::double precision) as is_in_hand`,
  );
  return rows[0]?.is_in_hand === true;
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
    `select from sluice.job j
      where id = $1 and epoch = $2 and (state = 'running' and wish = 'run' or ${IS_UNDO}) for share`,
    [jobId, epoch],
  );
  if (job.rowCount !== 1) return false;
  const { rowCount } = await client.query(
    sql`update sluice.part p set runner_id = ${runnerId}
      where p.job_id = ${jobId} and p.part_no = ${partNo} and p.runner_id is null
        and (p.waits_for_byte is null or exists (select from sluice.job j join sluice.file f on f.id = j.file_id
          where j.id = p.job_id and f.bytes >= p.waits_for_byte))
        and (${!isSequential} or p.part_no = 0 or not exists (
          select from sluice.part earlier where earlier.job_id = p.job_id and earlier.part_no between 1 and p.part_no - 1
            and earlier.next_byte < earlier.end_byte))`,
  );
  if (rowCount !== 1) return false;
  // A claim begins a lease: a supervisor that was frozen claims before its heartbeat comes around.
  await client.query(
    sql`update sluice.runner set seen_at = clock_timestamp() where id = ${runnerId}`,
  );
  return true;
}

async function findWaitingParts(
  pool: pg.Pool,
  limit: number,
  rules: ClaimRules,
): Promise<readonly DispatchMessage[]> {
  const working = await findWaitingWork(pool, limit, rules);
  // Only processes are undone by runners, and none of them has a worker kept for it.
  if (rules.only !== null) return working;
  const undoing = await findWaitingUndos(pool, limit, rules.leaseMs);
  // What was stopped goes first: somebody waits for it, and it takes the place of no job.
  return [...undoing, ...working].slice(0, limit);
}

/** Processes that are to be undone and with which nobody is. */
function findWaitingUndos(
  pool: pg.Pool,
  limit: number,
  leaseMs: number,
): Promise<readonly DispatchMessage[]> {
  return withStoreErrors(async () => {
    const { rows } = await pool.query<{ job_id: string; part_no: number; epoch: number }>(
      `select j.id as job_id, p.part_no, j.epoch from sluice.job j join sluice.part p on p.job_id = j.id
        where j.state in ('stopping', 'undoing') and ${IS_UNDO} and p.runner_id is null
          and not sluice.has_batch_in_hand(j.id, $2)
        order by j.id limit $1`,
      [limit, leaseMs / 1000],
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
    );
    return rows.map((row) => ({ jobId: row.job_id, partNo: row.part_no, epoch: row.epoch }));
  });
}
