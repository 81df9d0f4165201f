/**
 * Takes the rows of an import out of its target again, and gives back what it has written over (`restore-rows.ts`).
 *
 * A row of the job carries, as its xmin, a transaction that the job has noted (`kept-rows.ts`). A row that somebody
 * changed since has another xmin and stays, and so does one that something refers to. A table that the job has made is
 * dropped whole where that is possible (`drop-made.ts`). Otherwise the target is gone through from its end, where the
 * newest rows mostly are, a stretch of blocks in each transaction (`delete-stretch.ts`), one partition after the other,
 * with the place kept in `sluice.undo`: whoever goes on, goes on there.
 */
import type pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import { messageOf } from "../../core/message-of.ts";
import { tableLabel, type TableName } from "../../core/job.ts";
import type { FailedReason } from "../../core/job-result.ts";
import type { UndoProgress } from "../../core/control-ports.ts";
import { isConnectionLoss, isPassing, sqlStateOf } from "../connect.ts";
import { quoteTable, sql, toJson } from "../sql.ts";
import { deleteStretch } from "./delete-stretch.ts";
import {
  bringBack,
  findFormer,
  isNotFormer,
  restoreStretch,
  type FormerRows,
  type RestoreStep,
} from "./restore-rows.ts";
import { dropMade, type DropOutcome } from "./drop-made.ts";
import { listLeaves, listWriters, type Leaf } from "./kept-rows.ts";

/** How often it is tried to drop a table that somebody reads; then it stays, empty. Each waits half a second. */
const MOST_DROP_TRIES = 60;
const SHOWN_REASONS = 10;
/** The table has another name since it was looked up. */
const UNDEFINED_TABLE = "42P01";
const LOCK_NOT_AVAILABLE = "55P03";
const DISK_FULL = "53100";
/** Reasons that are told apart. */
const MOST_REASONS = 50;

/** A job whose rows are taken out. */
interface UndoneJob {
  readonly id: string;
  /** Where its plan says that they are. */
  readonly target: TableName;
  /** How many rows the job has added: with all of them found it ends. */
  readonly added: number;
}

/** Begins the undo of a job at the end of its target, unless it has begun. Under the barrier. */
export async function beginUndo(
  client: pg.ClientBase,
  jobId: string,
  target: TableName,
): Promise<void> {
  await client.query(
    sql`insert into sluice.undo (job_id, relation, leaf, next_block)
      values (${jobId}, coalesce((select k.relation from sluice.kept_rows k where k.job_id = ${jobId}),
        to_regclass(${quoteTable(target)})::oid), null, 0)
      on conflict (job_id) do nothing`,
  );
  // The end of the undo is told of whoever began it, in whatever process it comes.
  await client.query(
    sql`update sluice.job_signal set by_actor = nullif(current_setting('sluice.actor', true), ''),
        reason = nullif(current_setting('sluice.reason', true), '') where job_id = ${jobId}`,
  );
}

interface PlaceRow {
  readonly relation: string | null;
  readonly leaf: string | null;
  readonly file_node: string | null;
  readonly next_block: number;
  readonly blocks: number;
  readonly drop_tries: number;
  readonly removed: number;
  readonly restored: number;
  readonly failed: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly is_made: boolean;
}

/** Undoes the next stretch, under the barrier. Errors: `undo_failed` for what will not pass by itself. */
export async function undoStretch(client: pg.ClientBase, job: UndoneJob): Promise<UndoProgress> {
  await client.query("savepoint stretch");
  try {
    const at = await getPlace(client, job);
    const former = await findFormer(client, job.id);
    if (former?.mode === "replace") return await bringAllBack(client, job, { at, former });
    if (former !== null && former.step !== "deleting")
      return await restoreSome(client, job, { at, former });
    return at.is_made && at.file_node === null && at.drop_tries === 0
      ? await dropWhole(client, job, at)
      : await goOn(client, job, { at, former });
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === null || isConnectionLoss(error)) throw error;
    // Who waits for a lock is waited for by others as well: the barrier sees to it.
    if (state === LOCK_NOT_AVAILABLE || state === DISK_FULL) throw error;
    if (isPassing(error) || state === UNDEFINED_TABLE) {
      await client.query("rollback to savepoint stretch");
      return { isDone: false };
    }
    throw new SluiceError(
      "undo_failed",
      `${tableLabel(job.target)} refused to have rows taken out: ${messageOf(error)} (SQLSTATE ${state}). What was removed before stays removed.`,
      { cause: error },
    );
  }
}

