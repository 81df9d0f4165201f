/**
 * The log of the server: a file beside the data. It holds the server's own life only (see `server-settings.ts`), so
 * looking at its size before each start keeps it small. What it says about a failed start becomes a sentence here.
 */
import { closeSync, constants, openSync, renameSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { SluiceError } from "../core/errors.ts";
import { handOver } from "./owned-file.ts";
import type { ServerFolder } from "./server-folder.ts";
import { noPermission, noSpace } from "./storage-error.ts";

const LOG_KEPT_BYTES = 1_000_000;

/** A log that is open for a server to write to. */
export interface OpenLog {
  readonly file: number;
  /** Where the next line begins, in bytes. */
  readonly start: number;
  close(): void;
}

/** Opens the log for a start; one that has become large is kept as the earlier log first. */
export function openLog(logFile: string): OpenLog {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const isLarge = size > LOG_KEPT_BYTES;
  if (isLarge) renameSync(logFile, `${logFile}.1`);
  // Windows has no O_NOFOLLOW, nor a root who could be led astray by a link.
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const file = openSync(logFile, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  handOver(file, logFile);
  return { file, start: isLarge ? 0 : size, close: () => closeSync(file) };
}

/** What the log says from byte `start` on, at most the last 64 KB. */
export async function readLog(logFile: string, start: number): Promise<string> {
  const handle = await open(logFile, "r");
  try {
    const { size } = await handle.stat();
    const from = Math.max(start, size - 65_536);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(size - from),
      0,
      size - from,
      from,
    );
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The error for what a program of the server said when it failed. `what` begins the sentence. */
export function explainFailure(folder: ServerFolder, output: string, what: string): SluiceError {
  const lines = output.trim().split("\n").slice(-20);
  const details = { dir: folder.dir, log: lines };
  if (/No space left on device|Disk quota exceeded/.test(output))
    return new SluiceError("storage_full", noSpace(folder.dir), { details });
  const nameless = /could not look up effective user ID (\d+)/.exec(output)?.[1];
  if (nameless !== undefined) {
    const message =
      `PostgreSQL needs a name for user id ${nameless}, and the system has none. ` +
      "Add a line for it to /etc/passwd, run Sluice as a user that has a name, or set DATABASE_URL.";
    return new SluiceError("database_start_failed", message, { details });
  }
  if (/Permission denied|Read-only file system/.test(output))
    return new SluiceError("storage_failed", noPermission(folder.dataDir), { details });
  const reason = lines.findLast((line) => /(FATAL|PANIC|ERROR|error): /.test(line)) ?? lines.at(-1);
  return new SluiceError(
    "database_start_failed",
    `${what}: ${reason?.replace(/^.*?(FATAL|PANIC|ERROR|error): +/, "") || "it gave no reason"}. ` +
      `Read ${folder.logFile}, or set DATABASE_URL to a PostgreSQL 14 or newer.`,
    { details },
  );
}
