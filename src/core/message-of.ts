/** Whatever was thrown, in words. */

/** The message of an error; of any other value its text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
