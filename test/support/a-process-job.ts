/** A process job with valid defaults; a test states what matters to it. */
import type { ProcessJob } from "../../src/core/job.ts";
import type { ProcessPlan } from "../../src/core/process-plan.ts";
import { jobView } from "../../src/api/job-view.ts";
import type { ProcessJobView } from "../../src/client/index.ts";
import { aJob } from "./a-job.ts";

/** What a test states of a process job. */
export type ProcessJobParts = Partial<Omit<ProcessJob, "kind" | "plan" | "progress">> & {
  readonly progress?: Partial<ProcessJob["progress"]>;
  readonly plan?: Partial<ProcessPlan>;
};

/** A running job of a process without a file that has an `undo`. */
export function aProcessJob(parts: ProcessJobParts = {}): ProcessJob {
  const { plan, result = null, request, ...rest } = parts;
  const { target: _target, notes: _notes, upload: _upload, ...common } = aJob(rest);
  const { file } = common;
  return {
    ...common,
    name: parts.name ?? "people.csv → Take notes",
    kind: "process",
    request: request ?? { kind: "process", process: "notes", file: file.id },
    result,
    plan: {
      kind: "process",
      process: "notes",
      title: "Take notes",
      params: {},
      batchSize: 10,
      hasUndo: true,
      header: ["id", "name"],
      fields: ["id", "name"],
      outputHeader: null,
      resultFile: "file_01m84qvm34fc7rq4ee6xdwhyxx",
      fileName: "people-notes.csv",
      encoding: "utf-8",
      dialect: { delimiter: 44, quote: 34, escape: 34 },
      reading: {} as ProcessPlan["reading"], // no view shows it
      start: { byte: 8, line: 2 },
      width: 2,
      source: { file: file.id, bytes: 10_000, sha256: "0".repeat(64) },
      ...plan,
    },
  };
}

/** What a process came to, with defaults. */
export function aProcessResult(
  parts: Partial<NonNullable<ProcessJob["result"]>> = {},
): NonNullable<ProcessJob["result"]> {
  return {
    rows: "kept",
    recordsDone: 0,
    recordsUndone: 0,
    recordsKept: 0,
    recordsFailed: 0,
    output: null,
    ...parts,
  };
}

/** A process job as the API shows it. */
export function aProcessJobView(parts: ProcessJobParts = {}): ProcessJobView {
  const view = jobView(aProcessJob(parts));
  if (view.kind !== "process") throw new Error("Expected a process.");
  return view;
}
