/** The statements of a runner about processes, on its own connection. What they promise is in `ProcessStore`. */
import type pg from "pg";
import type { Failpoints } from "../core/failpoint.ts";
import type { DispatchMessage } from "../core/ports.ts";
import type { HostLogLine } from "../core/process-ports.ts";
import type {
  BegunBatch,
  ProcessAssignment,
  ProcessStore,
  RunBatch,
} from "../core/process-store-ports.ts";
import type { ProcessPlan } from "../core/process-plan.ts";
import { commitBatch, step } from "./batch-steps.ts";
import { ChunkMessage } from "./chunk-message.ts";
import { publishProcess } from "./process-publish.ts";
import { createUndoStatements } from "./process-undo.ts";
import { encodeRejections, REJECTION_COPY } from "./rejection-copy.ts";
import { toMaxRejected, type RejectionLimitRow } from "./rejection-limit-row.ts";
import { sql, toJson } from "./sql.ts";
import { UserTransaction } from "./user-transaction.ts";

/** Lines of a job's log that are kept. */
const LOG_LINES = 1000;

/** The process statements over a runner's connection. `watcher` is opened when it is needed, and closed by its owner. */
export function createProcessStore(
  client: pg.Client,
  watcher: () => Promise<pg.Client>,
  failpoints: Failpoints,
): Omit<ProcessStore, "countRecords"> {
  const transaction = new UserTransaction(client, watcher);
  return {
    openPart: (message) => openPart(client, message),
    findBegun: (assignment, record) => findBegun(client, assignment, record),
    beginRun: ({ jobId, epoch, runnerId }, { from, to }) =>
      step(async () => {
        await client.query(
          sql`select sluice.process_begin(${jobId}, ${epoch}, ${runnerId}, ${from.byte}, ${to.byte}, ${from.record},
            ${to.record - 1}, ${from.line}, ${to.line})`,
        );
        await failpoints.hit("batch_begun");
      }),
    splitRun: ({ jobId }, { from, to }) =>
      step(async () => {
        await client.query(
          sql`update sluice.batch set is_split = true, runner_id = null
            where job_id = ${jobId} and first_record = ${from.record} and last_record = ${to.record - 1}
              and state = 'begun'`,
        );
      }),
    openTransaction: (idleMs) => transaction.open(idleMs),
    query: (text, values) => transaction.query(text, values),
    commitRun: (assignment, batch) =>
      commitBatch(transaction, failpoints, {
        work: () => writeRun(client, assignment, batch),
        before: "before_commit",
        after: "after_commit",
      }),
    rollBack: () => transaction.rollBack(),
    letGo: async ({ jobId, runnerId }) => {
      await client.query(
        sql`update sluice.batch set runner_id = null where job_id = ${jobId} and runner_id = ${runnerId}`,
      );
    },
    ...createUndoStatements(client, transaction, failpoints),
    addLog: (jobId, lines) => addLog(client, jobId, lines),
    watch: async ({ jobId, epoch }) => {
      const { rows } = await (
        await watcher()
      ).query<{ asked: "run" | "pause" | "over" }>(
        sql`select case when j.epoch <> ${epoch} then 'over' when j.phase = 'undoing' then 'run'
            when s.wish = 'stop' then 'over' when s.wish = 'run' and j.wish = 'run' then 'run' else 'pause' end as asked
          from sluice.job j join sluice.job_signal s on s.job_id = j.id where j.id = ${jobId}`,
      );
      return rows[0]?.asked ?? "over";
    },
    publish: (assignment, files) => publishProcess(client, assignment, files, failpoints),
  };
}

async function writeRun(
  client: pg.Client,
  { jobId, partNo, epoch }: ProcessAssignment,
  { from, to, read, rejections, result, output }: RunBatch,
): Promise<void> {
  await client.query(
    sql`select sluice.process_gate(${jobId}, ${epoch}, ${from.byte}, ${to.byte}, ${from.record}, ${to.record}, ${to.line},
      ${read}, ${rejections.length}, ${output?.segment ?? null}, ${output?.fromByte ?? null},
      ${output?.toByte ?? null}, ${output?.rows ?? null})`,
  );
  if (result !== null)
    await client.query(
      sql`update sluice.batch set result = ${result}
        where job_id = ${jobId} and first_record = ${from.record} and last_record = ${to.record - 1}`,
    );
  if (rejections.length === 0) return;
  const message = new ChunkMessage(REJECTION_COPY, [
    [encodeRejections({ jobId, partNo }, rejections)],
  ]);
  client.query(message);
  await message.done;
}

interface PartRow extends RejectionLimitRow {
  readonly next_byte: number;
  readonly end_byte: number;
  readonly next_record: number;
  readonly next_line: number;
  readonly runner_id: string | null;
  readonly plan: ProcessPlan;
  readonly phase: string | null;
  readonly pause_after: number | null;
}

async function openPart(
  client: pg.Client,
  { jobId, partNo, epoch }: DispatchMessage,
): Promise<ProcessAssignment | null> {
  const { rows } = await client.query<PartRow>(
    sql`select p.next_byte, p.end_byte, p.next_record, p.next_line, p.runner_id, j.plan, j.phase, j.max_rejected,
        j.max_rejected_percent, j.pause_after
      from sluice.part p join sluice.job j on j.id = p.job_id
      where p.job_id = ${jobId} and p.part_no = ${partNo} and j.epoch = ${epoch} and j.kind = 'process'`,
  );
  const row = rows[0];
  if (row === undefined || row.runner_id === null) return null;
  const checkpoint = { byte: row.next_byte, record: row.next_record, line: row.next_line };
  const isUndo = row.phase === "undoing";
  return {
    jobId,
    partNo,
    epoch,
    runnerId: row.runner_id,
    plan: row.plan,
    task: isUndo ? "undo" : "run",
    checkpoint,
    endByte: row.end_byte,
    maxRejected: toMaxRejected(row),
    recordsUntilPause:
      row.pause_after === null ? null : Math.max(row.pause_after - (row.next_record - 1), 0),
  };
}

async function findBegun(
  client: pg.Client,
  { jobId }: ProcessAssignment,
  record: number,
): Promise<readonly BegunBatch[]> {
  const { rows } = await client.query<{ first: number; last: number; is_split: boolean }>(
    sql`select first_record as first, last_record as last, is_split from sluice.batch
      where job_id = ${jobId} and state = 'begun' and ${record}::bigint between first_record and last_record
      order by last_record - first_record desc`,
  );
  return rows.map(({ first, last, is_split: isSplit }) => ({
    firstRecord: first,
    lastRecord: last,
    isSplit,
  }));
}

async function addLog(
  client: pg.Client,
  jobId: string,
  lines: readonly HostLogLine[],
): Promise<void> {
  const kept = lines.slice(-LOG_LINES);
  if (kept.length === 0) return;
  await client.query(
    sql`insert into sluice.process_log (job_id, at, message, fields)
      select ${jobId}, l.at, l.message, l.fields
      from jsonb_to_recordset(${toJson(kept)}::jsonb) as l (at timestamptz, message text, fields jsonb)`,
  );
  await client.query(
    sql`delete from sluice.process_log where job_id = ${jobId} and id <= (
      select id from sluice.process_log where job_id = ${jobId} order by id desc offset ${LOG_LINES} limit 1)`,
  );
}
