/**
 * The private folder of the server's socket.
 *
 * The path of a socket holds at most 107 bytes (103 on macOS), and SLUICE_DIR may be longer, so the folder is under
 * the system's folder for temporary files, with a name made from SLUICE_DIR. Who can enter it can connect: it has
 * mode 0700 and belongs to the server's user, so that is this user and root, which is why the server asks for no
 * password. A name that can be guessed can be taken by somebody else first: a folder of that name counts only when
 * it is a real folder with that owner and that mode; otherwise another name is chosen.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { identifyProcess } from "./process-identity.ts";
import { giveTo, type ServerAccount } from "./server-account.ts";
import { SOCKET_PORT, type ServerAddress } from "./server-settings.ts";

/** macOS allows one byte less than 104; Linux 107. */
const MAX_SOCKET_BYTES = 103;

/** The path of the socket in `folder`. */
export function socketPath(folder: string): string {
  return join(folder, `.s.PGSQL.${SOCKET_PORT}`);
}

/**
 * Makes the folder for the server of `dir`, or finds it as an earlier server left it. `parents` are tried in order.
 * Errors: `database_start_failed` when there is no place for it.
 */
export function prepareSocketFolder(
  dir: string,
  account: ServerAccount | null,
  parents: readonly string[] = [tmpdir(), "/tmp", "/var/tmp"],
): string {
  const name = `sluice-${createHash("sha256").update(dir).digest("hex").slice(0, 12)}`;
  for (const parent of parents) {
    if (Buffer.byteLength(socketPath(join(parent, `${name}-XXXXXX`))) > MAX_SOCKET_BYTES) continue;
    if (account && !isOpenToAll(parent)) continue;
    const folder = makeFolder(parent, name, account);
    if (folder !== null) return folder;
  }
  throw new SluiceError(
    "database_start_failed",
    `Found no folder for the socket of the private PostgreSQL: ${parents.join(", ")} cannot be written, ` +
      "or the path is too long. Set TMPDIR to a short path that this user can write.",
    { details: { parents } },
  );
}

/**
 * Makes a folder that `prepareSocketFolder` gave ready for another start. Errors: `database_start_failed` when it is
 * somebody else's now; those of the file system.
 */
export function restoreSocketFolder(folder: string, account: ServerAccount | null): void {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    mkdirSync(folder, { mode: 0o700 });
    giveTo(account, folder);
  }
  if (isPrivate(folder, account)) return;
  throw new SluiceError(
    "database_start_failed",
    `Expected ${folder}, the folder of the private PostgreSQL's socket, to be open to its user alone, but it is not. ` +
      "Remove it, and start this service again.",
    { details: { folder } },
  );
}

function makeFolder(parent: string, name: string, account: ServerAccount | null): string | null {
  const folder = join(parent, name);
  try {
    if (isPrivate(folder, account) && !isServed(folder)) return folder;
    const isTaken = lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
    const made = isTaken ? mkdtempSync(`${folder}-`) : folder;
    if (!isTaken) mkdirSync(made, { mode: 0o700 });
    giveTo(account, made);
    return made;
  } catch {
    // Missing, or not writable: the next parent may do.
    return null;
  }
}

function isPrivate(folder: string, account: ServerAccount | null): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  const owner = account?.uid ?? process.geteuid?.();
  return stat?.isDirectory() === true && stat.uid === owner && (stat.mode & 0o777) === 0o700;
}

/**
 * Whether a server listens there. The caller has seen that it is none of this SLUICE_DIR: it is the one of a folder
 * that was removed under a running server, which takes up to a minute to notice.
 */
function isServed(folder: string): boolean {
  const lock = `${socketPath(folder)}.lock`;
  if (!existsSync(lock)) return false;
  return identifyProcess(Number.parseInt(readFileSync(lock, "utf8"), 10)) !== null;
}

/** Removes the folder of a server that has ended. One with something else in it is left: it is not only ours. */
export function removeSocketFolder(address: ServerAddress): void {
  if (address.transport !== "socket") return;
  try {
    rmdirSync(address.folder);
  } catch {
    // Not empty, or gone already. The next start uses it as it is.
  }
}

/** Whether every user can walk to `folder`. */
function isOpenToAll(folder: string): boolean {
  try {
    let path = realpathSync(folder);
    for (;;) {
      if ((statSync(path).mode & 0o001) === 0) return false;
      if (path === dirname(path)) return true;
      path = dirname(path);
    }
  } catch {
    // It does not exist.
    return false;
  }
}
