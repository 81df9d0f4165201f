/** Wakes what waits for something to happen in this process. What happens elsewhere is found by looking again. */

/** A bell. Ringing without anybody who waits does nothing. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, or after `limitMs`. */
  wait(limitMs: number): Promise<void>;
}

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of waiting) wake();
    },
    wait: async (limitMs) => {
      let wake: (() => void) | undefined;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        waiting.add(resolve);
        timer = setTimeout(resolve, limitMs);
      });
      clearTimeout(timer);
      if (wake !== undefined) waiting.delete(wake);
    },
  };
}
