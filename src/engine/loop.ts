/** A loop that repeats one step: at an interval, or at once when it is woken. Steps never overlap. */

import type { TroubleLog } from "./trouble-log.ts";

/** A running loop. */
export interface Loop {
  /** Runs the next step now, or right after the one that runs. */
  wake(): void;
  /** Ends the loop after the step that runs. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a loop. What a step throws goes to `troubles` and does not end the loop. */
export function startLoop(
  name: string,
  intervalMs: number,
  step: () => Promise<void>,
  troubles: TroubleLog,
): Loop {
  let isStopped = false;
  let isWoken = false;
  let wakeUp: (() => void) | null = null;

  const rest = async (): Promise<void> => {
    if (isWoken || isStopped) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wakeUp = resolve;
      timer = setTimeout(resolve, intervalMs);
    });
    clearTimeout(timer);
  };

  const ended = (async () => {
    while (!isStopped) {
      isWoken = false;
      try {
        await step();
        troubles.worked(name);
      } catch (error) {
        troubles.failed(name, error);
      }
      await rest();
    }
  })();

  return {
    wake: () => {
      isWoken = true;
      wakeUp?.();
    },
    stop: async () => {
      isStopped = true;
      wakeUp?.();
      await ended;
    },
  };
}
