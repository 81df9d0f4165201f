/** A loop that repeats one step: at an interval, or at once when it is woken. Steps never overlap. */

/** A running loop. */
export interface Loop {
  /** Runs the next step now, or right after the one that runs. */
  wake(): void;
  /** Ends the loop after the step that runs. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a loop. A step that throws is logged and does not end it: the same line is logged once until a step
 * succeeds, so that a database that is away does not fill the log.
 */
export function startLoop(
  name: string,
  intervalMs: number,
  step: () => Promise<void>,
  log: (line: string) => void,
): Loop {
  let isStopped = false;
  let isWoken = false;
  let wakeUp: (() => void) | null = null;
  let lastLine = "";

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
        lastLine = "";
      } catch (error) {
        const line = `${name}: ${error instanceof Error ? error.message : String(error)}`;
        if (line !== lastLine) log(line);
        lastLine = line;
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
