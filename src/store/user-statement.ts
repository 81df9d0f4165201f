/** What a statement of user code may be: anything but what begins, ends or divides the transaction it runs in. */
import { SluiceError } from "../core/errors.ts";

/** White space, comments and empty statements, which may stand before a statement. */
const BEFORE = /^(?:[\s;]+|--[^\r\n]*)/;

/** First words of statements about transactions, or about the session, which later batches would find changed. */
const REFUSED: Readonly<Record<string, string>> = {
  begin: "transaction",
  start: "transaction",
  commit: "transaction",
  end: "transaction",
  rollback: "transaction",
  abort: "transaction",
  savepoint: "transaction",
  release: "transaction",
  prepare: "transaction",
  set: "session",
  reset: "session",
  discard: "session",
  deallocate: "session",
  listen: "session",
  unlisten: "session",
};

/** Errors: `invalid_request` for a statement that user code may not run. */
export function checkUserStatement(text: string): void {
  const words = /^([a-z]+)(?:\s+([a-z]+))?/i.exec(statementOf(text));
  const word = words?.[1]?.toLowerCase() ?? "";
  const about = REFUSED[word];
  if (about === undefined) return;
  const next = words?.[2]?.toLowerCase();
  if (word === "set" && (next === "local" || next === "constraints")) return;
  throw new SluiceError(
    "invalid_request",
    about === "transaction"
      ? `Expected a statement inside the batch's transaction, got ${word}: Sluice begins and ends it, with the checkpoint.`
      : `Expected a statement that changes nothing of the session, got ${word}. Use set local: it holds until the end of the batch.`,
  );
}

/** The text from its first word on. */
function statementOf(text: string): string {
  let rest = text;
  for (;;) {
    const skipped = BEFORE.exec(rest)?.[0].length ?? blockCommentLength(rest);
    if (skipped === 0) return rest;
    rest = rest.slice(skipped);
  }
}

/** Comments of this kind may hold others. */
function blockCommentLength(text: string): number {
  if (!text.startsWith("/*")) return 0;
  let depth = 0;
  let at = 0;
  do {
    const mark = text.slice(at, at + 2);
    if (mark === "/*") depth += 1;
    else if (mark === "*/") depth -= 1;
    at += mark === "/*" || mark === "*/" ? 2 : 1;
  } while (depth > 0 && at < text.length);
  return at;
}
