/** What the steps of running a batch and of undoing it share. */
import type { Failpoints } from "../core/failpoint.ts";
import type { StepOutcome } from "../core/export-ports.ts";
import type { BatchCommit, BatchExtent } from "../core/process-store-ports.ts";
import { leaveReason } from "./chunk-commit.ts";
import { isConnectionLoss, sqlStateOf } from "./connect.ts";
import type { UserTransaction } from "./user-transaction.ts";

const NO_SUCH_RUNNER = "23503";

/** What the gates refuse becomes `left`. */
export async function step(work: () => Promise<void>): Promise<StepOutcome> {
  try {
    await work();
    return "done";
  } catch (error) {
    // A runner that counts as lost is no row any more.
    if (leaveReason(error) !== null || sqlStateOf(error) === NO_SUCH_RUNNER) return "left";
    throw error;
  }
}

/** Ends the transaction of user code with what `work` writes, or without a trace. */
export async function commitBatch(
  transaction: UserTransaction,
  failpoints: Failpoints,
  steps: {
    readonly work: () => Promise<void>;
    readonly before: Parameters<Failpoints["hit"]>[0];
    readonly after: Parameters<Failpoints["hit"]>[0];
  },
): Promise<BatchCommit> {
  const refused = await transaction.settle();
  if (refused !== null) return { refused };
  try {
    await transaction.sleep(failpoints.chunkGapMs);
    await steps.work();
    await transaction.sleep(failpoints.chunkGapMs);
    await failpoints.hit(steps.before);
    await transaction.commit();
    await failpoints.hit(steps.after);
    return "done";
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    await transaction.rollBack();
    if (leaveReason(error) !== null) return "left";
    // Its locks met those of others, or a rule of a table was looked at late: the batch may be tried again.
    if (sqlStateOf(error) !== null && error instanceof Error) return { refused: error.message };
    throw error;
  }
}

/** Where a batch begins and ends, in the columns of `sluice.batch`. */
export interface ExtentRow {
  readonly from_byte: number;
  readonly to_byte: number;
  readonly first_record: number;
  readonly last_record: number;
  readonly first_line: number;
  readonly next_line: number;
}

/** The extent of a batch from its row. */
export function extentOf(row: ExtentRow): BatchExtent {
  return {
    from: { byte: row.from_byte, record: row.first_record, line: row.first_line },
    to: { byte: row.to_byte, record: row.last_record + 1, line: row.next_line },
  };
}
