/** Runners and claims. Who has a part is decided here, by rows; messages only say where to look. */
import type pg from "pg";
import { ENGINE_DEFAULTS } from "../core/engine-settings.ts";
import { SluiceError } from "../core/errors.ts";
import type { EpochOfJob, SupervisorStore } from "../core/runner-ports.ts";
import { inTransaction, RUNNER_NAME, withStoreErrors } from "./connect.ts";
import { newId } from "./new-id.ts";
import { sql } from "./sql.ts";
import { ADMISSION_LOCK, claimPart, type ClaimRules } from "./claim-part.ts";
import { findWaitingParts } from "./waiting-parts.ts";

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
        await endConnections(client, runner, worker);
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
    claim: (runnerId, message, concurrency) =>
      claimPart(pool, runnerId, message, rulesOf(concurrency)),
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

/**
 * Ends connections of runners that are gone: a statement that waits there for somebody's lock does not notice that nobody
 * wants its answer, and holds the part meanwhile. One that is younger than its runner's last sign of life is another's.
 */
async function endConnections(
  client: pg.PoolClient,
  runner: string | null,
  worker: string | null,
): Promise<void> {
  await client.query(
    sql`select pg_terminate_backend(a.pid) from sluice.runner r
      join pg_stat_activity a on a.pid = r.backend_pid and a.backend_start < r.seen_at
      where (r.id = ${runner} or r.worker = ${worker}) and a.application_name = ${RUNNER_NAME}
        and a.datname = current_database() and a.usename = current_user`,
  );
}

async function findLostJobs(pool: pg.Pool, leaseMs: number): Promise<readonly EpochOfJob[]> {
  return withStoreErrors(async () => {
    const { rows } = await pool.query<EpochRow>(
      sql`select j.id as job_id, j.epoch from sluice.job j
        where j.state in ('running', 'pausing', 'stopping', 'undoing') and (
          exists (select from sluice.part p join sluice.runner r on r.id = p.runner_id
            where p.job_id = j.id and r.seen_at < clock_timestamp() - make_interval(secs => ${leaseMs / 1000}))
          -- One that is stopped and publishes what it keeps waits for a runner as a part does.
          or (j.phase = 'publishing' and j.state <> 'stopping' and not exists (
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
