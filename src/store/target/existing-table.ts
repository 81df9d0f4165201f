/** Publishing into a table that is there: by the writer of the mode, and what the table refuses becomes rejections. */
import type pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import { tableLabel } from "../../core/job.ts";
import type { PartWork } from "../../core/ports.ts";
import type { PartAssignment } from "../../core/runner-ports.ts";
import { bookRefused } from "./book-refused.ts";
import { writeAccepted } from "./refused-rows.ts";
import { createReplaceWriter, lockForReplacing } from "./replace-rows.ts";
import {
  createInsertWriter,
  createSkipWriter,
  type AcceptedRows,
  type WrittenRows,
} from "./row-writer.ts";
import { dropStaging } from "./staging.ts";
import type { Writing } from "./try-write.ts";
import { createUpsertWriter, dropFound, refuseSuperseded } from "./upsert-rows.ts";

/** What publishing into a table goes by. */
interface TablePublication {
  /** Records as they are counted so far. */
  readonly books: { readonly written: number; readonly rejected: number };
  readonly readPart: PartWork["openPart"];
  /** Told how many rows the table has refused so far; ends it all by throwing. */
  readonly onRefused: (refused: number) => void;
}

/** What became of staged rows, and how many they took the place of. */
export interface PublishedRows extends WrittenRows {
  readonly replaced?: number;
}

/** Writes the staged rows into the target. Errors: `balance_mismatch`, and what the server says of anything but rows. */
export async function publishIntoTable(
  client: pg.Client,
  assignment: PartAssignment,
  { books, readPart, onRefused }: TablePublication,
): Promise<PublishedRows> {
  const { plan, part } = assignment;
  const known = { plan, jobId: part.jobId, hasRejected: books.rejected > 0, onRefused };
  const rows = await writeByMode(client, known);
  const { inserted, updated, unchanged, refused } = rows;
  const taken = inserted + updated + unchanged;
  if (taken + refused !== books.written)
    throw new SluiceError(
      "balance_mismatch",
      `${tableLabel(plan.target)} took ${taken} of ${books.written - refused} rows: a trigger or rule of the table drops rows. Nothing was published.`,
    );
  if (refused > 0) await bookRefused(client, assignment, refused, readPart);
  await dropStaging(client, plan.staging);
  return rows;
}

interface Known extends Omit<Writing, "writer" | "refused"> {
  /** Whether records were rejected before. */
  readonly hasRejected: boolean;
}

type AcceptedByMode = AcceptedRows & PublishedRows;

function writeByMode(client: pg.Client, known: Known): Promise<AcceptedByMode> {
  const { mode } = known.plan;
  switch (mode) {
    case "append":
      return append(client, known);
    case "upsert":
      return upsert(client, known);
    case "replace":
      return replace(client, known);
    case "create":
      throw new RangeError("a new table is published by its name");
    default:
      return mode satisfies never;
  }
}

async function append(client: pg.Client, known: Known): Promise<AcceptedRows> {
  const { plan } = known;
  const createWriter = plan.onConflict === "skip" ? createSkipWriter : createInsertWriter;
  const writer = await createWriter(client, plan);
  return writeAccepted(client, { ...known, writer, refused: 0 });
}

async function upsert(client: pg.Client, known: Known): Promise<AcceptedRows> {
  const { plan } = known;
  const superseded = await refuseSuperseded(client, plan);
  known.onRefused(superseded);
  const writer = await createUpsertWriter(client, plan);
  const rows = await writeAccepted(client, { ...known, writer, refused: superseded });
  await dropFound(client, plan);
  return rows;
}

async function replace(client: pg.Client, known: Known): Promise<AcceptedByMode> {
  const { plan } = known;
  const replaced = await lockForReplacing(client, plan);
  const writer = await createReplaceWriter(client, plan);
  const rows = await writeAccepted(client, { ...known, writer, refused: 0 });
  if (replaced > 0 && rows.inserted === 0 && (rows.refused > 0 || known.hasRejected))
    throw new SluiceError(
      "replace_not_possible",
      `No row of the file fits ${tableLabel(plan.target)}, which would be empty. Nothing was changed.`,
    );
  return { ...rows, replaced };
}
