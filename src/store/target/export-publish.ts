/**
 * The end of an export: the segments become one file, and the file gets its name in the transaction that ends the job.
 *
 * Putting together may take minutes and holds no lock: a stop passes it, and then nothing is accepted. If the process
 * dies before the commit, the file may have its name already: it is known to nobody, and the next runner replaces it; a
 * stop removes it.
 */
import type pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import type { Failpoints } from "../../core/failpoint.ts";
import type {
  AssembledResult,
  ExportAssignment,
  ExportFiles,
  SegmentPiece,
} from "../../core/export-ports.ts";
import { sql, toJson } from "../sql.ts";
import { beginPublishing, mayPublish } from "./publish.ts";
import { dropStaging } from "./staging.ts";

/** See `ExportStore.publish`. */
export async function publishExport(
  client: pg.Client,
  assignment: ExportAssignment,
  files: ExportFiles,
  failpoints: Failpoints,
): Promise<"published" | "not_yet" | "left"> {
  const { epoch, part } = assignment;
  const { jobId } = part;
  if (!(await beginPublishing(client, jobId, epoch))) return "not_yet";
  await failpoints.hit("publish_begun");
  const books = await readBooks(client, jobId);
  const assembled = await files.assemble(jobId, books.pieces);
  if (!(await finish(client, assignment, { assembled, rows: books.rows, failpoints }))) {
    await assembled.discard();
    return "left";
  }
  // What is left when the process dies here is removed at the next start.
  await files.removeJob(jobId, null);
  return "published";
}

/** The transaction: locks the job against everything, gives the file its name, writes both rows. */
async function finish(
  client: pg.Client,
  { part, epoch, plan }: ExportAssignment,
  result: {
    readonly assembled: AssembledResult;
    readonly rows: number;
    readonly failpoints: Failpoints;
  },
): Promise<boolean> {
  const { assembled, rows, failpoints } = result;
  const { bytes, sha256 } = assembled;
  await client.query("begin");
  try {
    await client.query("set local idle_in_transaction_session_timeout = 60000");
    if (!(await mayPublish(client, part.jobId, epoch))) {
      await client.query("rollback");
      return false;
    }
    await client.query(
      sql`insert into sluice.file (id, name, bytes, sha256)
        values (${plan.resultFile}, ${plan.fileName}, ${bytes}, ${sha256})`,
    );
    await client.query(
      sql`update sluice.job set state = 'succeeded', phase = null, staging = null,
          result = ${toJson({ file: plan.resultFile, name: plan.fileName, bytes, sha256, rows })}
        where id = ${part.jobId}`,
    );
    if (plan.staging !== null) await dropStaging(client, plan.staging);
    await assembled.accept(plan.resultFile);
    await failpoints.hit("export_rename");
    await failpoints.hit("publish_before_commit");
    await client.query("commit");
    return true;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

interface Books {
  readonly rows: number;
  readonly pieces: readonly SegmentPiece[];
}

/** The pieces by the ledger, which must agree with the parts and have neither gap nor overlap. */
async function readBooks(client: pg.Client, jobId: string): Promise<Books> {
  const { rows } = await client.query<{
    segment: string;
    bytes: number;
    records: number;
    is_gapless: boolean;
  }>(
    sql`select segment, max(to_byte) - min(from_byte) as bytes, sum(records_written)::bigint as records,
        bool_and(from_byte = due) as is_gapless
      from (select part_no, segment, from_byte, to_byte, records_written,
          coalesce(lag(to_byte) over (partition by part_no order by from_byte), 0) as due
        from sluice.chunk where job_id = ${jobId}) c
      group by part_no, segment order by part_no, min(from_byte)`,
  );
  const sums = await client.query<{ bytes: number; records: number }>(
    sql`select coalesce(sum(next_byte), 0)::bigint as bytes, coalesce(sum(records_written), 0)::bigint as records
      from sluice.part where job_id = ${jobId}`,
  );
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const records = rows.reduce((sum, row) => sum + row.records, 0);
  const isBalanced =
    rows.every((row) => row.is_gapless) &&
    bytes === sums.rows[0]?.bytes &&
    records === sums.rows[0]?.records;
  if (!isBalanced)
    throw new SluiceError(
      "balance_mismatch",
      "The rows of the parts are not those of the ledger. No file was made.",
    );
  return { rows: records, pieces: rows.map((row) => ({ segment: row.segment, bytes: row.bytes })) };
}
