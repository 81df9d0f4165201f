/** The one envelope of every list. */
import { z } from "@hono/zod-openapi";

/** Items of one page when a request does not say how many. */
const DEFAULT_PAGE_SIZE = 50;
/** The most items that one page holds. */
export const MAX_PAGE_SIZE = 200;

/**
 * A page: `items`, and `next`, which is null on the last page and otherwise goes into the query of the next request
 * as it is.
 */
export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

/** How many items one page has: 1 to `MAX_PAGE_SIZE`, `DEFAULT_PAGE_SIZE` when absent. */
const limitSchema = z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(DEFAULT_PAGE_SIZE);

/** The query of a list: `limit`, and `cursor`, the `next` of the page before, which is the id of its last item. */
export function pageQuerySchema(itemId: z.ZodType<string>) {
  const isNext = (text: string): boolean => itemId.safeParse(text).success;
  return z.strictObject({
    limit: limitSchema,
    // Clients are not told that it is an id, so that it can become something else.
    cursor: z.string().refine(isNext, "Expected the `next` of the page before.").optional(),
  });
}
