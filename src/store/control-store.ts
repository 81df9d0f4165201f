/**
 * The control path: first the signal, then the barrier.
 *
 * The signal is a row that no chunk locks, so a request is durable at once. The barrier is a write lock on the job
 * row, which every chunk holds `for share`: when the lock is granted no chunk is in flight, and none commits before
 * the transaction ends. A runner that was frozen in the middle of its COPY would hold the lock for ever, since no
 * timeout of the server ends it: after `CONTROL_LOCK_MS` the backends that block are asked for, and those of runners
 * are terminated. Other people's locks are never broken.
 */
import type pg from "pg";
import { SluiceError } from "../core/errors.ts";
import type { ImportPlan } from "../core/import-plan.ts";
import type { RowsOnStop } from "../core/job.ts";
import type { Signal } from "../core/job-state.ts";
import type { Dispatcher } from "../core/ports.ts";
import type { BarrierTransaction, ControlStore, JobChange } from "../core/control-ports.ts";
import { inTransaction, RUNNER_NAME, sqlStateOf, withStoreErrors } from "./connect.ts";
import { insertFirstPart } from "./insert-job.ts";
import { JOB_SELECT, toJob, type JobRow } from "./job-rows.ts";
import { createProcessBarrier } from "./process-barrier.ts";
import { fromMaxRejected } from "./rejection-limit-row.ts";
import { sql, toJson } from "./sql.ts";
import { createStaging, dropStaging } from "./target/staging.ts";
import { beginUndo, undoStretch } from "./target/undo-rows.ts";

/** How long the control path waits for chunks in flight before it looks for a frozen one, in milliseconds. */
const CONTROL_LOCK_MS = 2_000;
/** How long it waits while frozen runners are being terminated, in milliseconds. */
const TERMINATING_LOCK_MS = 8_000;
const BLOCKER_POLL_MS = 100;
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Control over a pool of its own, so that requests are served when every other connection is busy. `watchPool` serves
 * the looks at blockers, so that these do not wait for the requests that wait for them.
 */
export function createControlStore(
  pool: pg.Pool,
  watchPool: pg.Pool,
  dispatcher: Dispatcher,
): ControlStore {
  return {
    signal: (jobId, signal, by) => setSignal(pool, jobId, signal, by),
    underBarrier: (jobId, work) => underBarrier({ pool, watchPool, dispatcher }, jobId, work),
    findUnsettled: async (olderThanMs) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ job_id: string; wish: Signal }>(
          sql`select s.job_id, s.wish from sluice.job_signal s join sluice.job j on j.id = s.job_id
            where j.state not in ('succeeded', 'stopped', 'undone', 'failed') and (s.wish <> j.wish
                -- The last runner has let go, and nobody has said so.
                or (j.state = 'pausing' and s.wish = 'pause' and not exists (
                  select from sluice.part p where p.job_id = j.id and p.runner_id is not null)))
              and s.at < clock_timestamp() - make_interval(secs => ${olderThanMs / 1000})`,
        );
        return rows.map((row) => ({ jobId: row.job_id, signal: row.wish }));
      }),
    findIdleUndos: async (idleMs) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ job_id: string }>(
          sql`select u.job_id from sluice.undo u join sluice.job j on j.id = u.job_id
            where j.phase = 'undoing' and u.moved_at < clock_timestamp() - make_interval(secs => ${idleMs / 1000})`,
        );
        return rows.map((row) => row.job_id);
      }),
  };
}

const REQUEST_EVENTS: Readonly<Partial<Record<Signal, string>>> = {
  pause: "job.pausing",
  stop: "job.stopping",
};

async function setSignal(
  pool: pg.Pool,
  jobId: string,
  signal: Signal,
  by: Parameters<ControlStore["signal"]>[2],
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      sql`update sluice.job_signal
        set wish = ${signal}, by_actor = ${by.actor}, reason = ${by.reason}, rows = ${by.rows ?? null},
          at = clock_timestamp()
        where job_id = ${jobId} and (${signal} <> 'hold' or wish = 'run')`,
    );
    const type = REQUEST_EVENTS[signal];
    if (type === undefined) return;
    await client.query(
      sql`insert into sluice.event (job_id, type, by_actor, details)
        values (${jobId}, ${type}, ${by.actor}, ${toJson({ reason: by.reason })})`,
    );
  });
}

interface Connections {
  readonly pool: pg.Pool;
  readonly watchPool: pg.Pool;
  readonly dispatcher: Dispatcher;
}

