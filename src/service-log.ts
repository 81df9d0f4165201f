/**
 * The service's log: one line an event, to whoever reads lines. No line holds a secret or a cell value. A stack trace
 * is for a defect or for who debugs: every other error is its message.
 */
import type { Log } from "./api/app-context.ts";
import { SluiceError } from "./core/errors.ts";
import type { LineLog, LogLevel } from "./core/line-log.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A log of lines that lets through those of `least` or above, as they are. */
export function toLineLog(write: (line: string) => void, least: LogLevel): LineLog {
  return (line, level = "info") => {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(least)) write(line);
  };
}

/** A log for the API that writes lines of `least` or above: `warn: message key=value`. */
export function toApiLog(write: (line: string) => void, least: LogLevel): Log {
  const isDebugging = least === "debug";
  return (level, message, fields) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const facts = Object.entries(fields).map(
      ([key, value]) => `${key}=${render(value, isDebugging)}`,
    );
    write([`${level}: ${message}`, ...facts].join(" "));
  };
}

function render(value: unknown, isDebugging: boolean): string {
  if (!(value instanceof Error)) return typeof value === "string" ? value : JSON.stringify(value);
  const isExpected = value instanceof SluiceError && value.code !== "internal";
  if (isExpected && !isDebugging) return value.message;
  const cause = value.cause === undefined ? "" : ` caused by ${render(value.cause, isDebugging)}`;
  return `${value.stack ?? value.message}${cause}`;
}
