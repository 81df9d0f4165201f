/**
 * Publishing: the staged rows become visible in one transaction, together with the end of the job. A new table is the
 * staging table itself, renamed; an existing one takes the rows by the writer of the mode, and those that it refuses
 * become rejections. If the process dies before the commit nothing is visible, and another runner publishes.
 */
import pg from "pg";
import { ROWS_STAY_VISIBLE, SluiceError } from "../../core/errors.ts";
import type { Failpoints } from "../../core/failpoint.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import { tableLabel } from "../../core/job.ts";
import type { JobResult } from "../../core/job-result.ts";
import type { PartWork } from "../../core/ports.ts";
import type { RejectionLimit } from "../../core/rejection-limit.ts";
import type { PartAssignment } from "../../core/runner-ports.ts";
import { isConnectionLoss, sqlStateOf } from "../connect.ts";
import { sql } from "../sql.ts";
import { bookRefused } from "./book-refused.ts";
import { checkBooks, checkRejected, getRejectionLimit, type Books } from "./check-books.ts";
import { countInstead } from "./dry-run.ts";
import { buildKey, publishByRename, refuseKeyTwins } from "./new-table.ts";
import { noteKeptRows } from "./kept-rows.ts";
import { publishIntoTable, type PublishedRows } from "./existing-table.ts";
import { NO_ROWS } from "./row-writer.ts";

/** A lock on the target that somebody else holds is waited for this long, then the publishing is tried again. */
const TARGET_LOCK_MS = 60_000;
/**
 * lock_not_available, serialization_failure, deadlock_detected: nothing is wrong with the rows. Between two tries the
 * job's row is free for a moment; a stop terminates the one that waits.
 */
const PASSING_STATES = new Set(["55P03", "40001", "40P01"]);
const DUPLICATE_TABLE = "42P07";

/**
 * Rows are put in the order of the target's key, which is done in memory where a million of them fit. Never more than the
 * server keeps for its pages: that tells how large its machine is.
 */
const MEMORY_FOR_SORTING = `
  select set_config('work_mem', greatest(mine, least(shared, 256 * 1024 * 1024)) / 1024 || 'kB', true)
  from (select pg_size_bytes(current_setting('work_mem')) as mine, pg_size_bytes(current_setting('shared_buffers')) as shared) s`;

/** See `RunnerStore.publish`. */
export async function publish(
  client: pg.Client,
  assignment: PartAssignment,
  readPart: PartWork["openPart"],
  failpoints: Failpoints,
): Promise<"published" | "not_yet" | "left"> {
  const { part, epoch, plan } = assignment;
  const jobId = part.jobId;
  // A stop that keeps rows has begun it.
  if (!assignment.isStopping && !(await beginPublishing(client, jobId, epoch))) return "not_yet";
  await failpoints.hit("publish_begun");
  for (;;) {
    try {
      const hasKeyTwins = !(await prepareKey(client, assignment));
      await failpoints.hit("publish_prepared");
      return await publishOnce(client, assignment, { readPart, hasKeyTwins }, failpoints);
    } catch (error) {
      if (!PASSING_STATES.has(sqlStateOf(error) ?? "")) throw publishError(error, plan);
    }
  }
}

/** What the publishing transaction goes by. */
interface Publication {
  readonly books: Books;
  readonly limit: RejectionLimit | null;
  readonly readPart: PartWork["openPart"];
  /** Whether records of the file share a key that the new table is to have. */
  readonly hasKeyTwins: boolean;
}

/**
 * Builds the primary key of a new table, in a transaction of its own under the job's lock, so that two that publish one
 * after the other do not meet. Returns false when records share a key. Throws what the server says, after a rollback.
 */
