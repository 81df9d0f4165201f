/** JSON that comes from outside and is kept: what a process takes as params. */
import { z } from "@hono/zod-openapi";

/** Deeper than anybody writes, and far from what a recursion over it could not take. */
const MOST_LEVELS = 50;

/** An object of any JSON, without what PostgreSQL cannot store in it. Deeper than `MOST_LEVELS` levels is refused. */
export const jsonObjectSchema = z
  .custom<Record<string, unknown>>(isPlainObject, "Expected an object.")
  .superRefine((value, context) => {
    const fault = faultOf(value);
    if (fault !== null)
      context.addIssue({
        code: "custom",
        message: fault.message,
        path: [...fault.path],
        input: value,
      });
  });

interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What cannot be kept of it; null when all of it can. */
function faultOf(value: unknown): Fault | null {
  const waiting: { readonly value: unknown; readonly path: Fault["path"] }[] = [
    { value, path: [] },
  ];
  // Grows while it is walked.
  for (const each of waiting) {
    const { value: at, path } = each;
    if (path.length > MOST_LEVELS)
      return { path: path.slice(0, 1), message: `Expected at most ${MOST_LEVELS} levels.` };
    if (typeof at === "string" && !isStorable(at)) return { path, message: TEXT_MESSAGE };
    if (typeof at !== "object" || at === null) continue;
    for (const [key, inner] of Object.entries(at)) {
      if (key === "__proto__") return { path, message: 'Expected another name than "__proto__".' };
      if (!isStorable(key)) return { path, message: TEXT_MESSAGE };
      waiting.push({ value: inner, path: [...path, Array.isArray(at) ? Number(key) : key] });
    }
  }
  return null;
}

const TEXT_MESSAGE = "Expected text without NUL characters and without half characters.";

function isStorable(text: string): boolean {
  return !text.includes("\0") && !/\p{Cs}/u.test(text);
}

function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
