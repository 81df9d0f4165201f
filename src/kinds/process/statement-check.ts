/** Which statements user code may not give to `ctx.tx.query`: those that would begin or end the batch's transaction. */

const CONTROL = new Set([
  "abort",
  "begin",
  "commit",
  "end",
  "release",
  "rollback",
  "savepoint",
  "start",
]);

/**
 * The word by which a statement controls the transaction, in upper case; null when it does not. Comments, spaces and empty
 * statements before the first word are passed over; that there is one statement only is for the protocol to see to.
 */
export function transactionWord(statement: string): string | null {
  const start = skipBlank(statement, 0);
  const first = /^[a-z]+/i.exec(statement.slice(start, start + 16))?.[0].toLowerCase() ?? "";
  if (CONTROL.has(first)) return first.toUpperCase();
  if (first !== "prepare") return null;
  const next = skipBlank(statement, start + first.length);
  return /^transaction\b/i.test(statement.slice(next)) ? "PREPARE TRANSACTION" : null;
}

/** The place behind spaces, semicolons and comments. Comments between slash and star hold others, as in PostgreSQL. */
function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    if (/[\s;]/.test(text.charAt(at))) at++;
    else if (text.startsWith("--", at)) {
      const end = /[\r\n]/.exec(text.slice(at));
      at = end === null ? text.length : at + end.index;
    } else if (text.startsWith("/*", at)) at = behindComment(text, at);
    else return at;
  }
  return at;
}

function behindComment(text: string, from: number): number {
  let depth = 0;
  let at = from;
  do {
    if (text.startsWith("/*", at)) depth++;
    else if (text.startsWith("*/", at)) depth--;
    else {
      at++;
      continue;
    }
    at += 2;
  } while (depth > 0 && at < text.length);
  return at;
}
