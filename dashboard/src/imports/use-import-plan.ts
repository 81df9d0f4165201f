/** What the service says to a draft: the plan, and a look at the file. */
import { inspectFile, planRerun } from "../api/calls.ts";
import type { ApiError } from "../api/request.ts";
import type { Inspection, Plan } from "../api/types.ts";
import { useAnswer } from "../ui/use-answer.ts";
import { useSettled } from "../ui/use-settled.ts";
import { inspectRequestOf, requestOf, type Draft } from "./draft.ts";

/** What is known of an import before it starts. */
export interface ImportPlan {
  readonly table: string | null;
  readonly plan: Pick<Plan, "columns" | "warnings" | "reading"> | null;
  /** What looking at the file said; null when a rerun could not look at it as the job before read it. */
  readonly inspection: Inspection | null;
  /** Whether the counts of the inspection hold for the draft. */
  readonly isChecked: boolean;
  readonly error: ApiError | null;
  readonly isAsking: boolean;
}

/** Asks the service about a draft, and again when it has not changed for a moment. */
export function useImportPlan(
  fileId: string,
  rerunOf: string | null,
  draft: Draft,
  readsAll: boolean,
): ImportPlan {
  const settled = useSettled(draft);
  const { value, error, isAsking } = useAnswer(
    (signal) =>
      rerunOf === null
        ? inspectNew(fileId, settled, readsAll, signal)
        : planAgain(fileId, rerunOf, settled, readsAll, signal),
    [fileId, rerunOf, settled, readsAll],
  );
  return {
    table: value?.table ?? null,
    plan: value?.plan ?? null,
    inspection: value?.inspection ?? null,
    isChecked: rerunOf === null || settled.reading !== null,
    error,
    isAsking: isAsking || settled !== draft,
  };
}

type Known = Pick<ImportPlan, "table" | "plan" | "inspection">;

async function inspectNew(
  fileId: string,
  draft: Draft,
  readsAll: boolean,
  signal: AbortSignal,
): Promise<Known> {
  const inspection = await inspectFile(
    fileId,
    { ...inspectRequestOf(draft), all: readsAll },
    signal,
  );
  return { table: null, plan: inspection, inspection };
}

/** The job before knows how its file is read; a look at the file is only for the examples. */
async function planAgain(
  fileId: string,
  jobId: string,
  draft: Draft,
  readsAll: boolean,
  signal: AbortSignal,
): Promise<Known> {
  const plan = await planRerun(jobId, requestOf(draft), signal);
  const { delimiter, quote, escape, encoding } = plan.reading;
  const reading = draft.reading ?? { delimiter, quote, escape, encoding };
  const request = { ...inspectRequestOf(draft), reading, all: readsAll };
  // Without it there are no examples, and the plan stands.
  const inspection = await inspectFile(fileId, request, signal).catch(() => null);
  return { table: plan.table, plan, inspection };
}