async function prepareKey(client: pg.Client, { part, epoch, plan, isDryRun }: PartAssignment) {
  if (plan.key === undefined || isDryRun) return true;
  await beginTransaction(client);
  try {
    const isBuilt =
      !(await mayPublish(client, part.jobId, epoch)) || (await buildKey(client, plan));
    await client.query(isBuilt ? "commit" : "rollback");
    return isBuilt;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function beginTransaction(client: pg.Client): Promise<void> {
  await client.query("begin");
  await client.query(`set local lock_timeout = ${TARGET_LOCK_MS}`);
  // One transaction of many statements, each sent when the one before has ended: the limit is for frozen chunks.
  await client.query("set local idle_in_transaction_session_timeout = 60000");
  await client.query(MEMORY_FOR_SORTING);
}

/** The transaction. Throws what the server says, after a rollback. */
async function publishOnce(
  client: pg.Client,
  assignment: PartAssignment,
  known: Pick<Publication, "readPart" | "hasKeyTwins">,
  failpoints: Failpoints,
): Promise<"published" | "left"> {
  const { epoch } = assignment;
  const { jobId } = assignment.part;
  await beginTransaction(client);
  try {
    if (!(await mayPublish(client, jobId, epoch))) {
      await client.query("rollback");
      return "left";
    }
    const { isStopping } = assignment;
    const books = await checkBooks(client, jobId, { isWhole: !isStopping });
    // Who stops a job has seen what was rejected, and wants the rest.
    const limit = isStopping ? null : await getRejectionLimit(client, jobId, books);
    const isDirect = assignment.plan.delivery === "direct";
    checkRejected(books.rejected, limit, isDirect ? ROWS_STAY_VISIBLE : undefined);
    const result = await finish(client, assignment, { ...known, books, limit });
    if (isStopping) await attributeToSignal(client, jobId);
    await client.query(
      sql`update sluice.job set state = ${isStopping ? "stopped" : "succeeded"}, phase = null, staging = null,
          result = ${JSON.stringify(result)}
        where id = ${jobId}`,
    );
    await failpoints.hit("publish_before_commit");
    await client.query("commit");
    return "published";
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/**
 * Takes the publishing, once: all parts done, and nobody else at it. A single statement, so of two runners that finish
 * the last two parts together one wins.
 */
export async function beginPublishing(
  client: pg.Client,
  jobId: string,
  epoch: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    sql`update sluice.job j set phase = 'publishing'
      where j.id = ${jobId} and j.epoch = ${epoch} and j.state = 'running' and j.wish = 'run'
        and j.phase = 'reading'
        and (select s.wish from sluice.job_signal s where s.job_id = j.id) = 'run'
        and not exists (select from sluice.part p where p.job_id = j.id and p.next_byte < p.end_byte)`,
  );
  return rowCount === 1;
}

/** Locks the job against everything but the request to stop it, whose event refers to the row. */
export async function mayPublish(
  client: pg.Client,
  jobId: string,
  epoch: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    sql`select from sluice.job where id = ${jobId} and epoch = ${epoch}
        and (wish = 'run' and state = 'running' or state = 'stopping' and phase = 'publishing')
      for no key update`,
  );
  return rowCount === 1;
}

/** Lets the history name who asked for the stop. */
async function attributeToSignal(client: pg.Client, jobId: string): Promise<void> {
  await client.query(
    sql`select set_config('sluice.actor', by_actor, true), set_config('sluice.reason', reason, true)
      from sluice.job_signal where job_id = ${jobId}`,
  );
}

function resultOf({ inserted, updated, unchanged, replaced = 0 }: PublishedRows): JobResult {
  return {
    rows: "kept",
    rowsInserted: inserted,
    ...(updated > 0 ? { rowsUpdated: updated } : {}),
    ...(unchanged > 0 ? { rowsUnchanged: unchanged } : {}),
    ...(replaced > 0 ? { rowsReplaced: replaced } : {}),
  };
}

/** Makes the rows visible, or counts them in a dry run, and returns what the job came to. */
async function finish(
  client: pg.Client,
  assignment: PartAssignment,
  publication: Publication,
): Promise<JobResult> {
  if (!assignment.isDryRun) {
    const rows = await makeVisible(client, assignment, publication);
    await noteKeptRows(client, assignment.part.jobId, assignment.plan);
    return resultOf(rows);
  }
  const { books, limit, readPart } = publication;
  const dryRun = await countInstead(client, assignment, {
    books,
    readPart,
    onRefused: (refused) => checkRejected(books.rejected + refused, limit),
  });
  return { rows: "none", rowsInserted: 0, dryRun };
}

/** Makes the rows visible and returns what became of them. Those of a direct job are visible. */
async function makeVisible(
  client: pg.Client,
  assignment: PartAssignment,
  publication: Publication,
): Promise<PublishedRows> {
  const { plan } = assignment;
  const { books, limit, readPart } = publication;
  if (plan.delivery === "direct") return { ...NO_ROWS, inserted: books.written };
  if (plan.mode === "create")
    return { ...NO_ROWS, inserted: await publishNewTable(client, assignment, publication) };
  return publishIntoTable(client, assignment, {
    books,
    readPart,
    onRefused: (refused) => checkRejected(books.rejected + refused, limit),
  });
}

/** Makes the staging table the target and returns how many rows it has; `hasKeyTwins` when records share a key. */
async function publishNewTable(
  client: pg.Client,
  assignment: PartAssignment,
  { books, limit, readPart, hasKeyTwins }: Publication,
): Promise<number> {
  const { plan } = assignment;
  const refused = hasKeyTwins ? await refuseKeyTwins(client, plan) : 0;
  checkRejected(books.rejected + refused, limit);
  if (refused > 0) await bookRefused(client, assignment, refused, readPart);
  await publishByRename(client, plan);
  return books.written - refused;
}

function publishError(error: unknown, plan: ImportPlan): unknown {
  if (error instanceof SluiceError || isConnectionLoss(error)) return error;
  if (!(error instanceof pg.DatabaseError)) return error;
  const state = sqlStateOf(error);
  if (state === "53100") return error;
  const label = tableLabel(plan.target);
  if (state === DUPLICATE_TABLE)
    return new SluiceError(
      "table_exists",
      `${label} was created by somebody else while the file was read. The rows are kept: drop or rename that table, then resume.`,
      { cause: error },
    );
  // The server's detail can hold a cell value; its message names the constraint and does not.
  return new SluiceError(
    "publish_refused",
    `${label} refused the rows: ${error.message} (SQLSTATE ${state}). ${label} is as it was.`,
    { cause: error, details: { sqlState: state, constraint: error.constraint ?? null } },
  );
}
