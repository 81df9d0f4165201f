/**
 * Finds the processes of a data folder.
 *
 * PostgreSQL keeps `postmaster.pid` in the data folder: pid, start, port, socket folder, and a word on how far it is.
 * The file outlives a killed postmaster, and its pid may have been given to a stranger since, so a pid counts only
 * when the process is a PostgreSQL that works in this folder.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { identifyProcess } from "./process-identity.ts";
import type { ServerAddress } from "./server-settings.ts";

/** What the file says. */
export interface PidFile {
  readonly pid: number;
  /** Null until the server listens. */
  readonly address: ServerAddress | null;
  readonly isReady: boolean;
}

/** The file, or null when there is none. */
export function readPidFile(dataDir: string): PidFile | null {
  let text: string;
  try {
    text = readFileSync(join(dataDir, "postmaster.pid"), "utf8");
  } catch {
    // There is none, or the folder itself is missing.
    return null;
  }
  const [pid, , , port, folder, , , status] = text.split("\n").map((line) => line.trim());
  return {
    pid: Number(pid),
    address: readAddress(port, folder),
    isReady: status === "ready",
  };
}

function readAddress(port = "", folder = ""): ServerAddress | null {
  if (folder !== "") return { transport: "socket", folder };
  return port === "" ? null : { transport: "loopback", port: Number(port) };
}

/** The pid of the postmaster that works in the folder, or null. */
export function findPid(dataDir: string): number | null {
  const pid = readPidFile(dataDir)?.pid;
  return pid !== undefined && isServerProcess(pid, dataDir) ? pid : null;
}

/** Whether the process is a PostgreSQL that works in the folder. Elsewhere than on Linux: any PostgreSQL. */
function isServerProcess(pid: number, dataDir: string): boolean {
  if (!identifyProcess(pid)) return false;
  if (process.platform === "linux") {
    try {
      const program = basename(readlinkSync(`/proc/${pid}/exe`)).replace(" (deleted)", "");
      return program === "postgres" && readlinkSync(`/proc/${pid}/cwd`) === dataDir;
    } catch {
      // Another user's process, or gone: not this folder's server, which this user could look at.
      return false;
    }
  }
  if (process.platform === "win32") return true;
  const ps = spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  return ps.stdout.includes("postgres");
}

/**
 * Removes a `postmaster.pid` that names a stranger, for which PostgreSQL would refuse to start. Only on Linux, where
 * it is certain that no process works in the folder any more.
 */
export async function removeStalePidFile(dataDir: string): Promise<void> {
  const file = readPidFile(dataDir);
  if (!file || process.platform !== "linux" || !identifyProcess(file.pid)) return;
  if (isServerProcess(file.pid, dataDir) || listServerProcesses(dataDir).length > 0) return;
  await rm(join(dataDir, "postmaster.pid"), { force: true });
}

/** Every PostgreSQL process that works in the folder. Only on Linux. */
export function listServerProcesses(dataDir: string): readonly number[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => isServerProcess(pid, dataDir));
}
