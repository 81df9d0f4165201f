/**
 * As whom the server runs, and how its programs are started as that user.
 *
 * PostgreSQL refuses to run as root. So root hands the data folder and the programs to an unprivileged user: the one
 * who owns the data already, else `nobody`. That user often cannot walk to the data, because a folder above it (such
 * as /root) is closed. Two facts of Linux make that unimportant: a child is put into its working folder before it
 * gives up root, and `/proc/self/cwd` names the working folder without walking to it. So every program of the server
 * runs with the data folder as its working folder and is told that the data is at `/proc/self/cwd`. The server never
 * leaves that folder. Everything else that it opens by a path (its binaries, its socket) must lie where that user can
 * walk; `server-binaries.ts` and `socket-folder.ts` see to that.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { chownSync, readFileSync, statSync } from "node:fs";
import { SluiceError } from "../core/errors.ts";

/** The unprivileged user that root starts the server as. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** What a program of the server said before it ended. */
export interface ProgramResult {
  /** Exit code; null when it could not be started or a signal ended it. */
  readonly code: number | null;
  /** The system's code when it could not be started, such as `ENOENT`. */
  readonly startFailure: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to start a program of the server. */
export interface ProgramStart {
  readonly args: readonly string[];
  /** Its working folder. */
  readonly cwd: string;
  /** Null: as this process's own user. */
  readonly account: ServerAccount | null;
}

/**
 * The user to run the server of `dataDir` as, or null for this process's own. Errors: `database_start_failed` when
 * the data belongs to somebody else, or when this process is root and there is no user to change to.
 */
export function chooseServerAccount(dataDir: string): ServerAccount | null {
  const own = process.geteuid?.();
  if (own === undefined) return null;
  const owner = statSync(dataDir, { throwIfNoEntry: false });
  if (own === 0) {
    if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
    return findNobody();
  }
  if (owner && owner.uid !== own)
    throw new SluiceError(
      "database_start_failed",
      `The database in ${dataDir} belongs to another user (uid ${owner.uid}; this one is ${own}). ` +
        "Run Sluice as that user, or set SLUICE_DIR to another folder.",
      { details: { dataDir, ownerUid: owner.uid, uid: own } },
    );
  return null;
}

function findNobody(): ServerAccount {
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  const [, , uid, gid] = users.find((line) => line.startsWith("nobody:"))?.split(":") ?? [];
  if (uid === undefined || gid === undefined)
    throw new SluiceError(
      "database_start_failed",
      "PostgreSQL refuses to run as root, and /etc/passwd has no user nobody to run it as. " +
        "Run Sluice as an ordinary user, or set DATABASE_URL to a PostgreSQL 14 or newer.",
    );
  // On macOS nobody is -2, which the system calls expect as an unsigned number.
  return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
}

/** Hands a file or folder to the account; nothing to do for this process's own user. */
export function giveTo(account: ServerAccount | null, path: string): void {
  if (account) chownSync(path, account.uid, account.gid);
}

/** The name of the data folder for a program whose working folder it is. */
export function ownDataDir(dataDir: string, account: ServerAccount | null): string {
  return account && process.platform === "linux" ? "/proc/self/cwd" : dataDir;
}

/**
 * Starts a program that outlives this process, in a session of its own so that Ctrl-C does not reach it. It writes
 * to `logFile`, an open file descriptor. The handle does not keep this process running.
 */
export function startDetached(
  program: string,
  { args, cwd, account }: ProgramStart,
  logFile: number,
): ChildProcess {
  const child = spawn(program, args, {
    cwd,
    ...account,
    env: PROGRAM_ENV,
    detached: true,
    windowsHide: true,
    stdio: ["ignore", logFile, logFile],
  });
  child.unref();
  return child;
}

/** Runs a program to its end, with `input` on its standard input. Throws nothing: failures are in the result. */
export function runProgram(
  program: string,
  { args, cwd, account }: ProgramStart,
  input = "",
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, ...account, env: PROGRAM_ENV, windowsHide: true });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", (error: NodeJS.ErrnoException) =>
      resolve({ code: null, startFailure: error.code ?? error.message, stdout, stderr }),
    );
    child.on("close", (code) => resolve({ code, startFailure: null, stdout, stderr }));
    // EPIPE: the program ended without reading all of it; its exit code and output say why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** Nothing is inherited, because variables such as PGDATA or PGOPTIONS would change what the server does. */
const PROGRAM_ENV = { LC_ALL: "C", TZ: "UTC" };
