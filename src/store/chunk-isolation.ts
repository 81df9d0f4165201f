/**
 * The slow path of a chunk: the database refused a row that the encoder let pass (a type without an encoder, a CHECK, a
 * domain, a trigger). The rows are copied in halves under savepoints, in one transaction, until the refused ones stand
 * alone; those become rejections, all others go in. Cost: about log2(rows) copies for each refused row.
 *
 * What a savepoint wrote holds a lock of the server until the end of the transaction, and all sessions together have some
 * thousands of them. So what went in piece by piece is taken back from time to time, and copied once more as one.
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
    // Checked where they can still be answered, not at the commit.
    await client.query("set constraints all immediate; savepoint trial");
    const search = new RefusalSearch(client, statements, chunk);
    await search.copyRange({ from: 0, to: chunk.counts.written });
    const { refused } = search;
    // Rows in a target must carry the number of the chunk's transaction, by which an undo knows them, and those of a
    // savepoint carry one of their own.
    await client.query("rollback to savepoint trial; release savepoint trial");
    await search.copyAccepted(chunk.counts.written);
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

interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** So many pieces are copied before they become one. */
const MOST_PIECES = 250;

/** Copies rows in halves, inside the savepoint `trial`. */
class RefusalSearch {
  readonly refused: RefusedRow[] = [];
  readonly #client: pg.Client;
  readonly #statements: ChunkStatements;
  readonly #chunk: EncodedChunk;
  #pieces = 0;

  constructor(client: pg.Client, statements: ChunkStatements, chunk: EncodedChunk) {
    this.#client = client;
    this.#statements = statements;
    this.#chunk = chunk;
  }

  async copyRange({ from, to }: RowRange): Promise<void> {
    if (from === to) return;
    const error = await this.#tryRange({ from, to });
    if (error === null) {
      this.#pieces += 1;
      if (this.#pieces === MOST_PIECES) await this.#makeOne(to);
    } else if (to - from === 1) {
      this.refused.push({ row: from, rejection: toRejection(this.#chunk, from, error) });
    } else {
      const middle = from + Math.floor((to - from) / 2);
      await this.copyRange({ from, to: middle });
      await this.copyRange({ from: middle, to });
    }
  }

  /** Returns the error of a row that was refused; then nothing was written. */
  async #tryRange({ from, to }: RowRange): Promise<Error | null> {
    const { rows, rowOffsets } = this.#chunk;
    await this.#client.query("savepoint rows");
    try {
      await this.#copy([rows.subarray(rowOffsets[from], rowOffsets[to])], to - from);
      await this.#client.query("release savepoint rows");
      return null;
    } catch (error) {
      if (!isRowError(error) || !(error instanceof Error)) throw error;
      // A savepoint that is only rolled back to stays, and all that follows lies inside it.
      await this.#client.query("rollback to savepoint rows; release savepoint rows");
      return error;
    }
  }

  /** Copies all rows before `end` that were not refused. */
  async copyAccepted(end: number): Promise<void> {
    const { rows, rowOffsets } = this.#chunk;
    const ends = [...this.refused.map(({ row }) => row), end];
    const pieces = ends.map((to, index) => {
      const from = index === 0 ? 0 : (ends[index - 1] ?? 0) + 1;
      return rows.subarray(rowOffsets[from], rowOffsets[to]);
    });
    if (end > this.refused.length) await this.#copy(pieces, end - this.refused.length);
  }

  async #makeOne(end: number): Promise<void> {
    await this.#client.query("rollback to savepoint trial");
    await this.copyAccepted(end);
    this.#pieces = 0;
  }

  async #copy(pieces: readonly Uint8Array[], due: number): Promise<void> {
    const { format, copyRows } = this.#statements;
    const [copied] = await send(this.#client, copyRows, copyPayload(format, Buffer.concat(pieces)));
    if (copied !== due) throw new Error(`COPY wrote ${copied} rows, the encoder counted ${due}`);
  }
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
