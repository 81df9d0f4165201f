/**
 * Books rows that were refused while publishing: from the numbers of their records to rejections with line, byte and raw
 * text. The parts that hold such records are read once more from the source; ledger and counters move along, so the
 * books balance in the same transaction.
 */
import type pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import type { Part } from "../../core/job.ts";
import type { EncodedChunk, PartWork } from "../../core/ports.ts";
import type { Rejection, RejectionCode } from "../../core/rejection.ts";
import type { PartAssignment } from "../../core/runner-ports.ts";
import { ChunkMessage } from "../chunk-message.ts";
import { encodeRejections, REJECTION_COPY } from "../rejection-copy.ts";
import { refusedTable } from "./staging.ts";

/** How much is read at once; the rejections of one such piece are in memory together. */
const PIECE = { sourceBytes: 1024 * 1024, records: 10_000 } as const;

/** Turns the table of refused rows into `refused` rejections, and drops it. */
export async function bookRefused(
  client: pg.Client,
  assignment: PartAssignment,
  refused: number,
  readPart: PartWork["openPart"],
): Promise<void> {
  const table = refusedTable(assignment.plan);
  let booked = 0;
  for (const part of await listPartsWithRefused(client, assignment.part.jobId, table))
    booked += await bookPart(client, assignment, part, readPart);
  const moved = await moveCounts(client, assignment.part.jobId, table);
  if (booked !== refused || moved !== refused)
    throw new SluiceError(
      "balance_mismatch",
      `${refused} rows were refused, but ${booked} of their records were found again. Nothing was published.`,
    );
  await client.query(`drop table ${table}`);
}

interface PartRow {
  readonly part_no: number;
  readonly first_byte: number;
  readonly end_byte: number;
  readonly first_record: number;
  readonly first_line: number;
}

/** The parts that hold refused records, each at its first record. */
async function listPartsWithRefused(
  client: pg.Client,
  jobId: string,
  table: string,
): Promise<readonly Part[]> {
  const { rows } = await client.query<PartRow>(
    `select part_no, first_byte, end_byte, first_record, first_line
     from sluice.part p
     where p.job_id = $1 and p.part_no > 0
       and exists (select from ${table} f where f.record >= p.first_record and f.record < p.next_record)
     order by first_byte`,
    [jobId],
  );
  return rows.map((row) => ({
    jobId,
    partNo: row.part_no,
    firstByte: row.first_byte,
    endByte: row.end_byte,
    nextByte: row.first_byte,
    nextRecord: row.first_record,
    nextLine: row.first_line,
  }));
}

async function bookPart(
  client: pg.Client,
  { plan }: PartAssignment,
  part: Part,
  readPart: PartWork["openPart"],
): Promise<number> {
  const reader = await readPart(plan, part);
  try {
    let booked = 0;
    let from = part.nextRecord;
    for (;;) {
      const chunk = await reader.next(PIECE);
      if (chunk === null) return booked;
      const { rows } = await client.query<RefusedRow>(
        `select record, code, column_name, value, message from ${refusedTable(plan)}
         where record >= $1 and record < $2 order by record`,
        [from, chunk.nextRecord],
      );
      const rejections = rows.flatMap((row) => toRejection(chunk, row));
      if (rejections.length > 0) await copyRejections(client, part, rejections);
      booked += rejections.length;
      from = chunk.nextRecord;
    }
  } finally {
    await reader.close();
  }
}

interface RefusedRow {
  readonly record: number;
  readonly code: RejectionCode;
  readonly column_name: string | null;
  readonly value: string | null;
  readonly message: string;
}

/** The rejection of a refused row; none when its record is not among the written ones, which the caller counts. */
function toRejection(
  { counts, rowOrigins }: EncodedChunk,
  { record, code, column_name, value, message }: RefusedRow,
): readonly Rejection[] {
  let low = 0;
  let high = counts.written - 1;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const origin = rowOrigins(middle);
    if (origin.record === record) return [{ ...origin, code, column: column_name, value, message }];
    if (origin.record < record) low = middle + 1;
    else high = middle - 1;
  }
  return [];
}

async function copyRejections(
  client: pg.Client,
  part: Part,
  rejections: readonly Rejection[],
): Promise<void> {
  const message = new ChunkMessage(REJECTION_COPY, [
    [encodeRejections(part, rejections, { atPublishing: true })],
  ]);
  client.query(message);
  await message.done;
}

/** Moves what was counted as written to the rejected, in ledger and parts. Returns how many records. */
async function moveCounts(client: pg.Client, jobId: string, table: string): Promise<number> {
  const { rows } = await client.query<{ moved: number }>(
    `with moved as (
       select r.part_no, c.from_byte, count(*) as records
       from ${table} f
       join sluice.rejection r on r.job_id = $1 and r.record_no = f.record
       cross join lateral (
         select c.from_byte from sluice.chunk c
         where c.job_id = r.job_id and c.part_no = r.part_no and c.from_byte <= r.byte_offset
         order by c.from_byte desc limit 1
       ) c
       group by r.part_no, c.from_byte
     ), chunks as (
       update sluice.chunk c set records_written = c.records_written - m.records,
         records_rejected = c.records_rejected + m.records
       from moved m where c.job_id = $1 and c.part_no = m.part_no and c.from_byte = m.from_byte
     ), parts as (
       update sluice.part p set records_written = p.records_written - m.records,
         records_rejected = p.records_rejected + m.records
       from (select part_no, sum(records) as records from moved group by part_no) m
       where p.job_id = $1 and p.part_no = m.part_no
     )
     select coalesce(sum(records), 0)::bigint as moved from moved`,
    [jobId],
  );
  return rows[0]?.moved ?? 0;
}