async function underBarrier<T>(
  { pool, watchPool, dispatcher }: Connections,
  jobId: string,
  work: (tx: BarrierTransaction) => Promise<T>,
): Promise<T> {
  const attempt = (lockTimeoutMs: number, blockers: Set<string> | null): Promise<T> =>
    inTransaction(pool, async (client) => {
      await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
      const watcher = blockers === null ? null : await watchBlockers(watchPool, client, blockers);
      try {
        await lockJob(client, jobId);
        return await work(await openBarrier(client, dispatcher, jobId));
      } finally {
        await watcher?.stop();
      }
    });
  try {
    return await attempt(CONTROL_LOCK_MS, null);
  } catch (error) {
    if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
  }
  const blockers = new Set<string>();
  try {
    return await attempt(TERMINATING_LOCK_MS, blockers);
  } catch (error) {
    if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    throw new SluiceError(
      "lock_timeout",
      `Waited ${(CONTROL_LOCK_MS + TERMINATING_LOCK_MS) / 1000} s for a lock held by ${[...blockers].join(", ") || "another session"}.`,
      { cause: error },
    );
  }
}

/**
 * Takes the barrier. `for no key update` conflicts with the chunks' `for share` and not with the key lock of a row that
 * refers to the job: a request that arrives meanwhile writes its event without waiting, and cannot deadlock with this.
 */
async function lockJob(client: pg.PoolClient, jobId: string): Promise<void> {
  const { rowCount } = await client.query(
    sql`select from sluice.job where id = ${jobId} for no key update`,
  );
  if (rowCount !== 1) throw new SluiceError("not_found", `There is no job ${jobId}.`);
}

/**
 * Terminates runners that block `client`, for as long as it waits, and notes who else does. `pg_blocking_pids` is
 * empty when nobody waits.
 */
async function watchBlockers(
  pool: pg.Pool,
  client: pg.PoolClient,
  blockers: Set<string>,
): Promise<{ stop(): Promise<void> }> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const pid = rows[0]?.pid ?? 0;
  const ended = new AbortController();
  const watching = (async () => {
    while (!ended.signal.aborted) {
      for (const blocker of await terminateRunners(pool, pid)) blockers.add(blocker);
      await new Promise((resolve) => setTimeout(resolve, BLOCKER_POLL_MS));
    }
  })();
  // A failure to look is no failure of the request: the lock timeout still ends the wait.
  watching.catch(() => undefined);
  return {
    stop: async () => {
      ended.abort();
      await watching.catch(() => undefined);
    },
  };
}

/** Terminates the runners among the blockers of `pid`; returns the others by pid and name. */
async function terminateRunners(pool: pg.Pool, pid: number): Promise<readonly string[]> {
  const { rows } = await pool.query<{ pid: number; name: string; is_terminated: boolean }>(
    sql`select a.pid, a.application_name as name,
        case when a.application_name = ${RUNNER_NAME} and a.usename = current_user
          then pg_terminate_backend(a.pid) else false end as is_terminated
      from pg_stat_activity a where a.pid = any(pg_blocking_pids(${pid}))`,
  );
  return rows
    .filter((row) => !row.is_terminated)
    .map((row) => `pid ${row.pid} (${row.name || "unnamed"})`);
}

async function openBarrier(
  client: pg.PoolClient,
  dispatcher: Dispatcher,
  jobId: string,
): Promise<BarrierTransaction> {
  const { rows } = await client.query<JobRow>(`${JOB_SELECT} where j.id = $1`, [jobId]);
  const row = rows[0];
  if (row === undefined) throw new SluiceError("not_found", `There is no job ${jobId}.`);
  const { rows: requests } = await client.query<{ rows: RowsOnStop | null }>(
    sql`select s.rows, set_config('sluice.actor', s.by_actor, true), set_config('sluice.reason', s.reason, true)
      from sluice.job_signal s where s.job_id = ${jobId}`,
  );
  const target = { schema: row.target_schema, table: row.target_table };
  return {
    // What the row holds, not what is shown: under the lock the request is being carried out.
    job: { ...toJob(row), state: row.state },
    rowsOnStop: requests[0]?.rows ?? "undo",
    rescues: row.rescues,
    readSinceRescue: row.records_read - row.rescued_at_record,
    ...createProcessBarrier(client, jobId),
    hasClaimedParts: async () => {
      const claimed = await client.query(
        sql`select from sluice.part where job_id = ${jobId} and runner_id is not null limit 1`,
      );
      return claimed.rowCount === 1;
    },
    change: async (states, change) => {
      for (const state of states.slice(0, -1))
        await client.query(sql`update sluice.job set state = ${state} where id = ${jobId}`);
      await applyChange(client, jobId, states.at(-1) ?? row.state, change);
    },
    setSignal: async (signal, { insteadOf = null } = {}) => {
      await client.query(
        sql`update sluice.job_signal set wish = ${signal}, at = clock_timestamp()
          where job_id = ${jobId} and wish = coalesce(${insteadOf}, wish)`,
      );
    },
    attribute: async (actor, reason) => {
      await client.query(
        sql`select set_config('sluice.actor', ${actor}, true), set_config('sluice.reason', ${reason}, true)`,
      );
    },
    releaseParts: async () => {
      await client.query(sql`update sluice.part set runner_id = null where job_id = ${jobId}`);
    },
    dropStaging: async () => {
      if (row.staging === null) return;
      await client.query(sql`update sluice.job set staging = null where id = ${jobId}`);
      await dropStaging(client, row.staging);
    },
    beginUndo: () => beginUndo(client, jobId, target),
    undoStretch: () => undoStretch(client, { id: jobId, target, written: row.records_written }),
    dispatchUnfinished: () => dispatchUnfinished(client, dispatcher, jobId),
    beginAgain: (plan, waitsForByte) => beginAgain(client, { id: jobId, plan, waitsForByte }),
  };
}