async function getPlace(client: pg.ClientBase, { id, target }: UndoneJob): Promise<PlaceRow> {
  const { rows } = await client.query<PlaceRow>(
    // One that an older version has begun has no table.
    sql`select coalesce(u.relation, to_regclass(${quoteTable(target)})::oid)::text as relation,
        u.leaf::text, u.file_node::text, u.next_block, u.blocks, u.drop_tries, u.removed, u.restored, u.failed, u.reasons,
        coalesce(k.is_made, false) as is_made
      from sluice.undo u left join sluice.kept_rows k on k.job_id = u.job_id where u.job_id = ${id}`,
  );
  const at = rows[0];
  if (at === undefined) throw new RangeError(`Expected the undo of ${id} to have begun.`);
  return at;
}

/** The first thing with a table that the job has made: without a row of anybody else it goes whole. */
async function dropWhole(
  client: pg.ClientBase,
  job: UndoneJob,
  at: PlaceRow,
): Promise<UndoProgress> {
  const outcome = await tryDrop(client, job, at);
  if (outcome.kind === "dropped") return ended(at, { removed: outcome.rows, isDropped: true });
  return { isDone: false };
}

/** Tries to drop the table, and counts it. */
async function tryDrop(
  client: pg.ClientBase,
  { id, target }: UndoneJob,
  { relation }: PlaceRow,
): Promise<DropOutcome> {
  await client.query(
    sql`update sluice.undo set drop_tries = drop_tries + 1, moved_at = clock_timestamp() where job_id = ${id}`,
  );
  if (relation === null) return { kind: "kept" };
  const writers = await listWriters(client, id);
  return dropMade(client, { jobId: id, target, relation, writers });
}

/** Goes on in the table that is gone through, with the next one, or to the end. */
async function goOn(
  client: pg.ClientBase,
  job: UndoneJob,
  { at, former }: Undoing,
): Promise<UndoProgress> {
  const leaf = at.relation === null ? null : await findLeaf(client, at.relation, at);
  const isFound = at.removed + at.failed >= job.added;
  if (leaf === null || isFound) {
    if (former === null) return end(client, job, at);
    await beginStep(client, job.id, "after");
    return { isDone: false };
  }
  const isSame = leaf.oid === at.leaf && leaf.fileNode === at.file_node;
  const place = { nextBlock: isSame ? at.next_block : leaf.blocks, blocks: at.blocks };
  const writers = await listWriters(client, job.id);
  const stretch = await deleteStretch(
    client,
    leaf.name,
    { writers, ...(former === null ? {} : { condition: isNotFormer(former) }) },
    place,
  );
  const removed = at.removed + stretch.removed;
  await client.query(
    sql`update sluice.undo set leaf = ${leaf.oid}, file_node = ${leaf.fileNode}, next_block = ${stretch.nextBlock},
        blocks = ${stretch.blocks}, removed = ${removed}, failed = ${at.failed + stretch.failed},
        reasons = ${toJson(withMore(at.reasons, stretch.reasons))}, moved_at = clock_timestamp()
      where job_id = ${job.id}`,
  );
  return { isDone: false };
}

/**
 * The table to go through: the one that is gone through already, unless it is done or gone; then the next one. A table
 * that has another file than before is gone through from its end again.
 */
