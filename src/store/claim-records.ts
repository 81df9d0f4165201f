/**
 * What makes a new job a retry: in the transaction that creates it, the file that was written for it becomes one, and the
 * records that it takes become its own.
 *
 * The row of the parent is locked first, so retries of one job are created one after the other, and not while it is undone.
 * Then the retries that are over and have lost their right to records are locked, and give them back: from then on they
 * cannot be resumed. What is left in `sluice.retried` is held by somebody, and its primary key decides.
 */
import type pg from "pg";
import type { ClaimedRecords, RetryClaim } from "../core/correction.ts";
import { SluiceError } from "../core/errors.ts";
import { sql } from "./sql.ts";

/** Records that are claimed with one statement. */
const CLAIMED_AT_ONCE = 10_000;

/** Errors: `transition_not_allowed`, `nothing_to_retry`, `already_retried`, `invalid_request`, `not_found`. */
export async function claimRecords(
  client: pg.PoolClient,
  job: { readonly id: string; readonly parent: string },
  claim: RetryClaim,
): Promise<void> {
  await lockParent(client, job.parent);
  await giveBack(client, job.parent);
  if (claim.made !== null) await finishFile(client, claim.made);
  await client.query(
    sql`insert into sluice.retry (child_id, parent_id, file_id) values (${job.id}, ${job.parent}, ${claim.file})`,
  );
  await takeRecords(client, job, claim.records);
}

async function lockParent(client: pg.PoolClient, parent: string): Promise<void> {
  const { rows } = await client.query<{ state: string; may_be: boolean }>(
    sql`select state, state = 'succeeded' or (state = 'stopped' and result ->> 'rows' = 'kept') as may_be
      from sluice.job where id = ${parent} for no key update`,
  );
  const [row] = rows;
  if (row === undefined) throw new SluiceError("not_found", `There is no job ${parent}.`);
  if (row.may_be) return;
  throw new SluiceError(
    "transition_not_allowed",
    `The job is ${row.state} by now: its rejected rows cannot be retried.`,
    { details: { state: row.state, actions: [] } },
  );
}

async function giveBack(client: pg.PoolClient, parent: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    sql`select j.id from sluice.job j join sluice.retry r on r.child_id = j.id
      where r.parent_id = ${parent} and j.state in ('failed', 'stopped', 'undone') order by j.id
      for no key update of j`,
  );
  // A state that changed while the lock was waited for is seen by this statement, which begins after it.
  const ended = rows.map(({ id }) => id);
  const { rows: given } = await client.query<{ child_id: string }>(
    sql`delete from sluice.retried d
      where d.child_id = any(${ended}) and not sluice.is_held(d.child_id, d.child_record) returning d.child_id`,
  );
  await client.query(
    sql`update sluice.retry set is_given_back = true where child_id = any(${[
      ...new Set(given.map((row) => row.child_id)),
    ]})`,
  );
}

async function finishFile(
  client: pg.PoolClient,
  { id, bytes, sha256 }: NonNullable<RetryClaim["made"]>,
): Promise<void> {
  const { rowCount } = await client.query(
    sql`update sluice.file set bytes = ${bytes}, sha256 = ${sha256}, receiver = null
      where id = ${id} and receiver is not null and removed_at is null`,
  );
  if (rowCount !== 1)
    throw new SluiceError("not_found", `The file ${id} was given up while it was written.`);
}

interface RetryingJob {
  readonly id: string;
  readonly parent: string;
}

async function takeRecords(
  client: pg.PoolClient,
  job: RetryingJob,
  records: ClaimedRecords,
): Promise<void> {
  if (records.by === "all") return takeAll(client, job, records.atLeast);
  const { numbers } = records;
  if (numbers.length === 0) throw nothingToRetry();
  for (let from = 0; from < numbers.length; from += CLAIMED_AT_ONCE)
    await takeSome(client, job, {
      by: records.by,
      numbers: numbers.slice(from, from + CLAIMED_AT_ONCE),
      from,
    });
}

async function takeAll(
  client: pg.PoolClient,
  { id, parent }: RetryingJob,
  atLeast: number,
): Promise<void> {
  const { rowCount } = await client.query(
    sql`insert into sluice.retried (parent_id, record_no, child_id)
      select r.job_id, r.record_no, ${id} from sluice.rejection r where r.job_id = ${parent}
      on conflict (parent_id, record_no) do nothing`,
  );
  const taken = rowCount ?? 0;
  if (taken === 0) throw nothingToRetry();
  if (taken < atLeast)
    throw new SluiceError(
      "already_retried",
      `Expected at most ${taken} rows in the corrected file, because so many rejected rows are in no retry, got ${atLeast}. Which row is which is told by the columns of \`sluice rejected JOB --reasons\`.`,
    );
}

async function takeSome(
  client: pg.PoolClient,
  { id, parent }: RetryingJob,
  {
    by,
    numbers,
    from,
  }: { readonly by: "record" | "line"; readonly numbers: readonly number[]; readonly from: number },
): Promise<void> {
  const { rows } = await client.query<{ found: number; taken: number }>(
    sql`with wanted as (
        select r.record_no, n.at + ${from} as child_record
        from unnest(${numbers}::bigint[]) with ordinality as n (number, at)
        join sluice.rejection r on r.job_id = ${parent}
          and n.number = case when ${by === "record"} then r.record_no else r.line_no end),
      taken as (
        insert into sluice.retried (parent_id, record_no, child_id, child_record)
        select ${parent}, record_no, ${id}, child_record from wanted
        on conflict (parent_id, record_no) do nothing returning 1)
      select (select count(*) from wanted) as found, (select count(*) from taken) as taken`,
  );
  const { found = 0, taken = 0 } = rows[0] ?? {};
  if (found < numbers.length)
    throw new SluiceError(
      "invalid_request",
      `Expected each row to be one of the rejected rows of ${parent}, but ${numbers.length - found} of them name another ${by}.`,
    );
  if (taken < found)
    throw new SluiceError(
      "already_retried",
      `Another retry of ${parent} has ${found - taken} of these rows, or a row is there twice.`,
    );
}

function nothingToRetry(): SluiceError {
  return new SluiceError("nothing_to_retry", "No rejected row is corrected and in no retry yet.");
}
