/** The books of a job: what its parts, ledger and rejections come to, checked in the transaction that would end it. */
import type pg from "pg";
import { SluiceError, tooManyRejected } from "../../core/errors.ts";
import { rejectionLimit, type RejectionLimit } from "../../core/rejection-limit.ts";
import { toMaxRejected, type RejectionLimitRow } from "../rejection-limit-row.ts";
import { sql } from "../sql.ts";

/** What the parts of a job come to. */
export interface Books {
  readonly read: number;
  readonly written: number;
  readonly rejected: number;
  readonly is_balanced: boolean;
}

/**
 * The books: parts and ledger agree, and cover the file from the first record to the end unless it `isWhole` no more.
 * Errors: `balance_mismatch`.
 */
export async function checkBooks(
  client: pg.Client,
  jobId: string,
  { isWhole = true }: { readonly isWhole?: boolean } = {},
): Promise<Books> {
  const { rows } = await client.query<Books>(
    sql`select p.read, p.written, p.rejected, p.read = p.written + p.rejected + p.filtered
        and (c.read, c.written, c.rejected, c.filtered) = (p.read, p.written, p.rejected, p.filtered)
        and c.bytes = p.bytes and (p.bytes = p.due or not ${isWhole})
        and r.rejections = p.rejected as is_balanced
      from (
        select coalesce(sum(records_read), 0)::bigint as read, coalesce(sum(records_written), 0)::bigint as written,
          coalesce(sum(records_rejected), 0)::bigint as rejected, coalesce(sum(records_filtered), 0)::bigint as filtered,
          coalesce(sum(next_byte - first_byte), 0)::bigint as bytes, max(end_byte) - min(first_byte) as due
        from sluice.part where job_id = ${jobId} and part_no > 0
      ) p, (
        select coalesce(sum(records_read), 0)::bigint as read, coalesce(sum(records_written), 0)::bigint as written,
          coalesce(sum(records_rejected), 0)::bigint as rejected, coalesce(sum(records_filtered), 0)::bigint as filtered,
          coalesce(sum(to_byte - from_byte), 0)::bigint as bytes
        from sluice.chunk where job_id = ${jobId}
      ) c, (
        select count(*) as rejections from sluice.rejection where job_id = ${jobId}
      ) r`,
  );
  const books = rows[0];
  if (books?.is_balanced !== true)
    throw new SluiceError(
      "balance_mismatch",
      "Records read are not the sum of records written, rejected and filtered. Nothing was published.",
    );
  return books;
}

/** The limit of a job's rejections as its row has it now. */
export async function getRejectionLimit(
  client: pg.Client,
  jobId: string,
  { read }: Pick<Books, "read">,
): Promise<RejectionLimit | null> {
  const { rows } = await client.query<RejectionLimitRow>(
    sql`select max_rejected, max_rejected_percent from sluice.job where id = ${jobId}`,
  );
  const max = rows[0] === undefined ? null : toMaxRejected(rows[0]);
  return max === null ? null : rejectionLimit(max, read);
}

/**
 * The runner that commits one rejection too many says so after its commit; another runner may have found all parts done
 * before that. Publishing itself can add to them. Errors: `too_many_rejected`.
 */
export function checkRejected(
  rejected: number,
  limit: RejectionLimit | null,
  consequence?: string,
): void {
  if (limit !== null && rejected > limit.allowed)
    throw tooManyRejected(rejected, limit, consequence);
}
