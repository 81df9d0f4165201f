/**
 * Failpoints: named places at which a test makes the process die, throw, sleep or spin. They cost one comparison when
 * off, and are no setting for users.
 */

/** The places, at each side of every commit. */
export const FAILPOINTS = [
  "after_claim",
  "chunk_encoded",
  "chunk_begun",
  "chunk_gap",
  "before_commit",
  "after_commit",
  "heartbeat",
  "publish_begun",
  "publish_prepared",
  "publish_before_commit",
  "export_rename",
  "file_written",
  "file_deleted",
  "batch_begun",
  "batch_run",
  "batch_failed",
  "undo_chunk",
  "undo_before_commit",
  "undo_after_commit",
  "undo_before_end",
] as const;
export type FailpointName = (typeof FAILPOINTS)[number];

/** What to do there. `block` holds the thread, `sleep` only the code that waits. */
export type FailpointAction =
  | { readonly kind: "kill" }
  | { readonly kind: "throw" }
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "block"; readonly ms: number };

/** A parsed `SLUICE_FAILPOINT`: `name:nth[:throw|:sleep=ms|:block=ms]`, nth from 1 or `*` for every time. */
export interface Failpoint {
  readonly name: FailpointName;
  readonly nth: number | "*";
  readonly action: FailpointAction;
}

/** Parses the text; null when it is not of the form. */
export function parseFailpoint(text: string): Failpoint | null {
  const match = /^([a-z_]+):(\d+|\*)(?::(throw|sleep=\d+|block=\d+))?$/.exec(text);
  const name = FAILPOINTS.find((known) => known === match?.[1]);
  if (match === null || name === undefined) return null;
  const nth = match[2] === "*" ? "*" : Number(match[2]);
  const [kind, ms] = (match[3] ?? "kill").split("=");
  if (kind === "sleep" || kind === "block") return { name, nth, action: { kind, ms: Number(ms) } };
  return { name, nth, action: kind === "throw" ? { kind } : { kind: "kill" } };
}

/** Carries out failpoints. */
export interface Failpoints {
  /** Called at a place that may wait. */
  hit(name: FailpointName): Promise<void>;
  /** Called at a place that may not: `sleep` does nothing there. */
  hitNow(name: FailpointName): void;
  /** Milliseconds that the server sleeps before and after the COPY of a chunk, inside its transaction. */
  readonly chunkGapMs: number;
}

/** No failpoint anywhere. */
export const NO_FAILPOINTS: Failpoints = {
  hit: () => Promise.resolve(),
  hitNow: () => undefined,
  chunkGapMs: 0,
};