function json(value: unknown): string | null {
  return value == null ? null : toJson(value);
}

async function applyChange(
  client: pg.PoolClient,
  jobId: string,
  state: string,
  change: JobChange,
): Promise<void> {
  const limit = fromMaxRejected(change.maxRejected ?? null);
  await client.query(
    sql`update sluice.job j set
      state = ${state},
      wish = coalesce(${change.wish ?? null}, wish),
      epoch = epoch + ${change.raiseEpoch === true ? 1 : 0},
      phase = case when ${change.phase !== undefined} then ${change.phase ?? null} else phase end,
      failure = case when ${change.failure !== undefined} then ${json(change.failure)}::jsonb else failure end,
      result = case when ${change.result !== undefined} then ${json(change.result)}::jsonb else result end,
      max_rejected = case when ${change.maxRejected !== undefined}
        then ${limit.max_rejected}::bigint else max_rejected end,
      max_rejected_percent = case when ${change.maxRejected !== undefined}
        then ${limit.max_rejected_percent}::double precision else max_rejected_percent end,
      pause_after = case when ${change.pauseAfter !== undefined}
        then ${change.pauseAfter ?? null}::bigint else pause_after end
      where id = ${jobId}`,
  );
  if (change.countRescue !== true) return;
  await client.query(
    sql`update sluice.job j set
        rescues = case when p.read = j.rescued_at_record then j.rescues + 1 else 1 end,
        rescued_at_record = p.read
      from (select coalesce(sum(records_read), 0) as read from sluice.part where job_id = ${jobId}) p
      where j.id = ${jobId}`,
  );
}

/** Chunks and rejections go with their parts. The staging table has the columns of the plan, so it is made anew. */
async function beginAgain(
  client: pg.PoolClient,
  job: { readonly id: string; readonly plan: ImportPlan; readonly waitsForByte: number },
): Promise<void> {
  const { id, plan } = job;
  await client.query(sql`delete from sluice.part where job_id = ${id}`);
  await dropStaging(client, plan.staging);
  await createStaging(client, plan);
  await client.query(
    sql`update sluice.job set plan = ${toJson(plan)}, staging = ${plan.staging}, rescued_at_record = 0 where id = ${id}`,
  );
  await insertFirstPart(client, { ...job, partBytes: 0 });
  const details = { columns: plan.columns.map(({ column, sqlType }) => `${column} ${sqlType}`) };
  await client.query(
    sql`insert into sluice.event (job_id, type, details) values (${id}, 'job.replanned', ${toJson(details)})`,
  );
}

async function dispatchUnfinished(
  client: pg.PoolClient,
  dispatcher: Dispatcher,
  jobId: string,
): Promise<void> {
  const { rows } = await client.query<{ part_no: number; epoch: number; is_done: boolean }>(
    sql`select p.part_no, j.epoch, p.next_byte = p.end_byte as is_done
      from sluice.part p join sluice.job j on j.id = p.job_id where p.job_id = ${jobId} order by p.part_no`,
  );
  const unfinished = rows.filter((row) => !row.is_done);
  // When every part is done only the publishing is left: any part leads to it.
  const wanted = unfinished.length > 0 ? unfinished : rows.slice(-1);
  await dispatcher.dispatch(
    wanted.map((row) => ({ jobId, partNo: row.part_no, epoch: row.epoch })),
    client,
  );
}
