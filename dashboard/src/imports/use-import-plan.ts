/** What the service says to a draft: what the file has, where it goes, and whether its values fit. */
import { getTable, inspectFile } from "../api/calls.ts";
import type { ApiError } from "../api/request.ts";
import type { Inspection, InspectRequest, Table } from "../api/types.ts";
import { useAnswer } from "../ui/use-answer.ts";
import { useSettled } from "../ui/use-settled.ts";
import {
  columnsOf,
  inspectRequestOf,
  lookRequestOf,
  isSameQuestion,
  mappingOf,
  type Columns,
  type Draft,
  type MappedColumn,
} from "./draft.ts";

/** What is known of an import before it starts. */
export interface ImportPlan {
  /** The columns of the file by themselves, wherever they go. */
  readonly found: Inspection["columns"] | null;
  /** What the whole request comes to, as far as the file was read. */
  readonly inspection: Inspection | null;
  /** The table that exists, with its columns. */
  readonly target: Table | null;
  readonly columns: Columns;
  readonly mapping: readonly MappedColumn[];
  readonly error: ApiError | null;
  readonly isAsking: boolean;
  /** Asks again what came to an error. */
  readonly askAgain: () => void;
}

/**
 * Asks the service about a draft, and again when it has not changed for a moment. The file is looked at by itself first:
 * then its columns can be shown and sent elsewhere, whatever is wrong with where they go.
 */
export function useImportPlan(fileId: string, draft: Draft): ImportPlan {
  const settled = useSettled(draft);
  const { mode } = settled;
  const lookRequest = lookRequestOf(settled);
  const look = useAnswer(
    (signal) => firstLook(fileId, lookRequest, signal),
    [fileId, JSON.stringify(lookRequest)],
  );
  const name = mode === "create" ? "" : settled.table.trim();
  const table = useAnswer(
    async (signal) => (name === "" ? null : { name, table: await getTable(name, signal) }),
    [name],
  );
  const found = look.error === null ? (look.value?.columns ?? null) : null;
  // The table chosen before says nothing of the columns of this one.
  const target = name !== "" && table.value?.name === name ? table.value.table : null;
  const isReady = found !== null && (mode === "create" || target !== null);
  const request = isReady ? inspectRequestOf(settled, columnsOf(settled, found, target)) : null;
  // What is no part of the question, such as a limit, does not begin it again.
  const check = useAnswer<Inspection | null>(
    async (signal, onPart) => request && inspectFile(fileId, request, signal, onPart),
    [fileId, JSON.stringify(request)],
  );
  const columns = found === null ? {} : columnsOf(draft, found, target);
  const isSettled = isSameQuestion(draft, settled);
  return {
    found,
    inspection: isReady ? check.value : null,
    target,
    columns,
    mapping: found === null ? [] : mappingOf(found, columns, check.value),
    error: look.error ?? table.error ?? (isReady ? check.error : null),
    isAsking: !isSettled || look.isAsking || table.isAsking || check.isAsking,
    askAgain: () => {
      for (const answer of [look, table, check]) if (answer.error !== null) answer.askAgain();
    },
  };
}

/** The headers that a file has while nobody says how it is read. Errors: `ApiError`. */
export async function headersAsFound(fileId: string): Promise<readonly string[]> {
  const { columns } = await firstLook(fileId, {}, new AbortController().signal);
  return columns.map(({ header }) => header);
}

/** The first that is found out; the rest of the file is not read for it. */
function firstLook(
  fileId: string,
  request: InspectRequest,
  signal: AbortSignal,
): Promise<Inspection> {
  const enough = new AbortController();
  const ended = AbortSignal.any([signal, enough.signal]);
  return new Promise((resolve, reject) => {
    const settle = (part: Inspection): void => {
      resolve(part);
      enough.abort(new Error("The first look is enough."));
    };
    inspectFile(fileId, request, ended, settle).then(settle, reject);
  });
}
