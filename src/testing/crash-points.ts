/**
 * Crashes at the boundary of every batch: one when everything of the batch is done but the commit, and one when it is
 * committed and nobody knows yet. A crash is a step that never comes back.
 */
import { NO_FAILPOINTS, type FailpointName, type Failpoints } from "../core/failpoint.ts";

/** Where a run crashes. */
export interface CrashPoints {
  readonly failpoints: Failpoints;
  /** Settles at the next crash. */
  next(): Promise<"crashed">;
  /** How many there were. */
  readonly count: number;
}

/** No crash anywhere. */
export function noCrashes(): CrashPoints {
  return { failpoints: NO_FAILPOINTS, next: () => new Promise(() => undefined), count: 0 };
}

/** A crash on either side of every commit of a batch. */
export function crashesAtEveryBatch(): CrashPoints {
  let lastSide: FailpointName = "after_commit";
  let count = 0;
  let tell: ((crashed: "crashed") => void) | null = null;

  function hit(name: FailpointName): Promise<void> {
    const isSide = name === "before_commit" || name === "after_commit";
    if (!isSide || name === lastSide) return Promise.resolve();
    lastSide = name;
    count++;
    tell?.("crashed");
    return new Promise(() => undefined);
  }

  return {
    failpoints: { ...NO_FAILPOINTS, hit },
    next: () =>
      new Promise((resolve) => {
        tell = resolve;
      }),
    get count() {
      return count;
    },
  };
}
