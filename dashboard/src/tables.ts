import { listTables } from "./api/calls.ts";
import type { TableList } from "./api/types.ts";
import { useAnswer, type Answer } from "./ui/use-answer.ts";

/** Pages of tables that are asked for: who has more names the table in the address, or by the command line. */
const MOST_PAGES = 10;

/** The tables and views that can be read. */
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
