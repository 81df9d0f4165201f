/**
 * Who a process is, beyond its number.
 *
 * Process ids are used again, soon in a container, so a file that names its owner by pid alone may point at a
 * stranger. An identity joins the pid with the moment the process started, as the system tells it: the same pid
 * with another start is another process. What always holds: an identity that was once found dead stays dead.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** A process: its pid, and an opaque text that differs for every process that ever has that pid. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/**
 * The process that has `pid` now, or null when there is none. A process that has ended and waits for its parent to
 * notice (a zombie) is none: it holds nothing any more.
 */
export function identifyProcess(pid: number): ProcessIdentity | null {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (process.platform === "linux") return identifyByProc(pid);
  if (process.platform === "win32") return identifyBySignal(pid);
  return identifyByPs(pid);
}

/** This process. */
export function identifySelf(): ProcessIdentity {
  return identifyProcess(process.pid) ?? { pid: process.pid, startedAt: "" };
}

/** Whether that very process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

function identifyByProc(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program comes second, in parentheses, and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const state = fields[0];
    const ticks = fields[19];
    if (ticks === undefined || state === "Z" || state === "X") return null;
    // Ticks count from the boot, and an early service may get the same pid and tick after the next one.
    return { pid, startedAt: `${bootId()}/${ticks}` };
  } catch {
    // ENOENT or ESRCH: the process is gone, unless there is no /proc at all, as in some sandboxes.
    return existsSync("/proc/self/stat") ? null : identifyBySignal(pid);
  }
}

let knownBootId: string | undefined;

function bootId(): string {
  const file = "/proc/sys/kernel/random/boot_id";
  knownBootId ??= existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  return knownBootId;
}

function identifyByPs(pid: number): ProcessIdentity | null {
  const ps = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const line = /^(\S+)\s+(.+)$/.exec(ps.stdout.trim());
  const [, state, startedAt] = line ?? [];
  if (state === undefined || startedAt === undefined || state.startsWith("Z")) return null;
  return { pid, startedAt };
}

function identifyBySignal(pid: number): ProcessIdentity | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return null;
  }
  return { pid, startedAt: "" };
}
