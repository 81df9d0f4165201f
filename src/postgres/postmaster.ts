/**
 * The server's main process, the postmaster: starting it, waiting for it, stopping it.
 *
 * When a postmaster is killed, its other processes notice it within a second or, in the middle of a long statement,
 * later; until the last one is gone PostgreSQL refuses to start, because two servers on one folder would destroy the
 * data. What always holds: nothing here overrides that refusal; it waits, and after a while asks those processes to
 * end.
 */
import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { SluiceError } from "../core/errors.ts";
import { SLUICE_ROLE } from "./cluster.ts";
import {
  findPid,
  listServerProcesses,
  readPidFile,
  removeStalePidFile,
} from "./postmaster-file.ts";
import { identifyProcess, isAlive } from "./process-identity.ts";
import { programPath, type ServerBinaries } from "./server-binaries.ts";
import { ownDataDir, runProgram, startDetached, type ServerAccount } from "./server-account.ts";
import type { ServerFolder } from "./server-folder.ts";
import { explainFailure, openLog, readLog, type OpenLog } from "./server-log.ts";
import { pingServer, type Ping } from "./server-ping.ts";
import type { ServerAddress } from "./server-settings.ts";
import { removeSocketFolder, socketPath } from "./socket-folder.ts";

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
  /** Called before each attempt; writes the settings and returns the address in them. */
  readonly prepare: () => Promise<ServerAddress>;
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
    const address = await start.prepare();
    const log = openLog(folder.logFile);
    const child = launch(start, log);
    const postmaster = await waitUntilReady(folder, binaries, child.pid ?? 0, () =>
      hasEnded(child),
    );
    if (postmaster) return postmaster;
    const output = await readLog(folder.logFile, log.start);
    const waitedMs = performance.now() - began;
    if (!HELD_BY_ORPHANS.test(output) || waitedMs > ORPHANS_GONE_WITHIN_MS) {
      removeSocketFolder(address);
      throw explainFailure(folder, output, "The private PostgreSQL does not start");
    }
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

function launch({ folder, binaries, account }: PostmasterStart, log: OpenLog): ChildProcess {
  try {
    const args = ["-D", ownDataDir(folder.dataDir, account)];
    const start = { args, cwd: folder.dataDir, account };
    const child = startDetached(programPath(binaries.folder, "postgres"), start, log.file);
    // Without a pid the start has failed, which the caller sees by that.
    child.on("error", () => undefined);
    return child;
  } finally {
    log.close();
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
