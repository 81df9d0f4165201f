/**
 * Deletes the rows of a job from a stretch of a table, for a fraction of a second. How many blocks are gone through at
 * once follows how long that takes: foreign keys without an index can make a row as slow as a block is otherwise. A row
 * that cannot be deleted is found by halves, and stays with the reason.
 */
import type pg from "pg";
import { sqlStateOf } from "../connect.ts";
import { isRowError } from "../row-error.ts";

/** How long one transaction deletes, about. */
const STRETCH_MS = 200;
/** A statement over this is too long; one under a quarter of it may have more to do. */
const STATEMENT_MS = 100;
const MOST_BLOCKS = 1024;
const LOCK_NOT_AVAILABLE = "55P03";
const MOST_REASON = 200;

/** Where deleting is: everything from `nextBlock` on is done. */
export interface DeletingPlace {
  readonly nextBlock: number;
  readonly blocks: number;
}

/** What a stretch came to. */
export interface DeletedStretch extends DeletingPlace {
  readonly removed: number;
  readonly failed: number;
  /** Rows by the reason why they stay. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Which rows are deleted. */
interface DeletedRows {
  /** Numbers of the transactions that wrote them. */
  readonly writers: readonly string[];
  /** What else must hold of the row `t`. */
  readonly condition?: string;
}

/** Deletes from the end towards the beginning of a table, for as long as a transaction should take. */
export async function deleteStretch(
  client: pg.ClientBase,
  table: string,
  { writers, condition = "true" }: DeletedRows,
  from: DeletingPlace,
): Promise<DeletedStretch> {
  // Checked where they can still be answered, not at the commit.
  await client.query("set constraints all immediate");
  const until = performance.now() + STRETCH_MS;
  const rows = new RowDeleter(client, table, { writers, condition });
  let { nextBlock, blocks } = from;
  while (nextBlock > 0 && performance.now() < until) {
    const first = Math.max(nextBlock - blocks, 0);
    const begun = performance.now();
    const isDone = await rows.deleteBlocks(first, nextBlock);
    // What is done up to a row that somebody holds is committed, and that row waited for by the next transaction.
    if (rows.isHeld) break;
    if (isDone) {
      nextBlock = first;
      blocks = paced(blocks, performance.now() - begun);
    } else if (nextBlock - first > 1) blocks = Math.floor((nextBlock - first) / 2);
    else {
      await rows.deleteOneByOne(first);
      if (rows.isHeld) break;
      nextBlock = first;
    }
  }
  const { removed, failed, reasons } = rows;
  return { nextBlock, blocks, removed, failed, reasons: Object.fromEntries(reasons) };
}

function paced(blocks: number, ms: number): number {
  if (ms > STATEMENT_MS) return Math.max(Math.floor(blocks / 2), 1);
  return ms < STATEMENT_MS / 4 ? Math.min(blocks * 2, MOST_BLOCKS) : blocks;
}

class RowDeleter {
  readonly #client: pg.ClientBase;
  readonly #table: string;
  readonly #writers: readonly string[];
  readonly #condition: string;
  removed = 0;
  failed = 0;
  /** Whether somebody holds a row for longer than is waited, after others were deleted. */
  isHeld = false;
  readonly reasons = new Map<string, number>();

  constructor(client: pg.ClientBase, table: string, { writers, condition }: Required<DeletedRows>) {
    this.#client = client;
    this.#table = table;
    this.#writers = writers;
    this.#condition = condition;
  }

  /** False when a row cannot be deleted; then none was. */
  async deleteBlocks(first: number, end: number): Promise<boolean> {
    const refusal = await this.#tryDelete(
      "ctid >= $1::tid and ctid < $2::tid and xmin = any ($3::xid[])",
      [`(${first},0)`, `(${end},0)`, this.#writers],
    );
    return refusal === null;
  }

  async deleteOneByOne(block: number): Promise<void> {
    const { rows } = await this.#client.query<{ place: string }>(
      `select ctid::text as place from only ${this.#table} t
       where ctid >= $1::tid and ctid < $2::tid and xmin = any ($3::xid[]) and ${this.#condition} order by ctid desc`,
      [`(${block},0)`, `(${block + 1},0)`, this.#writers],
    );
    for (const { place } of rows) {
      const refusal = await this.#tryDelete("ctid = $1::tid and xmin = any ($2::xid[])", [
        place,
        this.#writers,
      ]);
      if (this.isHeld) return;
      if (refusal === null) continue;
      this.failed += 1;
      this.reasons.set(refusal, (this.reasons.get(refusal) ?? 0) + 1);
    }
  }

  /** Why a row cannot be deleted; null when all were. */
  async #tryDelete(condition: string, values: readonly unknown[]): Promise<string | null> {
    await this.#client.query("savepoint rows");
    try {
      const { rowCount } = await this.#client.query({
        text: `delete from only ${this.#table} t where ${condition} and ${this.#condition}`,
        values: [...values],
      });
      await this.#client.query("release savepoint rows");
      this.removed += rowCount ?? 0;
      return null;
    } catch (error) {
      this.isHeld = sqlStateOf(error) === LOCK_NOT_AVAILABLE && this.removed > 0;
      if (!isRowError(error) && !this.isHeld) throw error;
      await this.#client.query("rollback to savepoint rows");
      return reasonOf(error);
    }
  }
}

/** The server's detail can hold a value; the names of table and constraint, and what a trigger says, are told. */
export function reasonOf(error: unknown): string {
  const { code, schema, table, constraint, message } = error as pg.DatabaseError; // as `isRowError` has seen
  const isReference = (code === "23503" || code === "23001") && table !== undefined;
  const reason = isReference
    ? `rows of ${schema === undefined ? "" : `${schema}.`}${table} refer to them (${constraint ?? "foreign key"})`
    : message;
  return reason.slice(0, MOST_REASON);
}
