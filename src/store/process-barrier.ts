/** What a transaction under the barrier may do to a process alone. */
import type pg from "pg";
import type { BarrierTransaction } from "../core/control-ports.ts";
import { sql } from "./sql.ts";

/** See `BarrierTransaction`. */
export function createProcessBarrier(
  client: pg.PoolClient,
  jobId: string,
): Pick<BarrierTransaction, "hasBatches" | "retryUndo" | "forgetFile"> {
  return {
    hasBatches: async () => {
      const begun = await client.query(
        sql`select from sluice.batch where job_id = ${jobId} and state <> 'undone' limit 1`,
      );
      return begun.rowCount === 1;
    },
    retryUndo: async () => {
      await client.query(
        sql`update sluice.batch set state = case when committed_at is null then 'begun' else 'committed' end, message = null
          where job_id = ${jobId} and state = 'undo_failed'`,
      );
    },
    forgetFile: async (fileId) => {
      await client.query(
        sql`update sluice.file f set removed_at = clock_timestamp()
          where f.id = ${fileId} and f.removed_at is null and not exists (
            select from sluice.job j where j.file_id = f.id and j.state not in ('succeeded', 'stopped', 'undone'))`,
      );
    },
  };
}
