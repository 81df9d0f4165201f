/** What a person changes of a job while it runs. The row of the signal holds it, which no chunk locks. */
import type pg from "pg";
import type { JobSettings } from "../core/job.ts";
import type { JobStore } from "../core/store-ports.ts";
import { inTransaction } from "./connect.ts";
import { sql, toJson } from "./sql.ts";

interface SettingsRow {
  readonly version: number;
  readonly name: string;
  readonly speed: number | null;
}

/** See `JobStore.changeJob`. */
export function changeJob(
  pool: pg.Pool,
  ...[jobId, change, { by, ifVersion }]: Parameters<JobStore["changeJob"]>
): ReturnType<JobStore["changeJob"]> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<SettingsRow>(
      sql`select j.version + s.changes as version, coalesce(s.new_name, j.name) as name,
          s.max_records_per_second as speed
        from sluice.job_signal s join sluice.job j on j.id = s.job_id where s.job_id = ${jobId}
        for no key update of s`,
    );
    const row = rows[0];
    if (row === undefined) return "not_found";
    if (ifVersion !== null && ifVersion !== row.version) return "version_conflict";
    const events = eventsOf(row, change);
    if (events.length === 0) return "changed";
    const { name = row.name, maxRecordsPerSecond = row.speed } = change;
    await client.query(
      sql`update sluice.job_signal set new_name = ${name}, max_records_per_second = ${maxRecordsPerSecond},
          changes = changes + 1 where job_id = ${jobId}`,
    );
    for (const { type, ...details } of events)
      await client.query(
        sql`insert into sluice.event (job_id, type, by_actor, details)
          values (${jobId}, ${type}, ${by}, ${toJson(details)})`,
      );
    return "changed";
  });
}

/** What is other than it was, for the history. */
function eventsOf(
  { name, speed }: SettingsRow,
  change: JobSettings,
): readonly { readonly type: string; readonly from: unknown; readonly to: unknown }[] {
  const events = [
    { type: "job.speed_changed", from: speed, to: change.maxRecordsPerSecond },
    { type: "job.renamed", from: name, to: change.name },
  ];
  return events.filter(({ from, to }) => to !== undefined && to !== from);
}
