/** Writing staged rows under a savepoint: all of them go in, or none and the error is told. */
import pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import { isRowError } from "../row-error.ts";
import { noteWriter } from "./kept-rows.ts";
import { NO_ROWS, type RecordRange, type RowWriter, type WrittenRows } from "./row-writer.ts";

/** What is written, and what is known of rows that are refused. */
export interface Writing {
  readonly jobId: string;
  readonly plan: ImportPlan;
  readonly writer: RowWriter;
  /** How many are in the table of refused rows already. */
  readonly refused: number;
  /** Told how many are refused so far; ends it all by throwing. */
  readonly onRefused: (refused: number) => void;
}

/** What came of writing rows. */
export interface Attempt {
  readonly rows: WrittenRows;
  /** The error of the row that was refused; then nothing was written. */
  readonly error: pg.DatabaseError | null;
}

/** So often rows are written anew because other sessions changed some meanwhile. Each of them had to commit for it. */
const MOST_REPETITIONS = 20;

/**
 * Writes the staged rows of a range, or all. Leaves no savepoint open. Errors: what the server says of anything but rows;
 * `publish_refused` when other sessions do not leave the rows alone.
 */
export async function tryWrite(
  client: pg.Client,
  { jobId, writer }: Pick<Writing, "jobId" | "writer">,
  range: RecordRange | null,
): Promise<Attempt> {
  for (let repetition = 0; ; repetition += 1) {
    await client.query("savepoint rows");
    try {
      const rows = await writer.write(range);
      if (rows !== null) {
        await noteWriter(client, jobId);
        await client.query("release savepoint rows");
        return { rows, error: null };
      }
      if (repetition === MOST_REPETITIONS) throw changedMeanwhile();
      await takeBack(client);
    } catch (error) {
      if (!isRowError(error) || !(error instanceof pg.DatabaseError)) throw error;
      await takeBack(client);
      const isPassing = repetition < MOST_REPETITIONS && (await writer.isPassing?.(error));
      if (isPassing !== true) return { rows: NO_ROWS, error };
    }
  }
}

function changedMeanwhile(): SluiceError {
  return new SluiceError(
    "publish_refused",
    `Other sessions changed the rows to be updated ${MOST_REPETITIONS} times while they were looked up, or hide them from an update. The table is as it was.`,
  );
}

/** A savepoint that is only rolled back to stays, and all that follows lies inside it. */
async function takeBack(client: pg.Client): Promise<void> {
  await client.query("rollback to savepoint rows; release savepoint rows");
}
