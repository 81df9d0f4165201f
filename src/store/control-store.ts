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
import { UNDO_DAYS } from "../core/engine-settings.ts";
import { SluiceError } from "../core/errors.ts";
import type { Signal } from "../core/job-state.ts";
import type { Dispatcher } from "../core/ports.ts";
import type { BarrierTransaction, ControlStore } from "../core/control-ports.ts";
import { inTransaction, sqlStateOf, withStoreErrors } from "./connect.ts";
import { sql, toJson } from "./sql.ts";
import { openBarrier } from "./barrier-transaction.ts";
import { watchBlockers } from "./watch-blockers.ts";

/** How long the control path waits for chunks in flight before it looks for a frozen one, in milliseconds. */
const CONTROL_LOCK_MS = 2_000;
/** How long it waits while frozen runners are being terminated, in milliseconds. */
const TERMINATING_LOCK_MS = 8_000;
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Control over a pool of its own, so that requests are served when every other connection is busy. `watchPool` serves
 * the looks at blockers, so that these do not wait for the requests that wait for them.
 */
export function createControlStore(
  pool: pg.Pool,
  watchPool: pg.Pool,
  dispatcher: Dispatcher,
  undoDays: number = UNDO_DAYS,
): ControlStore {
  return {
    signal: (jobId, signal, by) => setSignal(pool, jobId, signal, by),
    underBarrier: (jobId, work) =>
      underBarrier({ pool, watchPool, dispatcher, undoDays }, jobId, work),
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
    dropFormer: async () =>
      withStoreErrors(async () => {
        await pool.query(
          sql`update sluice.kept_rows k set former = null from sluice.job j
            where j.id = k.job_id and k.former is not null and (j.state = 'undone' or j.state in ('succeeded', 'stopped')
              and j.ended_at + make_interval(days => ${undoDays}) <= clock_timestamp())`,
        );
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
  readonly undoDays: number;
}

async function underBarrier<T>(
  { pool, watchPool, ...barrier }: Connections,
  jobId: string,
  work: (tx: BarrierTransaction) => Promise<T>,
): Promise<T> {
  const attempt = (lockTimeoutMs: number, blockers: Set<string> | null): Promise<T> =>
    inTransaction(pool, async (client) => {
      await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
      const watcher = blockers === null ? null : await watchBlockers(watchPool, client, blockers);
      try {
        await lockJob(client, jobId);
        return await work(await openBarrier(client, barrier, jobId));
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