async function findLeaf(
  client: pg.ClientBase,
  relation: string,
  { leaf, file_node: fileNode, next_block: nextBlock }: PlaceRow,
): Promise<Leaf | null> {
  // Nothing is gone through yet.
  if (fileNode === null) return (await listLeaves(client, relation))[0] ?? null;
  const leaves = await listLeaves(client, relation);
  const present = leaves.find(({ oid }) => oid === leaf);
  if (present !== undefined && (nextBlock > 0 || present.fileNode !== fileNode)) return present;
  return leaves.find(({ oid }) => leaf === null || BigInt(oid) < BigInt(leaf)) ?? null;
}

/** What there is to end with: a table that the job has made and that is empty goes, too. */
async function end(client: pg.ClientBase, job: UndoneJob, at: PlaceRow): Promise<UndoProgress> {
  if (!at.is_made || at.failed > 0 || at.drop_tries >= MOST_DROP_TRIES) return ended(at);
  const outcome = await tryDrop(client, job, at);
  if (outcome.kind === "dropped")
    return ended(at, { removed: at.removed + outcome.rows, isDropped: true });
  return outcome.kind === "busy" ? { isDone: false } : ended(at);
}

function ended(
  at: PlaceRow,
  { removed = at.removed, isDropped = false }: { removed?: number; isDropped?: boolean } = {},
): UndoProgress {
  const reasons: readonly FailedReason[] = Object.entries(at.reasons)
    .map(([reason, rows]) => ({ reason, rows }))
    .toSorted((left, right) => right.rows - left.rows)
    .slice(0, SHOWN_REASONS);
  const { restored, failed } = at;
  return { isDone: true, removed, restored, failed, reasons, isTableDropped: isDropped };
}

/** An undo of a job that has written over rows, and where it is. */
interface Restoring {
  readonly at: PlaceRow;
  readonly former: FormerRows;
}

interface Undoing {
  readonly at: PlaceRow;
  /** Null: the job has written over nothing. */
  readonly former: FormerRows | null;
}

/** All rows of a replace, at once. */
async function bringAllBack(
  client: pg.ClientBase,
  job: UndoneJob,
  { at, former }: Restoring,
): Promise<UndoProgress> {
  const { removed, restored, failed } = await bringBack(
    client,
    former,
    await listWriters(client, job.id),
  );
  await giveUpFormer(client, job.id);
  const reasons = failed > 0 ? { "rows that were added since have their keys": failed } : {};
  return ended({ ...at, removed, restored, failed, reasons });
}

/** Rows that an upsert has changed. What cannot be restored is failed when its new rows are gone, too. */
async function restoreSome(
  client: pg.ClientBase,
  job: UndoneJob,
  { at, former }: Restoring,
): Promise<UndoProgress> {
  const writers = await listWriters(client, job.id);
  const more = await restoreStretch(client, job.id, former, writers);
  const now = {
    ...at,
    restored: at.restored + more.restored,
    failed: at.failed + more.failed,
    reasons: withMore(at.reasons, more.reasons),
  };
  await client.query(
    sql`update sluice.undo set restored = ${now.restored}, failed = ${now.failed}, reasons = ${toJson(now.reasons)}
      where job_id = ${job.id}`,
  );
  if (!more.isDone) return { isDone: false };
  if (former.step === "before") {
    await beginStep(client, job.id, "deleting");
    return { isDone: false };
  }
  await giveUpFormer(client, job.id);
  return ended(now);
}

async function beginStep(client: pg.ClientBase, jobId: string, step: RestoreStep): Promise<void> {
  await client.query(
    sql`update sluice.undo set restore_step = ${step}, restore_after = 0, moved_at = clock_timestamp()
      where job_id = ${jobId}`,
  );
}

async function giveUpFormer(client: pg.ClientBase, jobId: string): Promise<void> {
  await client.query(sql`update sluice.kept_rows set former = null where job_id = ${jobId}`);
}

function withMore(
  known: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const all = { ...known };
  for (const [reason, rows] of Object.entries(more)) {
    const isNew = all[reason] === undefined && Object.keys(all).length >= MOST_REASONS;
    const key = isNew ? "other reasons" : reason;
    all[key] = (all[key] ?? 0) + rows;
  }
  return all;
}
