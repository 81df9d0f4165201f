/**
 * The end of a process: with a result, the lines that its batches emitted become one file, which gets its name in the
 * transaction that ends the job, as that of an export; without one, the transaction alone.
 */
import type pg from "pg";
import { SluiceError } from "../core/errors.ts";
import type { AssembledResult, ExportFiles, SegmentPiece } from "../core/export-ports.ts";
import type { Failpoints } from "../core/failpoint.ts";
import type { ProcessAssignment } from "../core/process-store-ports.ts";
import { resultHead, type ProcessResult } from "../core/process-plan.ts";
import { sql, toJson } from "./sql.ts";
import { beginPublishing, mayPublish } from "./target/publish.ts";
import { checkBooks, checkRejected, getRejectionLimit, type Books } from "./target/check-books.ts";

/** See `ProcessStore.publish`. */
export async function publishProcess(
  client: pg.Client,
  assignment: ProcessAssignment,
  files: ExportFiles,
  failpoints: Failpoints,
): Promise<"published" | "not_yet" | "left"> {
  const { epoch, jobId, plan } = assignment;
  if (!(await beginPublishing(client, jobId, epoch))) return "not_yet";
  await failpoints.hit("publish_begun");
  const books = await checkBooks(client, jobId);
  checkRejected(
    books.rejected,
    await getRejectionLimit(client, jobId, books),
    "What was done is kept.",
  );
  const output = plan.outputHeader === null ? null : await readOutput(client, jobId);
  const assembled = output && (await files.assemble(jobId, output.pieces, resultHead(plan)));
  const ending = { books, assembled, rows: output?.rows ?? 0, failpoints };
  if (!(await finish(client, assignment, ending))) {
    await assembled?.discard();
    return "left";
  }
  // What is left when the process dies here is removed at the next start.
  await files.removeJob(jobId, null);
  return "published";
}

interface Ending {
  readonly books: Books;
  readonly assembled: AssembledResult | null;
  readonly rows: number;
  readonly failpoints: Failpoints;
}

/** The transaction: locks the job against everything, gives the file its name, writes both rows. */
async function finish(
  client: pg.Client,
  { jobId, epoch, plan }: ProcessAssignment,
  { books, assembled, rows, failpoints }: Ending,
): Promise<boolean> {
  await client.query("begin");
  try {
    await client.query("set local idle_in_transaction_session_timeout = 60000");
    if (!(await mayPublish(client, jobId, epoch))) {
      await client.query("rollback");
      return false;
    }
    const { resultFile: file, fileName: name } = plan;
    const result: ProcessResult = {
      rows: "kept",
      recordsDone: books.written,
      recordsUndone: 0,
      recordsKept: 0,
      recordsFailed: 0,
      output: assembled && { file, name, bytes: assembled.bytes, sha256: assembled.sha256, rows },
    };
    if (assembled !== null)
      await client.query(
        sql`insert into sluice.file (id, name, bytes, sha256)
          values (${file}, ${name}, ${assembled.bytes}, ${assembled.sha256})`,
      );
    await client.query(
      sql`update sluice.job set state = 'succeeded', phase = null, result = ${toJson(result)} where id = ${jobId}`,
    );
    await assembled?.accept(file);
    if (assembled !== null) await failpoints.hit("export_rename");
    await failpoints.hit("publish_before_commit");
    await client.query("commit");
    return true;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/**
 * Where the lines are, in the order of the records: stretches of segments, which follow each other in a segment but for
 * those of attempts that came to nothing.
 */
async function readOutput(
  client: pg.Client,
  jobId: string,
): Promise<{ readonly pieces: readonly SegmentPiece[]; readonly rows: number }> {
  const { rows: stretches } = await client.query<{
    segment: string;
    segment_from: number;
    segment_to: number;
    output_rows: number;
  }>(
    sql`select segment, segment_from, segment_to, output_rows from sluice.chunk
      where job_id = ${jobId} and segment is not null order by from_byte`,
  );
  const pieces: { segment: string; from: number; bytes: number }[] = [];
  let rows = 0;
  for (const { segment, segment_from: from, segment_to: to, output_rows: count } of stretches) {
    if (to < from) throw new SluiceError("balance_mismatch", "A stretch ends before it begins.");
    rows += count;
    const last = pieces.at(-1);
    if (last?.segment === segment && last.from + last.bytes === from) last.bytes += to - from;
    else pieces.push({ segment, from, bytes: to - from });
  }
  return { pieces, rows };
}
