/**
 * The claim of a service or a worker on its folder: at most one of them uses a folder, because the folder holds its
 * identity, and commands find a service through its claim.
 */
import { join, resolve } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { findHolder, tryHold } from "./exclusive-file.ts";
import { makeFolder } from "./make-folder.ts";
import { storageError } from "./storage-error.ts";

/** The live service of a folder. */
export interface FolderService {
  readonly pid: number;
  /** Where it listens; null until it does. */
  readonly url: string | null;
}

/** A claim that this process holds. It ends with `release`, or with the process, however that ends. */
export interface FolderClaim {
  /** Tells others where the service listens. Not after `release`. */
  setUrl(url: string): Promise<void>;
  /** Gives the folder up. May be called twice. */
  release(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The note of a worker's claim: where a service says its address. */
const WORKER_NOTE = "worker";

/**
 * Claims `dir` for a service, or a worker, in this process; makes the folder when it is missing. Of any number that try at once,
 * in one process or many, exactly one succeeds. A claim whose process is gone does not count.
 * Errors: `folder_in_use` with the other's `pid` and `url` in the details; `storage_full`, `storage_failed`.
 */
export async function claimFolder(
  dir: string,
  {
    url = null,
    isWorker = false,
  }: { readonly url?: string | null; readonly isWorker?: boolean } = {},
): Promise<FolderClaim> {
  const folder = resolve(dir);
  try {
    await makeFolder(folder);
    const attempt = await tryHold(claimPath(folder), isWorker ? WORKER_NOTE : url);
    if (!attempt.isHeld) throw inUse(folder, attempt.holder.process.pid, attempt.holder.note);
    const { hold } = attempt;
    return {
      setUrl: (newUrl) => hold.setNote(newUrl),
      release: () => hold.release(),
      [Symbol.asyncDispose]: () => hold.release(),
    };
  } catch (error) {
    throw storageError(error, folder);
  }
}

/** The live service of `dir`; null when there is none, also where a worker has the folder, or no such folder. Errors: `storage_failed`. */
export async function readFolderClaim(dir: string): Promise<FolderService | null> {
  const folder = resolve(dir);
  try {
    const holder = await findHolder(claimPath(folder));
    if (holder?.note === WORKER_NOTE) return null;
    return holder && { pid: holder.process.pid, url: holder.note };
  } catch (error) {
    throw storageError(error, folder);
  }
}

function claimPath(folder: string): string {
  return join(folder, "service.lock");
}

function inUse(folder: string, pid: number, note: string | null): SluiceError {
  const url = note === WORKER_NOTE ? null : note;
  const who =
    note === WORKER_NOTE
      ? `Sluice worker (pid ${pid})`
      : `Sluice service (pid ${pid}${url === null ? "" : `, ${url}`})`;
  return new SluiceError(
    "folder_in_use",
    `Another ${who} uses ${folder}. ` +
      "Use that one, stop it, or set SLUICE_DIR to another folder.",
    { details: { dir: folder, pid, url } },
  );
}
