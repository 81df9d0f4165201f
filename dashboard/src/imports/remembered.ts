/** What was decided of files that began with the same headers: the next one begins with it. Kept in this browser. */
import { keep, recall } from "../storage.ts";
import type { Draft } from "./draft.ts";

const KEPT = "mappings";
const MOST = 20;

type Decisions = Pick<
  Draft,
  "columns" | "types" | "reading" | "mode" | "delivery" | "onConflict" | "key" | "table"
>;
interface Remembered extends Decisions {
  readonly headers: string;
  readonly at: string;
}

function all(): readonly Remembered[] {
  try {
    return JSON.parse(recall(KEPT) ?? "[]") as readonly Remembered[]; // written below
  } catch {
    return []; // written by another version of the page
  }
}

/**
 * Keeps what was decided. The name of a new table is not: the next file makes another. The next file is looked up by the
 * headers that it has while nobody says how it is read, so these are kept: where a person said more than nothing of it,
 * `lookAfresh` finds them. What it throws is thrown, and nothing is kept.
 */
export async function rememberMapping(
  columnNames: readonly string[],
  { columns, types, reading, mode, delivery, onConflict, key, table }: Draft,
  lookAfresh: () => Promise<readonly string[]>,
): Promise<void> {
  const isReadAsFound = Object.keys(reading).length === 0;
  const headers = (isReadAsFound ? columnNames : await lookAfresh()).join("\n");
  const others = all().filter((each) => each.headers !== headers);
  const decisions = { columns, types, reading, mode, delivery, onConflict, key };
  const isWorth =
    mode !== "create" || [columns, types, reading].some((each) => Object.keys(each).length > 0);
  const at = new Date().toISOString();
  const kept = { ...decisions, headers, at, table: mode === "create" ? "" : table };
  keep(KEPT, JSON.stringify([...(isWorth ? [kept] : []), ...others].slice(0, MOST)));
}

/** A draft with what was decided of the last file of these headers; null when there was none. */
export function recallMapping(columnNames: readonly string[], draft: Draft): Draft | null {
  const headers = columnNames.join("\n");
  const found = all().find((each) => each.headers === headers);
  if (found === undefined) return null;
  const { headers: _headers, at, ...decisions } = found;
  return { ...draft, ...decisions, usedOf: at };
}
