/** The statements of a runner that undoes what a process did, batch by batch from the newest on. */
import type pg from "pg";
import { SluiceError, toFailure } from "../core/errors.ts";
import type { Failpoints } from "../core/failpoint.ts";
import type { StepOutcome } from "../core/export-ports.ts";
import type {
  ProcessAssignment,
  ProcessStore,
  UndoableBatch,
  UndoneBatch,
} from "../core/process-store-ports.ts";
import type { KeptReason } from "../core/kept-reasons.ts";
import type { ProcessResult } from "../core/process-plan.ts";
import { commitBatch, extentOf, step, type ExtentRow } from "./batch-steps.ts";
import { sql, toJson, type Statement } from "./sql.ts";
import type { UserTransaction } from "./user-transaction.ts";

const SHOWN_REASONS = 10;

type UndoStatements = Pick<ProcessStore, "findUndoable" | "beginUndo" | "commitUndo" | "endUndo">;

/** The part of the process store that is about undoing. */
export function createUndoStatements(
  client: pg.Client,
  transaction: UserTransaction,
  failpoints: Failpoints,
): UndoStatements {
  return {
    findUndoable: ({ jobId }) => findUndoable(client, jobId),
    beginUndo: ({ jobId, epoch, runnerId }, { id }) =>
      step(async () => {
        await client.query(
          sql`select sluice.process_undo_begin(${jobId}, ${epoch}, ${runnerId}, ${id})`,
        );
        await failpoints.hit("undo_chunk");
      }),
    commitUndo: (assignment, batch, outcome) => {
      const gate = gateOf(assignment, batch, outcome);
      if (outcome.kind === "failed") return step(async () => void (await client.query(gate)));
      return commitBatch(transaction, failpoints, {
        work: async () => {
          await client.query(gate);
          if (outcome.keptReasons.length > 0) await noteReasons(client, batch, outcome);
        },
        before: "undo_before_commit",
        after: "undo_after_commit",
      });
    },
    endUndo: (assignment) => endUndo(client, assignment, failpoints),
  };
}

function gateOf(
  { jobId, epoch }: ProcessAssignment,
  { id }: UndoableBatch,
  outcome: UndoneBatch,
): Statement {
  return outcome.kind === "undone"
    ? sql`select sluice.process_undo_gate(${jobId}, ${epoch}, ${id}, 'undone', ${outcome.records - outcome.kept}::bigint,
        ${outcome.kept}::bigint, null)`
    : sql`select sluice.process_undo_gate(${jobId}, ${epoch}, ${id}, 'undo_failed', 0, 0, ${outcome.message})`;
}

async function noteReasons(
  client: pg.Client,
  { id }: UndoableBatch,
  { keptReasons }: Extract<UndoneBatch, { readonly kind: "undone" }>,
): Promise<void> {
  await client.query(
    sql`update sluice.batch set kept_reasons = ${toJson(keptReasons)}::jsonb where id = ${id}`,
  );
}

interface BatchRow extends ExtentRow {
  readonly id: number;
  readonly is_committed: boolean;
  readonly result: string | null;
  readonly rejected: readonly number[];
}

