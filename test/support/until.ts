/** Waiting for a condition that a test can look at. */

const POLL_MS = 5;
const LIMIT_MS = 40_000;

/**
 * Looks again and again until `look` returns something, and returns that; null and false mean "not yet". Fails after
 * 40 s, naming what was waited for.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false> | T | null | false,
): Promise<T> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== false) return seen;
    if (performance.now() > end) throw new Error(`Waited 40 s until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
