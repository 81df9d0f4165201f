/**
 * The transaction that user code works in, on the runner's connection. Nothing of user code is trusted to leave it as it
 * is: a statement that fails ends it, and one that got past the check for statements about transactions is found out by a
 * mark that the transaction carries.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { SluiceError } from "../core/errors.ts";
import { isConnectionLoss, storeError } from "./connect.ts";
import { quoteText, sql } from "./sql.ts";
import { checkUserStatement } from "./user-statement.ts";
import { messageOf } from "../core/message-of.ts";

/** Between two attempts to cancel a statement that is in flight. */
const CANCEL_EVERY_MS = 200;
/** A server that has not ended a cancelled statement by then is left: the connection is closed. */
const CANCEL_LIMIT_MS = 5_000;

/** One transaction after the other, on one connection. */
export class UserTransaction {
  readonly #client: pg.Client;
  readonly #watcher: () => Promise<pg.Client>;
  #mark: string | null = null;
  #backend: number | null = null;
  /** What the server said to the first statement that failed. */
  #failure: string | null = null;
  #inFlight: Promise<unknown> | null = null;

  constructor(client: pg.Client, watcher: () => Promise<pg.Client>) {
    this.#client = client;
    this.#watcher = watcher;
  }

  async open(idleMs: number): Promise<void> {
    const mark = randomUUID();
    const results = (await this.#client.query(
      `begin; set local idle_in_transaction_session_timeout = ${Math.round(idleMs)};
       select pg_backend_pid() as pid, set_config('sluice.batch', ${quoteText(mark)}, true)`,
    )) as unknown as readonly pg.QueryResult<{ pid: number }>[]; // one a statement
    this.#backend = results.at(-1)?.rows[0]?.pid ?? null;
    this.#failure = null;
    this.#mark = mark;
  }

  /** One statement of user code, by the protocol that takes no more than one. */
  async query(
    text: string,
    values: readonly unknown[],
  ): Promise<{ rows: readonly Record<string, unknown>[]; rowCount: number }> {
    if (this.#mark === null)
      throw new SluiceError("invalid_request", "The batch is over: its transaction has ended.");
    checkUserStatement(text);
    // The driver's own types: numbers that JavaScript cannot count to stay texts.
    const config = { text, values: [...values], types: pg.types, queryMode: "extended" };
    const running = this.#client.query<Record<string, unknown>>(config);
    this.#inFlight = running;
    try {
      const { rows, rowCount } = await running;
      return { rows, rowCount: rowCount ?? 0 };
    } catch (error) {
      this.#failure ??= messageOf(error);
      throw storeError(error);
    } finally {
      if (this.#inFlight === running) this.#inFlight = null;
    }
  }

  /**
   * Before the commit: what the database says to what user code left, or null. Constraints that were put off are checked
   * now, so that they speak before the job is locked.
   */
  async settle(): Promise<string | null> {
    if (this.#inFlight !== null) {
      await this.rollBack();
      return "a statement was still running when the batch returned: await each call of ctx.tx.query";
    }
    if (this.#failure !== null) {
      const failure = `a statement failed, so the batch cannot be committed: ${this.#failure}`;
      await this.rollBack();
      return failure;
    }
    try {
      const results = (await this.#client.query(
        "set constraints all immediate; select current_setting('sluice.batch', true) as mark",
      )) as unknown as readonly pg.QueryResult<{ mark: string | null }>[]; // one a statement
      if (results.at(-1)?.rows[0]?.mark === this.#mark) return null;
      await this.rollBack();
      return "a statement ended the transaction of the batch";
    } catch (error) {
      if (isConnectionLoss(error)) throw error;
      await this.rollBack();
      return messageOf(error);
    }
  }

  /** Holds the transaction open, for tests. */
  async sleep(ms: number): Promise<void> {
    if (ms > 0) await this.#client.query(sql`select pg_sleep(${ms / 1000})`);
  }

  async commit(): Promise<void> {
    this.#mark = null;
    await this.#client.query("commit");
  }

  /** Ends the transaction, and a statement that is in flight in it. No effect without one. */
  async rollBack(): Promise<void> {
    if (this.#mark === null) return;
    this.#mark = null;
    await this.#cancel();
    await this.#client.query("rollback");
  }

  async #cancel(): Promise<void> {
    const running = this.#inFlight;
    if (running === null) return;
    let isOver = false;
    const over = running.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    const until = performance.now() + CANCEL_LIMIT_MS;
    while (!isOver) {
      if (performance.now() > until) {
        await this.#terminate();
        throw new SluiceError("database_unavailable", "The server did not end a statement.");
      }
      await (await this.#watcher()).query(sql`select pg_cancel_backend(${this.#backend}::int)`);
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, CANCEL_EVERY_MS))]);
    }
  }

  async #terminate(): Promise<void> {
    await (await this.#watcher()).query(sql`select pg_terminate_backend(${this.#backend}::int)`);
  }
}
