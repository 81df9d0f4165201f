/** Publishing into a table that is there: by the writer of the mode, and what the table refuses becomes rejections. */
import type pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import { tableLabel } from "../../core/job.ts";
import type { PartWork } from "../../core/ports.ts";
import type { PartAssignment } from "../../core/runner-ports.ts";
import { bookRefused } from "./book-refused.ts";
import { writeAccepted, type AcceptedRows, type Writing } from "./refused-rows.ts";
import { createInsertWriter, type WrittenRows } from "./row-writer.ts";
import { dropStaging } from "./staging.ts";
import { createUpsertWriter, dropUpsertTables, refuseSuperseded } from "./upsert-rows.ts";

/** What publishing into a table goes by. */
interface TablePublication {
  /** Records that are counted as written so far. */
  readonly written: number;
  readonly readPart: PartWork["openPart"];
  /** Told how many rows the table has refused so far; ends it all by throwing. */
  readonly onRefused: (refused: number) => void;
}

/** Writes the staged rows into the target. Errors: `balance_mismatch`, and what the server says of anything but rows. */
export async function publishIntoTable(
  client: pg.Client,
  assignment: PartAssignment,
  { written, readPart, onRefused }: TablePublication,
): Promise<WrittenRows> {
  const { plan, part } = assignment;
  const rows = await writeByMode(client, { plan, jobId: part.jobId, onRefused });
  const { inserted, updated, unchanged, refused } = rows;
  const taken = inserted + updated + unchanged;
  if (taken + refused !== written)
    throw new SluiceError(
      "balance_mismatch",
      `${tableLabel(plan.target)} took ${taken} of ${written - refused} rows: a trigger or rule of the table drops rows. Nothing was published.`,
    );
  if (refused > 0) await bookRefused(client, assignment, refused, readPart);
  await dropStaging(client, plan.staging);
  return rows;
}

type Known = Omit<Writing, "writer" | "refused">;

function writeByMode(client: pg.Client, known: Known): Promise<AcceptedRows> {
  return known.plan.mode === "upsert" ? upsert(client, known) : append(client, known);
}

async function append(client: pg.Client, known: Known): Promise<AcceptedRows> {
  const writer = await createInsertWriter(client, known.plan);
  return writeAccepted(client, { ...known, writer, refused: 0 });
}

async function upsert(client: pg.Client, known: Known): Promise<AcceptedRows> {
  const { plan } = known;
  const superseded = await refuseSuperseded(client, plan);
  known.onRefused(superseded);
  const writer = await createUpsertWriter(client, plan);
  const rows = await writeAccepted(client, { ...known, writer, refused: superseded });
  await dropUpsertTables(client, plan);
  return rows;
}

/** Whether rows that a job has published can be told from others afterwards, and so be undone. */
export function isTellable({ mode }: Pick<ImportPlan, "mode">): boolean {
  // What an upsert has changed was there before: taking it out would be no undoing.
  return mode !== "upsert";
}
