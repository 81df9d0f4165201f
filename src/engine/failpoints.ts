/** Carries out the failpoint of `SLUICE_FAILPOINT`. Each thread counts for itself. */
import { SluiceError } from "../core/errors.ts";
import {
  NO_FAILPOINTS,
  parseFailpoint,
  type FailpointAction,
  type FailpointName,
  type Failpoints,
} from "../core/failpoint.ts";

/** The failpoints that a text names; none for null. Errors: `invalid_config`. */
export function createFailpoints(text: string | null): Failpoints {
  if (text === null) return NO_FAILPOINTS;
  const point = parseFailpoint(text);
  if (point === null)
    throw new SluiceError(
      "invalid_config",
      `Expected SLUICE_FAILPOINT as name:nth or name:nth:action, got "${text}".`,
    );
  const { action } = point;
  if (point.name === "chunk_gap")
    return { ...NO_FAILPOINTS, chunkGapMs: action.kind === "sleep" ? action.ms : 0 };
  let count = 0;
  const isDue = (name: FailpointName): boolean => {
    if (name !== point.name) return false;
    count += 1;
    return point.nth === "*" || point.nth === count;
  };
  return {
    chunkGapMs: 0,
    hitNow: (name) => {
      if (isDue(name)) actNow(action, name);
    },
    hit: async (name) => {
      if (!isDue(name)) return;
      if (action.kind === "sleep") await new Promise((resolve) => setTimeout(resolve, action.ms));
      else actNow(action, name);
    },
  };
}

function actNow(action: FailpointAction, name: FailpointName): void {
  switch (action.kind) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return;
    case "throw":
      throw new Error(`failpoint ${name}`);
    case "block": {
      // Holds the thread as user code in an endless loop does.
      const until = performance.now() + action.ms;
      while (performance.now() < until);
      return;
    }
    case "sleep":
      return;
    default:
      action satisfies never;
  }
}
