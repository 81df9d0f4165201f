/** What `run` returned for a batch, on its way to the database and back to `undo`. */
import { messageOf } from "../../core/message-of.ts";

const MOST_BYTES = 100_000;

/** A value as JSON; null for nothing. Throws a `TypeError` for one that has no JSON, or too much of it. */
export function resultText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    const reason = messageOf(error);
    throw new TypeError(`Expected \`run\` to return what JSON can carry: ${reason}.`, {
      cause: error,
    });
  }
  if (json === undefined) throw new TypeError("Expected `run` to return what JSON can carry.");
  const bytes = Buffer.byteLength(json);
  if (bytes > MOST_BYTES)
    throw new TypeError(
      `Expected \`run\` to return at most ${MOST_BYTES} bytes of JSON, got ${bytes}. Keep more in a table of your own by ctx.tx.`,
    );
  return json;
}
