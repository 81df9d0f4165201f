/**
 * The end of a command that holds a service, by a signal. Whatever the database or the disk does, the first signal ends
 * it within `END_WITHIN_MS` and a second one at once: nothing is lost by that, because only what is committed counts.
 */
import { EXIT } from "./exit-codes.ts";
import { onInterrupt } from "./terminal/interrupt.ts";
import type { Output } from "./terminal/output.ts";

/** Longer than a service takes to end its answers (10 s) or its chunks (8 s) when it is well. */
const END_WITHIN_MS = 12_000;

/**
 * Calls `begin` at the first signal, and ends the process when it still runs after `END_WITHIN_MS`, or at the second
 * signal. Returns the way back, after which signals and time end nothing.
 */
export function onEnding(output: Output, begin: () => void): () => void {
  let limit: NodeJS.Timeout | null = null;
  const removeSignals = onInterrupt(() => {
    if (limit !== null) return endNow(output, `Ended at once. ${SAFE}`, EXIT.interrupted);
    limit = limitEnding(output);
    begin();
  });
  return () => {
    removeSignals();
    if (limit !== null) clearTimeout(limit);
  };
}

/** Ends the process when it still runs after `END_WITHIN_MS`, unless the timer is cleared. */
export function limitEnding(output: Output): NodeJS.Timeout {
  const seconds = END_WITHIN_MS / 1000;
  const sentence = `Ended without waiting any longer: not everything had stopped after ${seconds} s. ${SAFE}`;
  return setTimeout(() => endNow(output, sentence, EXIT.failed), END_WITHIN_MS);
}

function endNow(output: Output, sentence: string, code: number): void {
  output.warn(sentence);
  process.exit(code);
}

const SAFE = "What was committed is safe; jobs continue at the next start.";
