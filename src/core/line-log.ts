/** How serious a line of the log is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes one line of the service's log; `info` unless told. No line holds a secret, nor, at `info` or above, a cell value. */
export type LineLog = (line: string, level?: LogLevel) => void;
