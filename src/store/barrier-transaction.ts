/** What a request does under the barrier, statement by statement. See `BarrierTransaction`. */
import type pg from "pg";
import { SluiceError } from "../core/errors.ts";
import type { ImportPlan } from "../core/import-plan.ts";
import { rowsAdded, type RowsOnStop } from "../core/job.ts";
import type { Dispatcher } from "../core/ports.ts";
import type { BarrierTransaction, JobChange } from "../core/control-ports.ts";
import { insertFirstPart } from "./insert-job.ts";
import { type JobRow, jobSelect, toJob } from "./job-rows.ts";
import { fromMaxRejected } from "./rejection-limit-row.ts";
import { sql, toJson } from "./sql.ts";
import { noteKeptRows } from "./target/kept-rows.ts";
import { createStaging, dropStaging } from "./target/staging.ts";
import { beginUndo, undoStretch } from "./target/undo-rows.ts";
import { createProcessBarrier } from "./process-barrier.ts";

/** The barrier of a job whose row `client` has locked. Errors: `not_found`. */
export async function openBarrier(
  client: pg.PoolClient,
  { dispatcher, undoDays }: { readonly dispatcher: Dispatcher; readonly undoDays: number },
  jobId: string,
): Promise<BarrierTransaction> {
  const { rows } = await client.query<JobRow>(`${jobSelect(undoDays)} where j.id = $1`, [jobId]);
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
    undoStretch: () => undoStretch(client, { id: jobId, target, added: addedBy(row) }),
    dispatchUnfinished: () => dispatchUnfinished(client, dispatcher, jobId),
    dispatchFirst: () => dispatchFirst(client, dispatcher, jobId),
    noteKeptRows: () => noteKeptRows(client, jobId, { target, ...waysOf(row) }),
    beginAgain: (plan, waitsForByte) => beginAgain(client, { id: jobId, plan, waitsForByte }),
  };
}

/** How many rows an import has in its target, as `rowsAdded` says. */
function addedBy(row: JobRow): number {
  const job = toJob(row);
  return job.kind === "import" ? rowsAdded(job) : 0;
}

/** How the rows of an import reach its target. */
function waysOf({ request }: JobRow): Pick<ImportPlan, "mode" | "delivery"> {
  if (request.kind !== "import") throw new RangeError("Expected an import.");
  const { mode = "create", delivery } = request;
  return { mode, ...(delivery === "direct" ? { delivery } : {}) };
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

async function dispatchFirst(
  client: pg.PoolClient,
  dispatcher: Dispatcher,
  jobId: string,
): Promise<void> {
  const { rows } = await client.query<{ part_no: number; epoch: number }>(
    sql`select p.part_no, j.epoch from sluice.part p join sluice.job j on j.id = p.job_id
      where p.job_id = ${jobId} order by p.part_no limit 1`,
  );
  await dispatcher.dispatch(
    rows.map((row) => ({ jobId, partNo: row.part_no, epoch: row.epoch })),
    client,
  );
}
