/** What the queries of the store share: rows of a statement, and pages of a list. */
import type pg from "pg";
import type { Statement } from "./sql.ts";

/** Runs a statement and returns its rows. Errors: `database_unavailable`. */
export type RowsOf = <R extends pg.QueryResultRow>(statement: Statement) => Promise<R[]>;

/** A page from one item more than it shows: the extra item says that there is a next one. */
export function pageOf<T extends { readonly id: string }>(
  items: readonly T[],
  limit: number,
): { items: readonly T[]; next: string | null } {
  const shown = items.slice(0, limit);
  return { items: shown, next: items.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
