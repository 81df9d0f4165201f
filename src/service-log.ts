/** The service's log: one line an event, to whoever reads lines. No line holds a secret or a cell value. */
import type { Log, LogLevel } from "./api/app-context.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A log for the API that writes lines of `least` or above: `warn: message key=value`. Errors come with their cause. */
export function toApiLog(write: (line: string) => void, least: LogLevel): Log {
  return (level, message, fields) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const facts = Object.entries(fields).map(([key, value]) => `${key}=${render(value)}`);
    write([`${level}: ${message}`, ...facts].join(" "));
  };
}

function render(value: unknown): string {
  if (value instanceof Error) {
    const cause = value.cause === undefined ? "" : ` caused by ${render(value.cause)}`;
    return `${value.stack ?? value.message}${cause}`;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
