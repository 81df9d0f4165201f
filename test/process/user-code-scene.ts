/** User code without a host, for tests of what its author is given. */
import type { HostBatch, HostCalls, HostLogLine } from "../../src/core/process-ports.ts";
import { defineProcess } from "../../src/library/define-process.ts";
import type { NoParams, ProcessDefinition, TextRecord } from "../../src/library/process.ts";
import { createUserCode } from "../../src/kinds/process/user-code.ts";

/** The signal of a batch that nobody ends. */
export const NEVER = new AbortController().signal;

/** A batch of rows, records 11 and on. */
export function aBatch(
  rows: readonly (readonly string[])[],
  more: Partial<HostBatch> = {},
): HostBatch {
  const records = rows.map((values, index) => ({ record: index + 11, line: index + 12, values }));
  return {
    jobId: "job_1",
    key: "job_1:11-20",
    attempt: 1,
    isCommitted: false,
    result: null,
    records,
    ...more,
  };
}

/** Calls that answer every statement, and what was called. */
export function someCalls(
  answer: HostCalls["query"] = () => Promise.resolve({ rows: [], rowCount: 0 }),
) {
  const statements: string[] = [];
  const lines: HostLogLine[] = [];
  const calls: HostCalls = {
    query: (text, values) => {
      statements.push(text);
      return answer(text, values);
    },
    log: (line) => lines.push(line),
  };
  return { calls, statements, lines };
}

/** A process, ready for batches of files with the fields `name` and `age`. */
export async function code<TParams = NoParams, TRecord extends object = TextRecord>(
  definition: Omit<ProcessDefinition<TParams, TRecord>, "name">,
  options: { readonly params?: Record<string, unknown>; readonly fields?: readonly string[] } = {},
) {
  const { params = {}, fields = ["name", "age"] } = options;
  const process = defineProcess({ ...definition, name: "people" });
  return createUserCode(process, { params, fields, folder: import.meta.dirname });
}
