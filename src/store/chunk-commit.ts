/**
 * Commits a chunk: builds the one message of the chunk transaction and reads its outcome. When the database refuses
 * a row that the encoder let pass, the chunk is committed row group by row group instead (`chunk-isolation.ts`).
 */
import type pg from "pg";
import type { Failpoints } from "../core/failpoint.ts";
import type { EncodedChunk } from "../core/ports.ts";
import type { ChunkOutcome, PartAssignment } from "../core/runner-ports.ts";
import { ChunkMessage } from "./chunk-message.ts";
import { commitIsolating } from "./chunk-isolation.ts";
import { copyPayload, type CopyPayload } from "./copy-payload.ts";
import { sqlStateOf } from "./connect.ts";
import { isRowError } from "./row-error.ts";
import { encodeRejections, REJECTION_COPY } from "./rejection-copy.ts";
import { quoteName, quoteText } from "./sql.ts";
import { writtenTable } from "./target/staging.ts";
import { checkTypes, directError } from "./target/written-types.ts";

/** A chunk with everything that its statements name. */
export interface ChunkStatements {
  /** The gate with its compare-and-set, and what moves with the checkpoint. */
  readonly gate: string;
  readonly copyRows: string;
  /** What `copyRows` says of its data. */
  readonly format: "text" | "binary";
  readonly check: string;
  /** Whether the columns have the types of the plan. Null where nobody else alters the table: it is the job's own. */
  readonly types: string | null;
}

/** Errors by which the gate says that the chunk must not be written. */
const LEAVE: Readonly<Record<string, "signal" | "epoch" | "position">> = {
  SL001: "signal",
  SL002: "epoch",
  SL003: "position",
};

/** What the gate refused, or null when the error is another. */
export function leaveReason(error: unknown): "signal" | "epoch" | "position" | null {
  return LEAVE[sqlStateOf(error) ?? ""] ?? null;
}

/** The chunk transaction. Throws when the connection is lost: then the outcome is unknown and the part is read again. */
export async function commitChunk(
  client: pg.Client,
  assignment: PartAssignment,
  format: "text" | "binary",
  copyColumns: readonly string[],
  chunk: EncodedChunk,
  failpoints: Failpoints,
): Promise<ChunkOutcome> {
  const statements = chunkStatements(assignment, format, copyColumns, chunk);
  const payloads: CopyPayload[] = [];
  const gap = failpoints.chunkGapMs > 0 ? [`select pg_sleep(${failpoints.chunkGapMs / 1000})`] : [];
  const parts = [statements.gate, ...gap];
  if (chunk.counts.written > 0) {
    parts.push(statements.copyRows);
    payloads.push(copyPayload(format, chunk.rows));
  }
  if (chunk.rejections.length > 0) {
    parts.push(REJECTION_COPY);
    payloads.push([encodeRejections(assignment.part, chunk.rejections)]);
  }
  if (chunk.counts.written > 0) parts.push(statements.check);
  if (statements.types !== null) parts.push(statements.types);
  parts.push(...gap);
  try {
    const message = new ChunkMessage(parts.join(";\n"), payloads, {
      opened: () => failpoints.hitNow("chunk_begun"),
      sent: () => failpoints.hitNow("before_commit"),
    });
    client.query(message);
    await message.done;
    await failpoints.hit("after_commit");
    return { kind: "committed", rejectedByDatabase: 0 };
  } catch (error) {
    const why = leaveReason(error);
    if (why !== null) return { kind: "left", why };
    if (!isRowError(error)) throw wordsOf(error, assignment);
    return commitIsolating(client, assignment, statements, chunk).catch((refused: unknown) => {
      throw wordsOf(refused, assignment);
    });
  }
}

function wordsOf(error: unknown, { plan }: PartAssignment): unknown {
  return plan.delivery === "direct" ? directError(error, plan) : error;
}

function chunkStatements(
  { part, epoch, plan }: PartAssignment,
  format: "text" | "binary",
  copyColumns: readonly string[],
  chunk: EncodedChunk,
): ChunkStatements {
  const { counts } = chunk;
  const table = writtenTable(plan);
  const gateValues = [
    quoteText(part.jobId),
    part.partNo,
    epoch,
    chunk.fromByte,
    chunk.toByte,
    chunk.nextRecord,
    chunk.nextLine,
    counts.read,
    counts.written,
    counts.rejected,
    counts.filtered,
    quoteText(table),
  ];
  const { bareQuotes, blankLines, lineEnds } = chunk.notes;
  const addNotes = `update sluice.part set bare_quotes = bare_quotes + ${bareQuotes}, blank_lines = blank_lines + ${blankLines},
      lf_ends = lf_ends + ${lineEnds.lf}, crlf_ends = crlf_ends + ${lineEnds.crlf}, cr_ends = cr_ends + ${lineEnds.cr}
    where job_id = ${quoteText(part.jobId)} and part_no = ${part.partNo}`;
  const columns = copyColumns.map(quoteName).join(", ");
  return {
    gate: `select sluice.chunk_gate(${gateValues.join(", ")});\n${addNotes}`,
    copyRows: `copy ${table} (${columns}) from stdin with (format ${format})`,
    format,
    check: `select sluice.chunk_check(${quoteText(table)}, ${counts.written})`,
    types: plan.delivery === "direct" ? checkTypes(plan) : null,
  };
}
