/**
 * The server's main process, the postmaster: finding it, starting it, stopping it.
 *
 * PostgreSQL keeps `postmaster.pid` in the data folder: pid, start, port, socket folder, and a word on how far it is.
 * The file outlives a killed postmaster, and its pid may have been given to a stranger since, so a pid counts only
 * when the process is a PostgreSQL that works in this folder. When a postmaster is killed, its other processes notice
 * it within a second or, in the middle of a long statement, later; until the last one is gone PostgreSQL refuses to
 * start, because two servers on one folder would destroy the data. What always holds: nothing here overrides that
 * refusal; it waits, and after a while asks those processes to end.
 */
import { closeSync, openSync, renameSync, statSync } from "node:fs";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { spawnSync, type ChildProcess } from "node:child_process";
import { SluiceError } from "../core/errors.ts";
import { explainFailure, SLUICE_ROLE, type ServerFolder } from "./cluster.ts";
import { identifyProcess, isAlive } from "./process-identity.ts";
import { programPath, type ServerBinaries } from "./server-binaries.ts";
import { ownDataDir, runProgram, startDetached, type ServerAccount } from "./server-account.ts";
import { pingServer, type Ping } from "./server-ping.ts";
import type { ServerAddress } from "./server-settings.ts";
import { socketPath } from "./socket-folder.ts";

const SECOND_MS = 1000;
const POLL_MS = 10;
const PING_TIMEOUT_MS = 5 * SECOND_MS;
/** A start after a crash replays up to 2 GB of WAL. */
const READY_WITHIN_MS = 300 * SECOND_MS;
/** How long processes of a killed postmaster are waited for, and when they are asked to end. */
const ORPHANS_GONE_WITHIN_MS = 30 * SECOND_MS;
const ORPHANS_ASKED_AFTER_MS = 1 * SECOND_MS;
/** A fast stop writes everything that is in memory; after this the stop is immediate and the next start replays. */
const FAST_STOP_WITHIN_MS = 60 * SECOND_MS;
const LOG_KEPT_BYTES = 1_000_000;

/** A postmaster that takes connections. */
export interface Postmaster {
  readonly pid: number;
  readonly address: ServerAddress;
  readonly version: string;
}

/** What is needed to start one. */
export interface PostmasterStart {
  readonly folder: ServerFolder;
  readonly binaries: ServerBinaries;
  readonly account: ServerAccount | null;
  /** Called before each attempt. */
  readonly prepare: () => Promise<void>;
}

/**
 * The postmaster that works in the folder already, once it takes connections, or null when there is none.
 * Errors: `database_start_failed` when it does not answer in time.
 */
export async function findPostmaster(
  folder: ServerFolder,
  binaries: ServerBinaries,
): Promise<Postmaster | null> {
  const pid = findPid(folder.dataDir);
  return pid === null
    ? null
    : waitUntilReady(folder, binaries, pid, () => findPid(folder.dataDir) !== pid);
}

/**
 * Starts a postmaster and waits until it takes connections. The caller has seen that there is none. Errors:
 * `database_start_failed`, `storage_full`, `storage_failed`.
 */
export async function startPostmaster(start: PostmasterStart): Promise<Postmaster> {
  const { folder, binaries } = start;
  const began = performance.now();
  for (;;) {
    await removeStalePidFile(folder.dataDir);
    await start.prepare();
    rotateLog(folder.logFile);
    const logStart = statSync(folder.logFile, { throwIfNoEntry: false })?.size ?? 0;
    const child = launch(start);
    const postmaster = await waitUntilReady(folder, binaries, child.pid ?? 0, () =>
      hasEnded(child),
    );
    if (postmaster) return postmaster;
    const output = await readLog(folder.logFile, logStart);
    const waitedMs = performance.now() - began;
    if (!HELD_BY_ORPHANS.test(output) || waitedMs > ORPHANS_GONE_WITHIN_MS)
      throw explainFailure(folder, output, "The private PostgreSQL does not start");
    if (waitedMs > ORPHANS_ASKED_AFTER_MS) askOrphansToEnd(folder.dataDir);
    await delay(100);
  }
}

const HELD_BY_ORPHANS = /pre-existing shared memory block|lock file ".*" already exists/;

