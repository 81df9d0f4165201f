/** Processes as JSON: what a folder has of them, what one decided, what it came to, what it logged. */
import type { ProcessJob } from "../core/job.ts";
import type { ProcessPlan } from "../core/process-plan.ts";
import { shownParams } from "../core/secret-params.ts";
import type { BrokenProcess, ProcessDescription } from "../core/process-ports.ts";
import type { ProcessLogLine } from "../core/process-store-ports.ts";
import type { Receipt } from "./schemas/history.ts";
import type { ProcessJobView } from "./schemas/job.ts";
import type { LogLineView, ProcessList, ProcessPlanView, ProcessView } from "./schemas/process.ts";
import { readingOf } from "./views.ts";

/** The decisions of a process that was not started. */
export function processPlanView(plan: ProcessPlan): ProcessPlanView {
  return {
    validateOnly: true,
    kind: "process",
    ...processDecisions(plan),
    reading: readingOf(plan),
    fields: [...plan.fields],
    outputColumns: plan.outputHeader && [...plan.outputHeader],
  };
}

/** What a plan and a job show of the decisions. */
export function processDecisions(
  plan: ProcessPlan,
): Omit<ProcessPlanView, "validateOnly" | "kind" | "reading" | "fields" | "outputColumns"> {
  return {
    process: plan.process,
    title: plan.title,
    params: { ...shownParams(plan.params, plan.secretParams ?? []) },
    batchSize: plan.batchSize,
    hasUndo: plan.hasUndo,
    fileName: plan.outputHeader === null ? null : plan.fileName,
  };
}

/** What a process came to. */
export function processResultView({ result }: ProcessJob): ProcessJobView["result"] {
  return (
    result && {
      rows: result.rows,
      recordsDone: result.recordsDone,
      recordsUndone: result.recordsUndone,
      recordsKept: result.recordsKept,
      recordsFailed: result.recordsFailed,
      output: result.output && { ...result.output },
    }
  );
}

/** What a receipt says of a process beside its records. */
export function processReceipt({ result, progress, file }: ProcessJob): Pick<
  Receipt,
  "file" | "rows" | "warnings" | "output" | "undo"
> & {
  readonly isWhole: boolean;
} {
  const { name, bytes, sha256 } = file;
  return {
    isWhole: result === null || result.recordsDone === progress.written,
    file: { name, bytes, sha256 },
    rows: null,
    warnings: [],
    output: result?.output == null ? null : { ...result.output },
    undo:
      result?.rows === "undone"
        ? {
            undone: result.recordsUndone,
            kept: result.recordsKept,
            failed: result.recordsFailed,
            keptReasons: (result.keptReasons ?? []).map((each) => ({ ...each })),
          }
        : null,
  };
}

/** A process of the folder. */
export function processView(process: ProcessDescription): ProcessView {
  const { name, title, description, fileName, params, batchSize, hasUndo, hasOutput, source } =
    process;
  return {
    name,
    title,
    description,
    fileName,
    params: params && { ...params },
    batchSize,
    hasUndo,
    hasOutput,
    source,
  };
}

/** The processes of the folder, and its broken files. */
export function processListView(list: {
  readonly processes: readonly ProcessDescription[];
  readonly broken: readonly BrokenProcess[];
}): ProcessList {
  return {
    items: list.processes.map(processView),
    broken: list.broken.map(({ name, fileName, message, line }) => ({
      name,
      fileName,
      message,
      line,
    })),
    next: null,
  };
}

/** A line of a job's log. */
export function logLineView({ id, at, message, fields }: ProcessLogLine): LogLineView {
  return { id, at: at.toISOString(), message, fields: fields && { ...fields } };
}
