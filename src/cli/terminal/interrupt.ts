/** Signals that ask a program to end: Ctrl-C, a closed terminal, a supervisor. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Calls `handler` for each such signal, which then no longer ends the process by itself. Returns the way back. */
export function onInterrupt(handler: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, handler);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handler);
  };
}
