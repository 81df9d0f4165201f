/**
 * What the author of a process writes and is given.
 *
 * A process runs over a CSV file in batches of consecutive records, in the order of the file, one batch at a time. Each
 * batch has a transaction. What is done through `ctx.tx` is done exactly once: it commits together with the place in the
 * file. What is done outside, such as a call of another service, is done at least once: a batch that was interrupted is
 * run again with the same keys, by which the other service can tell a repetition.
 */
import type { StandardSchema } from "./standard-schema.ts";

/** A record that no schema has read: texts by the names of the file's columns. */
export type TextRecord = Readonly<Record<string, string>>;

/** Params of a process that takes none. */
export type NoParams = Readonly<Record<string, never>>;

/** What can stand in a cell of a result. Null and undefined are empty cells; a date is written as ISO 8601 in UTC. */
export type OutputValue = string | number | bigint | boolean | Date | null | undefined;

/** Consecutive records of the file that are run, and committed, together. */
export interface Batch<TRecord extends object = TextRecord> {
  /** In the order of the file, without those that were rejected. At least one. */
  readonly records: readonly TRecord[];
  /**
   * Names the batch: the same in each attempt at it, also after a crash and when it is undone; of no other batch of any
   * job. A batch that is halved to find the bad record (see `isolate`) becomes two of other keys.
   */
  readonly key: string;
  /**
   * Names one record, for what has to be done once for each: `JOB:NUMBER`. The same in each attempt, also when batches
   * are halved, and in `undo`. Takes an object of `records`; a copy of one is an error.
   */
  keyOf(record: TRecord): string;
}

/** What a statement answered. */
export interface QueryResult {
  /** By column name. Numbers of type `bigint` and `numeric` are texts. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Rows that it returned or changed. */
  readonly rowCount: number;
}

/** The transaction of the batch, which is also that of the place in the file. */
export interface Transaction {
  /**
   * Runs one statement with `$1` for the first value, and so on. Statements that begin or end a transaction are refused:
   * it commits when `run` has returned, and rolls back when it has thrown. Await each one. Rejects with a `DatabaseError`,
   * after which PostgreSQL refuses everything else in this transaction: let it go on to the end of `run`.
   */
  query(text: string, values?: readonly unknown[]): Promise<QueryResult>;
}

/** What is at hand in `run` and in `undo`. */
export interface BatchContext<TParams = NoParams, TRecord extends object = TextRecord> {
  readonly tx: Transaction;
  /**
   * Aborted when the job is stopped, or paused by force. Give it to `fetch` and the like: a batch that has not ended two
   * seconds later is ended with the process it runs in. What it has done through `tx` is rolled back in either case.
   */
  readonly signal: AbortSignal;
  /** What the schema of the params made of those of the job. */
  readonly params: TParams;
  /** The batch, as in the first argument. */
  readonly batch: Batch<TRecord>;
  /** How often this batch was tried, this time included, since the job was last taken up. From 1. */
  readonly attempt: number;
  /**
   * Keeps a line with the job: up to 2,000 characters, with up to 4 kB of fields as JSON; what is longer is cut. Of a job the
   * newest 1,000 lines are kept, of a batch the first 1,000. Lines stay when the batch is rolled back.
   */
  log(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What is at hand in `run`. */
export interface RunContext<
  TParams = NoParams,
  TRecord extends object = TextRecord,
> extends BatchContext<TParams, TRecord> {
  /**
   * Leaves a record of the batch out: it counts as rejected, is listed with the message, and `undo` does not see it. The
   * first message for a record stays. `column` names the column at fault.
   */
  reject(record: TRecord, message: string, options?: { readonly column?: string }): void;
  /**
   * Writes a record to the result, by the names of `output.columns`. Another name is an error; a column that is left out is
   * empty. A process without `output` cannot emit.
   */
  emit<T extends { readonly [K in keyof T]: OutputValue }>(record: T): void;
}

/** What is at hand in `undo`. */
export interface UndoContext<
  TParams = NoParams,
  TRecord extends object = TextRecord,
> extends BatchContext<TParams, TRecord> {
  /**
   * Whether `run` was committed. False: it was interrupted, so that what it did through `tx` is gone, and nobody knows how
   * much of the rest it had done.
   */
  readonly isCommitted: boolean;
  /**
   * What `run` returned for the batch, as JSON carries it: ids that another service gave, for example. Null when it was
   * interrupted or returned nothing.
   */
  readonly result: unknown;
  /** Says that what was done for a record stays, and why. The first reason for a record stays. */
  keep(record: TRecord, reason: string): void;
}

/** A process, as its author writes it. */
export interface ProcessDefinition<TParams = NoParams, TRecord extends object = TextRecord> {
  /** Lower-case letters, digits and `-`; the name of its file without the ending. */
  readonly name: string;
  /** For people. Default: the name. */
  readonly title?: string;
  readonly description?: string;
  /** Reads the params of a job before it is created, and again whenever it is taken up. Default: there are none. */
  readonly params?: StandardSchema<unknown, TParams>;
  /**
   * Reads each record before `run` sees it, and has to make an object. A record that it refuses is rejected with its
   * message. Default: records are texts by column name.
   */
  readonly record?: StandardSchema<unknown, TRecord>;
  /** Records of a batch, from 1 to 50,000. Default 1,000. */
  readonly batchSize?: number;
  /** How often a batch that threw is tried again, from 0 to 100, after 0.5 s, 1 s, 2 s and so on. Default 3. */
  readonly retries?: number;
  /**
   * Whether a batch that keeps failing is halved until the records at fault are alone, which are then rejected. Default
   * false: the job fails, and can be resumed at this batch.
   */
  readonly isolate?: boolean;
  /** How long one batch may take, from 1 to 86,400. Default 300. */
  readonly timeoutSeconds?: number;
  /** The columns of the result: names, or what makes them of the names of the file's columns. Default: no result. */
  readonly output?: {
    readonly columns: readonly string[] | ((fields: readonly string[]) => readonly string[]);
  };
  /**
   * Does the work for one batch. Throwing rolls the batch back, to be tried again. What it returns is kept with the batch
   * for `undo`, as at most 100 kB of JSON.
   */
  run(batch: Batch<TRecord>, ctx: RunContext<TParams, TRecord>): unknown;
  /**
   * Reverses one batch when the job is stopped or undone. The newest batch comes first; among them the one that was
   * interrupted. It may be called again for a batch, after a crash, and may find less than `run` would have made.
   * Default: what the process did stays.
   */
  undo?(batch: Batch<TRecord>, ctx: UndoContext<TParams, TRecord>): void | Promise<void>;
}

/** A process that `defineProcess` has looked at: everything that its author left out has its default. */
export interface Process<TParams = unknown, TRecord extends object = object> {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly params: StandardSchema<unknown, TParams> | null;
  readonly record: StandardSchema<unknown, TRecord> | null;
  readonly batchSize: number;
  readonly retries: number;
  readonly isolate: boolean;
  readonly timeoutSeconds: number;
  readonly output: ProcessDefinition["output"] | null;
  run(batch: Batch<TRecord>, ctx: RunContext<TParams, TRecord>): unknown;
  readonly undo: UndoMethod<TParams, TRecord> | null;
}

// Taken from a method, so that every process is a `Process`.
type UndoMethod<TParams, TRecord extends object> = {
  undo(batch: Batch<TRecord>, ctx: UndoContext<TParams, TRecord>): void | Promise<void>;
}["undo"];
