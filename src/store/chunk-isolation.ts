/**
 * The slow path of a chunk: the database refused a row that the encoder let pass (a type without an encoder, a CHECK, a
 * domain, a trigger). The rows are copied in halves under savepoints, in one transaction, until the refused ones stand
 * alone; those become rejections, all others go in. Cost: about log2(rows) copies for each refused row.
 *
 * Rows are found by their own offsets, never by the line number in the server's message, which counts lines inside
 * fields.
 */
import type pg from "pg";
import type { EncodedChunk } from "../core/ports.ts";
import type { Rejection } from "../core/rejection.ts";
import type { ChunkOutcome, PartAssignment } from "../core/runner-ports.ts";
import { leaveReason, type ChunkStatements } from "./chunk-commit.ts";
import { ChunkMessage } from "./chunk-message.ts";
import { copyPayload, type CopyPayload } from "./copy-payload.ts";
import { describeRefusal } from "./refusal.ts";
import { encodeRejections, REJECTION_COPY } from "./rejection-copy.ts";
import { isRowError } from "./row-error.ts";
import { sql } from "./sql.ts";

/** Commits what the database takes of a chunk. */
export async function commitIsolating(
  client: pg.Client,
  assignment: PartAssignment,
  statements: ChunkStatements,
  chunk: EncodedChunk,
): Promise<ChunkOutcome> {
  await client.query("begin");
  try {
    await client.query(statements.gate);
    // Else each row would be refused by itself where COPY sees that it has another type.
    if (statements.types !== null) await client.query(statements.types);
    // Rows of a new table stay where they are, too.
    const isFinal = assignment.plan.delivery === "direct" || assignment.plan.mode === "create";
    // Checked where they can still be answered, not at the commit.
    if (isFinal) await client.query("set constraints all immediate; savepoint trial");
    const refused: RefusedRow[] = [];
    await copyRange(client, statements, chunk, { from: 0, to: chunk.counts.written }, refused);
    if (isFinal) await copyAgain(client, statements, chunk, refused);
    if (statements.types !== null) await client.query(statements.types);
    const rejections = [...chunk.rejections, ...refused.map(({ rejection }) => rejection)];
    await send(client, REJECTION_COPY, [encodeRejections(assignment.part, rejections)]);
    await moveCounts(client, assignment, chunk, refused.length);
    await client.query("commit");
    return { kind: "committed", rejectedByDatabase: refused.length };
  } catch (error) {
    // A broken connection has rolled back by itself.
    await client.query("rollback").catch(() => undefined);
    const why = leaveReason(error);
    if (why !== null) return { kind: "left", why };
    throw error;
  }
}

interface RefusedRow {
  readonly row: number;
  readonly rejection: Rejection;
}

/**
 * Takes back what the search for refused rows wrote, and writes the others at once. Rows in a target must carry the
 * number of the chunk's transaction, by which an undo knows them, and those of a savepoint carry one of their own.
 */
async function copyAgain(
  client: pg.Client,
  statements: ChunkStatements,
  chunk: EncodedChunk,
  refused: readonly RefusedRow[],
): Promise<void> {
  await client.query("rollback to savepoint trial");
  await client.query("release savepoint trial");
  const ends = [...refused.map(({ row }) => row), chunk.counts.written];
  const pieces = ends.map((end, index) => {
    const from = index === 0 ? 0 : (ends[index - 1] ?? 0) + 1;
    return chunk.rows.subarray(chunk.rowOffsets[from], chunk.rowOffsets[end]);
  });
  const rows = Buffer.concat(pieces);
  if (rows.length === 0) return;
  const [copied] = await send(client, statements.copyRows, copyPayload(statements.format, rows));
  if (copied !== chunk.counts.written - refused.length)
    throw new Error(`COPY wrote ${copied} rows, ${refused.length} fewer than encoded were due`);
}

interface RowRange {
  readonly from: number;
  readonly to: number;
}

async function copyRange(
  client: pg.Client,
  statements: ChunkStatements,
  chunk: EncodedChunk,
  { from, to }: RowRange,
  refused: RefusedRow[],
): Promise<void> {
  if (from === to) return;
  await client.query("savepoint rows");
  try {
    const bytes = chunk.rows.subarray(chunk.rowOffsets[from], chunk.rowOffsets[to]);
    const payload = copyPayload(statements.format, bytes);
    const [copied] = await send(client, statements.copyRows, payload);
    if (copied !== to - from)
      throw new Error(`COPY wrote ${copied} rows, the encoder counted ${to - from}`);
    await client.query("release savepoint rows");
    return;
  } catch (error) {
    if (!isRowError(error)) throw error;
    await client.query("rollback to savepoint rows");
    if (to - from === 1) {
      refused.push({ row: from, rejection: toRejection(chunk, from, error) });
      return;
    }
  }
  const middle = from + Math.floor((to - from) / 2);
  await copyRange(client, statements, chunk, { from, to: middle }, refused);
  await copyRange(client, statements, chunk, { from: middle, to }, refused);
}

async function send(
  client: pg.Client,
  text: string,
  payload: CopyPayload,
): Promise<readonly number[]> {
  const message = new ChunkMessage(text, [payload]);
  client.query(message);
  return message.done;
}

function toRejection(chunk: EncodedChunk, row: number, error: unknown): Rejection {
  return { ...chunk.rowOrigins(row), value: null, ...describeRefusal(error) };
}

/** The gate counted every encoded row as written: moves the refused ones over. */
async function moveCounts(
  client: pg.Client,
  { part }: PartAssignment,
  chunk: EncodedChunk,
  refused: number,
): Promise<void> {
  if (refused === 0) return;
  await client.query(
    sql`update sluice.part set records_written = records_written - ${refused}, records_rejected = records_rejected + ${refused}
      where job_id = ${part.jobId} and part_no = ${part.partNo}`,
  );
  await client.query(
    sql`update sluice.chunk set records_written = records_written - ${refused}, records_rejected = records_rejected + ${refused}
      where job_id = ${part.jobId} and part_no = ${part.partNo} and from_byte = ${chunk.fromByte}`,
  );
}
