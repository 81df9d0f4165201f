/** Makes the records of a batch: objects by field name, read by the process's own schema where it has one. */
import type { BatchRecord, HostRejection } from "../../core/process-ports.ts";
import type { StandardIssue, StandardSchema } from "../../library/standard-schema.ts";
import { safeText } from "./safe-text.ts";

/** A batch as user code sees it. */
export interface ReadRecords {
  readonly records: readonly object[];
  /** Index in the host's batch of each record. */
  readonly indexOf: ReadonlyMap<object, number>;
  /** What the schema refused, in order. */
  readonly rejections: readonly HostRejection[];
}

/** Reads a batch. Throws a `TypeError` when the schema makes something that user code cannot be given. */
export async function readBatchRecords(
  batch: readonly BatchRecord[],
  fields: readonly string[],
  schema: StandardSchema<unknown, object> | null,
): Promise<ReadRecords> {
  const indexOf = new Map<object, number>();
  const rejections: HostRejection[] = [];
  for (const [index, { values }] of batch.entries()) {
    const texts = textRecord(fields, values);
    if (schema === null) {
      indexOf.set(texts, index);
      continue;
    }
    const answer = schema["~standard"].validate(texts);
    // Most schemas answer at once, and a thousand turns of the event loop are saved.
    const result = answer instanceof Promise ? await answer : answer;
    if (result.issues !== undefined) {
      rejections.push(refusal(index, result.issues));
      continue;
    }
    checkMade(result.value, indexOf);
    indexOf.set(result.value, index);
  }
  return { records: [...indexOf.keys()], indexOf, rejections };
}

function textRecord(fields: readonly string[], values: readonly string[]): object {
  const record: Record<string, string> = {};
  for (const [position, field] of fields.entries()) {
    const value = values[position] ?? "";
    if (field === "__proto__")
      Object.defineProperty(record, field, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else record[field] = value;
  }
  return record;
}

function checkMade(made: unknown, known: ReadonlyMap<object, number>): void {
  if (typeof made !== "object" || made === null)
    throw new TypeError(
      `Expected the schema \`record\` to make an object of each record, got ${made === null ? "null" : `a value of type ${typeof made}`}.`,
    );
  if (known.has(made))
    throw new TypeError(
      "Expected the schema `record` to make a new object of each record, got one object for two records.",
    );
}

function refusal(index: number, issues: readonly StandardIssue[]): HostRejection {
  const [first, ...others] = issues;
  const told = others.map((issue) => {
    const column = issueColumn(issue);
    return column === null ? issue.message : `${column}: ${issue.message}`;
  });
  return {
    index,
    column: first === undefined ? null : issueColumn(first),
    code: "against_schema",
    message: safeText([first?.message ?? "The schema refuses it.", ...told].join("; ")),
  };
}

function issueColumn(issue: StandardIssue): string | null {
  const key = issuePath(issue)[0];
  return key === undefined ? null : safeText(key);
}

/** The keys on the way to the fault of an issue. */
export function issuePath(issue: Pick<StandardIssue, "path">): readonly string[] {
  return (issue.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
}