async function findUndoable(client: pg.Client, jobId: string): Promise<UndoableBatch | null> {
  const { rows } = await client.query<BatchRow>(
    sql`select b.id, b.from_byte, b.to_byte, b.first_record, b.last_record, b.first_line, b.next_line,
        b.state = 'committed' as is_committed, b.result,
        case when b.state = 'committed' then (select coalesce(json_agg(r.record_no order by r.record_no), '[]')
          from sluice.rejection r where r.job_id = b.job_id and r.record_no between b.first_record and b.last_record)
          else '[]' end as rejected
      from sluice.batch b where b.job_id = ${jobId} and b.state in ('begun', 'committed')
      order by b.id desc limit 1`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  const { id, is_committed: isCommitted, result, rejected } = row;
  return { id, isCommitted, result, rejected, ...extentOf(row) };
}

interface UndoSums {
  readonly undone: number;
  readonly kept: number;
  readonly failed: number;
  readonly failed_batches: number;
  readonly open_batches: number;
  readonly message: string | null;
}

/** The transaction that ends the job, under a lock that no control request passes. */
async function endUndo(
  client: pg.Client,
  { jobId, epoch }: ProcessAssignment,
  failpoints: Failpoints,
): Promise<StepOutcome> {
  await client.query("begin");
  try {
    const { rows: jobs } = await client.query<{ state: string; written: number }>(
      sql`select j.state, (select coalesce(sum(records_written), 0)::bigint from sluice.part where job_id = j.id) as written
        from sluice.job j where j.id = ${jobId} and j.epoch = ${epoch} and j.phase = 'undoing'
          and j.state in ('stopping', 'undoing') for no key update`,
    );
    const sums = jobs.length === 1 ? await sumBatches(client, jobId) : null;
    if (sums === null || sums.open_batches > 0) {
      await client.query("rollback");
      return "left";
    }
    const keptReasons = sums.kept === 0 ? [] : await sumReasons(client, jobId);
    const result: ProcessResult = {
      rows: "undone",
      recordsDone: jobs[0]?.written ?? 0,
      recordsUndone: sums.undone,
      recordsKept: sums.kept,
      recordsFailed: sums.failed,
      ...(keptReasons.length === 0 ? {} : { keptReasons }),
      output: null,
    };
    const failure = sums.failed_batches === 0 ? null : toJson(failureOf(sums));
    await client.query(
      sql`update sluice.job set
          state = case when ${failure}::jsonb is not null then 'failed' when state = 'stopping' then 'stopped' else 'undone' end,
          phase = case when ${failure}::jsonb is null then null else phase end,
          failure = ${failure}::jsonb, result = case when ${failure}::jsonb is null then ${toJson(result)}::jsonb end
        where id = ${jobId}`,
    );
    await failpoints.hit("undo_before_end");
    await client.query("commit");
    return "done";
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function sumBatches(client: pg.Client, jobId: string): Promise<UndoSums> {
  // Of a batch that was halved its halves are counted.
  const { rows } = await client.query<UndoSums>(
    sql`select coalesce(sum(records_undone) filter (where not is_split), 0)::bigint as undone,
        coalesce(sum(records_kept) filter (where not is_split), 0)::bigint as kept,
        coalesce(sum(last_record - first_record + 1 - records_rejected)
          filter (where state = 'undo_failed' and not is_split), 0)::bigint as failed,
        count(*) filter (where state = 'undo_failed') as failed_batches,
        count(*) filter (where state in ('begun', 'committed')) as open_batches,
        (array_agg(message order by id desc) filter (where state = 'undo_failed'))[1] as message
      from sluice.batch where job_id = ${jobId}`,
  );
  const [sums] = rows;
  if (sums === undefined) throw new Error("a sum is one row");
  return sums;
}

async function sumReasons(client: pg.Client, jobId: string): Promise<readonly KeptReason[]> {
  const { rows } = await client.query<KeptReason>(
    sql`select k.reason, sum(k.records)::bigint as records, min(k."firstRecord")::bigint as "firstRecord"
      from sluice.batch b, jsonb_to_recordset(b.kept_reasons) k (reason text, records bigint, "firstRecord" bigint)
      where b.job_id = ${jobId} and not b.is_split and b.state = 'undone'
      group by k.reason order by 2 desc, 3 limit ${SHOWN_REASONS}`,
  );
  return rows;
}

function failureOf({ failed_batches: batches, failed, message }: UndoSums) {
  return toFailure(
    new SluiceError(
      "undo_failed",
      `${batches} ${batches === 1 ? "batch" : "batches"} with ${failed} ${failed === 1 ? "row" : "rows"} could not be undone: ${message ?? ""}. All others are.`,
    ),
  );
}
