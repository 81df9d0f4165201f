/** Who holds the lock that the control path waits for. Frozen runners are terminated; others are named. */
import type pg from "pg";
import { RUNNER_NAME } from "./connect.ts";
import { sql } from "./sql.ts";

const BLOCKER_POLL_MS = 100;

/**
 * Terminates runners that block `client`, for as long as it waits, and notes who else does. `pg_blocking_pids` is
 * empty when nobody waits.
 */
export async function watchBlockers(
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
