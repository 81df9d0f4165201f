/** What user code can do to one batch while it works on it, and what it has done. */
import type {
  HostAnswer,
  HostBatch,
  HostCalls,
  HostKept,
  HostRejection,
} from "../../core/process-ports.ts";
import { DatabaseError } from "../../library/database-error.ts";
import type {
  BatchContext,
  QueryResult,
  RunContext,
  Transaction,
  UndoContext,
} from "../../library/process.ts";
import type { ReadRecords } from "./batch-records.ts";
import { databaseFacts } from "./database-facts.ts";
import { createOutputLines } from "./output-lines.ts";
import { safeFields, safeText } from "./safe-text.ts";

/** Lines of the log that a batch may write; the rest is counted. */
const LOG_LINES = 1_000;

/** A batch in the hands of user code. */
export interface BatchSession {
  readonly context: Pick<BatchContext, "tx" | "signal" | "attempt" | "log">;
  readonly ofRun: Pick<RunContext<unknown, object>, "reject" | "emit">;
  readonly ofUndo: Pick<UndoContext<unknown, object>, "isCommitted" | "result" | "keep">;
  /** Ends it, and returns, when every statement has answered, whether any had not. */
  close(): Promise<boolean>;
  /** What was done, after `close`; with what `run` returned, as JSON. */
  answer(what: "run" | "undo", result: string | null): HostAnswer & { readonly kind: "done" };
}

/** What a session is opened with. */
interface SessionParts {
  readonly given: HostBatch;
  readonly read: ReadRecords;
  readonly calls: HostCalls;
  readonly signal: AbortSignal;
  readonly outputColumns: readonly string[] | null;
}

/** Opens the session of one batch. */
export function openBatchSession(parts: SessionParts): BatchSession {
  const { given, read, calls, signal } = parts;
  let isOpen = true;
  const expectOpen = (call: string): void => {
    if (!isOpen)
      throw new Error(`${call} was called when its batch had ended. Await what the batch needs.`);
  };
  const marks = openMarks(read, expectOpen);
  const lines = parts.outputColumns === null ? null : createOutputLines(parts.outputColumns);
  const log = limitedLog(calls);
  const statements = openStatements(calls, () => {
    expectOpen("ctx.tx.query");
    signal.throwIfAborted();
  });

  return {
    context: {
      signal,
      attempt: given.attempt,
      tx: { query: (text, values = []) => statements.run(text, values) },
      log: (message, fields) => {
        if (isOpen) log.write(message, fields);
      },
    },
    ofRun: {
      reject: marks.reject,
      emit(record) {
        expectOpen("ctx.emit");
        if (lines === null)
          throw new TypeError("Expected the process to have `output` for ctx.emit; it has none.");
        lines.add(record);
      },
    },
    ofUndo: {
      isCommitted: given.isCommitted,
      result: given.result === null ? null : (JSON.parse(given.result) as unknown),
      keep: marks.keep,
    },
    async close() {
      isOpen = false;
      log.close();
      return statements.settle();
    },
    answer: (what, result) => ({
      kind: "done",
      result,
      rejections: what === "run" ? inOrder([...read.rejections, ...marks.rejections()]) : [],
      kept: inOrder(marks.kept()),
      output: lines?.bytes() ?? new Uint8Array(0),
      outputRows: lines?.rows ?? 0,
    }),
  };
}

/** What user code says of single records: the first word on each counts. */
function openMarks(read: ReadRecords, expectOpen: (call: string) => void) {
  const rejections = new Map<number, HostRejection>();
  const kept = new Map<number, HostKept>();

  function indexOf(record: object, call: string): number {
    expectOpen(call);
    const index = read.indexOf.get(record);
    if (index === undefined)
      throw new TypeError(`Expected ${call} to be given an object of batch.records.`);
    return index;
  }

  return {
    rejections: () => [...rejections.values()],
    kept: () => [...kept.values()],
    reject: (record: object, message: string, options?: { readonly column?: string }): void => {
      const index = indexOf(record, "ctx.reject");
      const column = options?.column == null ? null : safeText(options.column);
      if (!rejections.has(index))
        rejections.set(index, {
          index,
          column,
          code: "refused_by_process",
          message: safeText(message),
        });
    },
    keep: (record: object, reason: string): void => {
      const index = indexOf(record, "ctx.keep");
      if (!kept.has(index)) kept.set(index, { index, reason: safeText(reason) });
    },
  };
}

function inOrder<T extends { readonly index: number }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => a.index - b.index);
}

/** The statements of a batch, so that none is left behind. */
function openStatements(
  calls: HostCalls,
  expectOpen: () => void,
): {
  run: (...args: Required<Parameters<Transaction["query"]>>) => Promise<QueryResult>;
  settle: () => Promise<boolean>;
} {
  const waiting = new Set<Promise<QueryResult>>();

  async function run(text: string, values: readonly unknown[]): Promise<QueryResult> {
    expectOpen();
    if (typeof text !== "string")
      throw new TypeError("Expected ctx.tx.query to be given the text of a statement.");
    if (!Array.isArray(values))
      throw new TypeError("Expected the values of ctx.tx.query to be a list.");
    const answer = calls.query(text, values);
    waiting.add(answer);
    try {
      return await answer;
    } catch (error) {
      if (error instanceof TypeError) throw error;
      // Made here, so that its stack names the caller.
      const { message, facts } = databaseFacts(error);
      throw new DatabaseError(message, facts);
    } finally {
      waiting.delete(answer);
    }
  }

  return {
    run,
    async settle() {
      const wasWaiting = waiting.size > 0;
      await Promise.allSettled(waiting);
      return wasWaiting;
    },
  };
}

function limitedLog(calls: HostCalls): {
  write: (message: unknown, fields: unknown) => void;
  close: () => void;
} {
  let count = 0;
  return {
    write(message, fields) {
      count++;
      if (count > LOG_LINES) return;
      calls.log({ message: safeText(message), fields: safeFields(fields), at: new Date() });
    },
    close() {
      const lost = count - LOG_LINES;
      if (lost > 0)
        calls.log({
          message: `${lost} more ${lost === 1 ? "line was" : "lines were"} logged by this batch and not kept.`,
          fields: null,
          at: new Date(),
        });
    },
  };
}