/** Stops the postmaster of the folder and waits until it is gone. Nothing to do when there is none. */
export async function stopPostmaster(
  folder: ServerFolder,
  binaries: ServerBinaries,
  account: ServerAccount | null,
): Promise<void> {
  const pid = findPid(folder.dataDir);
  const identity = pid === null ? null : identifyProcess(pid);
  if (!identity) return;
  for (const mode of ["fast", "immediate"] as const) {
    await signalStop(folder, binaries, account, identity.pid, mode);
    const deadline = performance.now() + FAST_STOP_WITHIN_MS;
    while (performance.now() < deadline) {
      if (!isAlive(identity)) return;
      await delay(POLL_MS);
    }
  }
  throw new SluiceError(
    "database_start_failed",
    `The private PostgreSQL in ${folder.dataDir} (pid ${identity.pid}) does not stop. Read ${folder.logFile}.`,
    { details: { pid: identity.pid } },
  );
}

async function signalStop(
  { dataDir }: ServerFolder,
  binaries: ServerBinaries,
  account: ServerAccount | null,
  pid: number,
  mode: "fast" | "immediate",
): Promise<void> {
  if (process.platform !== "win32") {
    // The signal, not pg_ctl, because node_modules may have been replaced since the start.
    process.kill(pid, mode === "fast" ? "SIGINT" : "SIGQUIT");
    return;
  }
  const args = ["stop", "--no-wait", "-m", mode, "-D", ownDataDir(dataDir, account)];
  await runProgram(programPath(binaries.folder, "pg_ctl"), { args, cwd: dataDir, account });
}

function launch({ folder, binaries, account }: PostmasterStart): ChildProcess {
  const log = openSync(folder.logFile, "a", 0o600);
  try {
    const args = ["-D", ownDataDir(folder.dataDir, account)];
    const start = { args, cwd: folder.dataDir, account };
    const child = startDetached(programPath(binaries.folder, "postgres"), start, log);
    // Without a pid the start has failed, which the caller sees by that.
    child.on("error", () => undefined);
    return child;
  } finally {
    closeSync(log);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Waits until the process takes connections; null when it has ended before. */
async function waitUntilReady(
  folder: ServerFolder,
  binaries: ServerBinaries,
  pid: number,
  isGone: () => boolean,
): Promise<Postmaster | null> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    const file = readPidFile(folder.dataDir);
    if (file?.pid === pid && file.isReady && file.address) {
      const ping = await pingPostmaster(file.address);
      const version = ping.version ?? binaries.version;
      if (ping.doesAnswer) return { pid, address: file.address, version };
    }
    if (isGone()) return null;
    await delay(POLL_MS);
  }
  throw new SluiceError(
    "database_start_failed",
    `The private PostgreSQL in ${folder.dataDir} (pid ${pid}) runs but takes no connections. ` +
      `Read ${folder.logFile}; it may still be recovering from a crash. Try again, or stop that process.`,
    { details: { pid, log: (await readLog(folder.logFile, 0)).trim().split("\n").slice(-20) } },
  );
}

function pingPostmaster(address: ServerAddress): Promise<Ping> {
  const place =
    address.transport === "socket"
      ? { path: socketPath(address.folder) }
      : { host: "127.0.0.1", port: address.port };
  return pingServer(place, SLUICE_ROLE, PING_TIMEOUT_MS);
}

interface PidFile {
  readonly pid: number;
  /** Null until the server listens. */
  readonly address: ServerAddress | null;
  readonly isReady: boolean;
}

function readPidFile(dataDir: string): PidFile | null {
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

/** The socket folder that the last server of the data folder had, or null. */
export function findSocketFolder(dataDir: string): string | null {
  const address = readPidFile(dataDir)?.address;
  return address?.transport === "socket" ? address.folder : null;
}

function findPid(dataDir: string): number | null {
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
async function removeStalePidFile(dataDir: string): Promise<void> {
  const file = readPidFile(dataDir);
  if (!file || process.platform !== "linux" || !identifyProcess(file.pid)) return;
  if (isServerProcess(file.pid, dataDir) || listServerProcesses(dataDir).length > 0) return;
  await rm(join(dataDir, "postmaster.pid"), { force: true });
}

function listServerProcesses(dataDir: string): readonly number[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => isServerProcess(pid, dataDir));
}

/** SIGTERM ends a backend's transaction cleanly; its COMMIT, if any, is in the WAL or not. */
function askOrphansToEnd(dataDir: string): void {
  if (process.platform !== "linux") return;
  for (const pid of listServerProcesses(dataDir)) {
    try {
      process.kill(pid, "SIGTERM");
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Keeps one earlier log. */
function rotateLog(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_KEPT_BYTES) renameSync(logFile, `${logFile}.1`);
}

/** What the log says from byte `start` on, at most the last 64 KB. */
async function readLog(logFile: string, start: number): Promise<string> {
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
