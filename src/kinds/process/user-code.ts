/**
 * Runs the code of a process over batches: makes what its author is given, and sees to what is agreed. The same code
 * serves in the operating system process of a host and in that of a test.
 *
 * A batch ends when `run` or `undo` has returned or thrown and every statement has answered, so that no statement of one
 * batch can reach the transaction of the next. What is called afterwards throws.
 */
import type { HostAnswer, HostBatch, HostCalls } from "../../core/process-ports.ts";
import { checkColumns } from "../../library/define-process.ts";
import type { Batch, Process } from "../../library/process.ts";
import type { StandardIssue } from "../../library/standard-schema.ts";
import { readBatchRecords, type ReadRecords } from "./batch-records.ts";
import { openBatchSession } from "./batch-session.ts";
import { resultText } from "./result-text.ts";
import { placeText, thrownMessage, thrownPlace } from "./thrown.ts";

/** What to do with a batch. */
export type BatchWork = "run" | "undo";

/** A process, ready for the batches of one job. */
export interface UserCode {
  /** Names of the columns of the result; null when the process writes none. */
  readonly outputColumns: readonly string[] | null;
  /** One batch at a time. Never rejects. */
  work(
    what: BatchWork,
    batch: HostBatch,
    calls: HostCalls,
    signal: AbortSignal,
  ): Promise<HostAnswer & { readonly kind: "done" | "threw" }>;
}

/** What of a job user code is made ready for. */
export interface UserCodeOptions {
  readonly params: Readonly<Record<string, unknown>>;
  /** Names of the fields of the file. */
  readonly fields: readonly string[];
  /** The folder of processes: what is thrown is told with the place in it. */
  readonly folder: string;
}

/** The process refuses the params. */
export class ParamsRefused extends Error {
  readonly issues: readonly StandardIssue[];

  constructor(issues: readonly StandardIssue[]) {
    super("The process refuses the params.");
    this.issues = issues;
  }
}

/** Reads the params and names the columns. Throws `ParamsRefused`, and whatever the process itself throws. */
export async function createUserCode(
  process: Process,
  options: UserCodeOptions,
): Promise<UserCode> {
  const params = await readParams(process, options.params);
  const outputColumns = columnsOf(process, options.fields);

  async function attempt(
    what: BatchWork,
    given: HostBatch,
    calls: HostCalls,
    signal: AbortSignal,
  ): Promise<HostAnswer & { readonly kind: "done" }> {
    const read = await readBatchRecords(given.records, options.fields, process.record);
    if (what === "undo" && given.isCommitted) expectAllRead(given, read);
    const batch = batchOf(given, read);
    signal.throwIfAborted();
    const session = openBatchSession({ given, read, calls, signal, outputColumns });
    const context = { ...session.context, batch, params };
    let returned: unknown;
    try {
      // A batch of which nothing is left has nothing for its author to do.
      if (batch.records.length > 0)
        returned = await (what === "run"
          ? process.run(batch, { ...context, ...session.ofRun })
          : process.undo?.(batch, { ...context, ...session.ofUndo }));
    } catch (error) {
      await session.close();
      throw error;
    }
    const wasWaiting = await session.close();
    if (wasWaiting)
      throw new TypeError(
        `\`${what}\` returned before all its statements had answered. Await each ctx.tx.query.`,
      );
    return session.answer(what, what === "run" ? resultText(returned) : null);
  }

  async function work(...args: Parameters<UserCode["work"]>): ReturnType<UserCode["work"]> {
    try {
      return await attempt(...args);
    } catch (error) {
      const place = placeText(thrownPlace(error, options.folder));
      return { kind: "threw", message: thrownMessage(error), place };
    }
  }

  return { outputColumns, work };
}

async function readParams(
  process: Process,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  if (process.params === null) {
    const names = Object.keys(params);
    if (names.length > 0)
      throw new ParamsRefused(
        names.map((name) => ({ message: `${process.name} takes no params.`, path: [name] })),
      );
    return {};
  }
  const result = await process.params["~standard"].validate(params);
  if (result.issues !== undefined) throw new ParamsRefused(result.issues);
  return result.value;
}

function columnsOf(process: Process, fields: readonly string[]): readonly string[] | null {
  if (process.output == null) return null;
  const { columns } = process.output;
  const names = typeof columns === "function" ? columns(fields) : columns;
  checkColumns(names);
  return [...names];
}

/** The records of a committed batch went through the schema once: one that does not any more must not be passed over. */
function expectAllRead(given: HostBatch, read: ReadRecords): void {
  const [first] = read.rejections;
  if (first === undefined) return;
  const number = given.records[first.index]?.record ?? 0;
  throw new TypeError(
    `The schema \`record\` refuses record ${number}, which it took when it was run: ${first.message}. Make it take the record again.`,
  );
}

function batchOf(given: HostBatch, read: ReadRecords): Batch<object> {
  return Object.freeze({
    records: read.records,
    key: given.key,
    keyOf(record: object): string {
      const index = read.indexOf.get(record);
      const number = index === undefined ? undefined : given.records[index]?.record;
      if (number === undefined)
        throw new TypeError("Expected batch.keyOf to be given an object of batch.records.");
      return `${given.jobId}:${number}`;
    },
  });
}
