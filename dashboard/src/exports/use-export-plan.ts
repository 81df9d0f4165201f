/** What the service says to the draft of an export: its table, and what it will come to. */
import { getTable, listTables, planExport } from "../api/calls.ts";
import type { ApiError } from "../api/request.ts";
import type { ExportPlan, Table, TableList } from "../api/types.ts";
import { useAnswer, type Answer } from "../ui/use-answer.ts";
import { useSettled } from "../ui/use-settled.ts";
import { exportRequestOf, type ExportDraft } from "./draft.ts";

/** Pages of tables that are asked for: who has more names the table in the address, or by the command line. */
const MOST_PAGES = 10;

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

/** The tables that can be exported. */
export function useTables(): Answer<TableList["items"]> {
  return useAnswer(async (signal) => {
    let { items, next } = await listTables(undefined, signal);
    for (let page = 1; next !== null && page < MOST_PAGES; page += 1) {
      const more = await listTables(next, signal);
      items = [...items, ...more.items];
      next = more.next;
    }
    return items;
  }, []);
}
