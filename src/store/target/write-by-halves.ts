/**
 * Finding refused rows by writing ranges of records in halves, each under a savepoint.
 *
 * What a savepoint wrote holds a lock of the server until the end of the transaction, and all sessions together have some
 * thousands of them. So ranges that went in one by one are taken back from time to time and written once more as one.
 */
import type pg from "pg";
import type { ImportPlan } from "../../core/import-plan.ts";
import { describeRefusal, type Refusal } from "../refusal.ts";
import { quoteStaging } from "../sql.ts";
import {
  addRows,
  NO_ROWS,
  type AcceptedRows,
  type RecordRange,
  type WrittenRows,
} from "./row-writer.ts";
import { recordNumber, refusedTable } from "./staging.ts";
import { tryWrite, type Writing } from "./try-write.ts";

/** So many ranges are written before they become one. */
const MOST_RANGES = 250;

/**
 * Writes what the target takes of the staged rows, and puts the others aside. `onRefused` is told how many so far, and may
 * throw. Errors: those of `tryWrite`; of ranges that went in alone and do not as one, that of the server.
 */
export async function writeByHalves(
  client: pg.Client,
  writing: Writing,
  onRefused: (refused: number) => void,
): Promise<AcceptedRows> {
  let refused = 0;
  const block = new Block(client, writing);
  await block.begin();
  // Ranges that are still to be written, the first on top.
  const waiting = await allRecords(client, writing.plan);
  for (let range = waiting.pop(); range !== undefined; range = waiting.pop()) {
    const { from, to } = range;
    const { rows, error } = await tryWrite(client, writing, range);
    if (error === null) await block.accept(range, rows);
    else if (from === to) {
      await block.refuse(from, describeRefusal(error));
      refused += 1;
      onRefused(refused);
    } else {
      const middle = from + Math.floor((to - from) / 2);
      waiting.push({ from: middle + 1, to }, { from, to: middle });
    }
  }
  return { ...(await block.end()), refused };
}

async function allRecords(client: pg.Client, plan: ImportPlan): Promise<RecordRange[]> {
  const record = recordNumber(plan);
  const staging = quoteStaging(plan.staging);
  await client.query(`create index on ${staging} (${record})`);
  // Else the planner knows nothing of the numbers, and reads the whole table for each range.
  await client.query(`analyze ${staging} (${record})`);
  const { rows } = await client.query<{ from: number | null; to: number | null }>(
    `select min(${record}) as "from", max(${record}) as "to" from ${staging}`,
  );
  const { from = null, to = null } = rows[0] ?? {};
  return from === null || to === null ? [] : [{ from, to }];
}

/** Ranges in a row, from the one behind those that were made one before. */
class Block {
  readonly #client: pg.Client;
  readonly #writing: Writing;
  /** What came of earlier blocks. */
  #settled: WrittenRows = NO_ROWS;
  #written: WrittenRows = NO_ROWS;
  #ranges = 0;
  #from: number | null = null;
  #refused: { readonly record: number; readonly refusal: Refusal }[] = [];

  constructor(client: pg.Client, writing: Writing) {
    this.#client = client;
    this.#writing = writing;
  }

  async begin(): Promise<void> {
    await this.#client.query("savepoint block");
  }

  /** A range that went in. */
  async accept({ from, to }: RecordRange, rows: WrittenRows): Promise<void> {
    this.#from ??= from;
    this.#written = addRows(this.#written, rows);
    this.#ranges += 1;
    if (this.#ranges === MOST_RANGES) await this.#makeOne({ from: this.#from, to });
  }

  async refuse(record: number, refusal: Refusal): Promise<void> {
    this.#from ??= record;
    this.#refused.push({ record, refusal });
    await this.#noteRefused([{ record, refusal }]);
  }

  async end(): Promise<WrittenRows> {
    await this.#client.query("release savepoint block");
    return addRows(this.#settled, this.#written);
  }

  async #makeOne(range: RecordRange): Promise<void> {
    const { plan } = this.#writing;
    await this.#client.query("rollback to savepoint block; release savepoint block");
    await this.#noteRefused(this.#refused);
    await this.#client.query({
      text: `delete from ${quoteStaging(plan.staging)} where ${recordNumber(plan)} = any($1)`,
      values: [this.#refused.map(({ record }) => record)],
    });
    const { rows, error } = await tryWrite(this.#client, this.#writing, range);
    if (error !== null) throw error;
    this.#settled = addRows(this.#settled, rows);
    this.#written = NO_ROWS;
    this.#ranges = 0;
    this.#from = null;
    this.#refused = [];
    await this.begin();
  }

  async #noteRefused(refused: readonly { record: number; refusal: Refusal }[]): Promise<void> {
    await this.#client.query({
      text: `insert into ${refusedTable(this.#writing.plan)} (record, code, column_name, message)
        select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])`,
      values: [
        refused.map(({ record }) => record),
        refused.map(({ refusal }) => refusal.code),
        refused.map(({ refusal }) => refusal.column),
        refused.map(({ refusal }) => refusal.message),
      ],
    });
  }
}
