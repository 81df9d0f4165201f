/** Ctrl-Z for a program that reads keys itself, and so gets no SIGTSTP from the terminal. */

/** A group that no shell watches is never stopped by SIGTSTP; execution then goes on, and this ends the waiting. */
const NOT_STOPPED_AFTER_MS = 500;

/** Whether this platform can stop a process and continue it. */
export const CAN_SUSPEND = process.platform !== "win32";

/**
 * Gives the shell back, as Ctrl-Z does, and resolves when `fg` continues the process. The terminal must be restored
 * before. The whole foreground group stops, as with a key that the terminal itself handles: a parent such as npx that
 * went on would leave the shell waiting.
 */
export function suspendSelf(): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      process.off("SIGCONT", settle);
      resolve();
    };
    const timer = setTimeout(settle, NOT_STOPPED_AFTER_MS);
    process.once("SIGCONT", settle);
    process.kill(0, "SIGTSTP");
  });
}
