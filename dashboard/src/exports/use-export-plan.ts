/** What the service says to the draft of an export: its table, and what it will come to. */
import { getTable, planExport } from "../api/calls.ts";
import type { ApiError } from "../api/request.ts";
import type { ExportPlan, Table } from "../api/types.ts";
import { useAnswer } from "../ui/use-answer.ts";
import { useSettled } from "../ui/use-settled.ts";
import { exportRequestOf, type ExportDraft } from "./draft.ts";

/** What is known of an export before it starts. */
export interface KnownExport {
  readonly table: Table | null;
  /** Null while nothing is chosen, or it cannot be. */
  readonly plan: ExportPlan | null;
  readonly error: ApiError | null;
  readonly isAsking: boolean;
}

/** Asks the service about a draft, and again when it has not changed for a moment. */
export function useExportPlan(draft: ExportDraft): KnownExport {
  const settled = useSettled(draft);
  const name = draft.source === "table" ? draft.table : "";
  const table = useAnswer(
    async (signal) => (name === "" ? null : { name, table: await getTable(name, signal) }),
    [name],
  );
  const plan = useAnswer(
    async (signal) => {
      const request = exportRequestOf(settled);
      return request === null ? null : await planExport(request, signal);
    },
    [settled],
  );
  const isComplete = exportRequestOf(draft) !== null;
  return {
    table: table.value?.name === name ? table.value.table : null,
    plan: isComplete ? plan.value : null,
    error: isComplete ? plan.error : table.error,
    isAsking: plan.isAsking || settled !== draft,
  };
}
