/**
 * Files in a folder of the machine. A file's name is its id, so nothing that a sender says ever becomes a path; an id
 * of another form is refused before it reaches the file system.
 *
 * Several services may share the folder. The name of a temporary file says whose it is, and its time is renewed while it is
 * written, however silent the sender: what carries the own name was left by an earlier run, which is over, and what carries
 * another's is left alone until that one has not renewed it for a day.
 */
import { randomBytes, randomUUID } from "node:crypto";
import {
  link,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
  type FileHandle,
} from "node:fs/promises";
import { join, resolve } from "node:path";
import { SluiceError } from "../core/errors.ts";
import type { ByteSource, FileStore, StoredBytes } from "../core/ports.ts";
import type { ArrivalOptions } from "../core/upload-ports.ts";
import { onDisk, storageError, syncFolder, writeWhole } from "./folder-writing.ts";

const FILE_ID = /^file_[0-9a-hjkmnp-tv-z]{26}$/;
/** Ends the name of a file that is being written. */
export const TEMPORARY_SUFFIX = ".part";
/** Of files that are read while they arrive: others know of them by their rows, so `sweep` is not what removes them. */
const ARRIVING_SUFFIX = ".arriving";
const ID_NAME = "folder-id";
const OWNER = /^[0-9a-z_-]{1,64}$/;
/** How often the time of a temporary file is renewed. */
const RENEW_EVERY_MS = 10 * 60_000;
/** How long a temporary file of another owner was not renewed when nobody writes it any more. */
const ABANDONED_AFTER_MS = 24 * 60 * 60_000;

/** A folder as a file store. */
export interface LocalFolder extends FileStore {
  /**
   * Removes what uploads left whose process is over, and returns how many files that were: those of earlier processes of
   * this owner, and those of others that nobody has written for a day. Leaves alone what is under way, here and in
   * other services on the folder. Errors: `storage_failed`.
   */
  sweep(): Promise<number>;
  /**
   * The id of the folder, which goes with it wherever it is moved or mounted; made, with the folder, when there is none.
   * Errors: `storage_full`, `storage_failed`.
   */
  identify(): Promise<string>;
}

/**
 * Keeps files in the folder `dir`, which is made, for its owner alone, when the first file comes. Different files may
 * be written and read at the same time; one file is written once. `owner` is a name that one living process has at a
 * time, and the same after every start: the worker's. Without it every folder object is an owner of its own.
 */
export function createLocalFolder(dir: string, owner: string = randomUUID()): LocalFolder {
  if (!OWNER.test(owner))
    throw new SluiceError("internal", `Expected the name of an owner, got "${owner}".`);
  const folder = resolve(dir);
  const beingWritten = new Set<string>();

  async function put(
    fileId: string,
    source: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly arrival?: ArrivalOptions },
  ): Promise<StoredBytes> {
    checkId(fileId);
    await onDisk(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
    const name =
      options.arrival === undefined
        ? `${fileId}.${owner}.${randomBytes(6).toString("hex")}${TEMPORARY_SUFFIX}`
        : `${fileId}${ARRIVING_SUFFIX}`;
    const paths = { temporaryPath: join(folder, name), finalPath: join(folder, fileId) };
    beingWritten.add(name);
    const renewing = setInterval(() => void renew(paths.temporaryPath), RENEW_EVERY_MS);
    renewing.unref();
    try {
      return await writeWhole(source, paths, options);
    } finally {
      clearInterval(renewing);
      beingWritten.delete(name);
    }
  }

  async function adopt(fileId: string, path: string): Promise<void> {
    checkId(fileId);
    const finalPath = join(folder, fileId);
    try {
      await onDisk(finalPath, () => rename(path, finalPath));
      await onDisk(finalPath, () => syncFolder(folder));
    } catch (error) {
      for (const name of [path, finalPath]) await rm(name, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async function statOf(fileId: string): ReturnType<FileStore["stat"]> {
    if (!FILE_ID.test(fileId)) return null;
    try {
      const { size, mtimeNs } = await stat(join(folder, fileId), { bigint: true });
      return { bytes: Number(size), version: String(mtimeNs) };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw storageError(error, join(folder, fileId));
    }
  }

  async function remove(fileId: string): Promise<void> {
    if (!FILE_ID.test(fileId)) return;
    const path = join(folder, fileId);
    await onDisk(path, () => rm(`${path}${ARRIVING_SUFFIX}`, { force: true }));
    await onDisk(path, () => rm(path, { force: true }));
  }

  async function isStale(name: string): Promise<boolean> {
    if (!name.endsWith(TEMPORARY_SUFFIX) || beingWritten.has(name)) return false;
    if (name.split(".")[1] === owner) return true;
    try {
      return Date.now() - (await stat(join(folder, name))).mtimeMs > ABANDONED_AFTER_MS;
    } catch (error) {
      if (isAbsent(error)) return false; // it has its final name by now
      throw storageError(error, join(folder, name));
    }
  }

  async function sweep(): Promise<number> {
    let swept = 0;
    for (const name of await namesIn(folder)) {
      if (!(await isStale(name))) continue;
      await onDisk(folder, () => rm(join(folder, name), { force: true }));
      swept += 1;
    }
    return swept;
  }

  return {
    put,
    adopt,
    open: (fileId, range) => openRange(folder, fileId, range),
    stat: statOf,
    remove,
    sweep,
    identify: () => onDisk(join(folder, ID_NAME), () => identify(folder)),
  };
}

function checkId(fileId: string): void {
  if (!FILE_ID.test(fileId))
    throw new SluiceError("internal", `Expected an id of a file, got "${fileId}".`);
}

/** Shows others on the folder that a file is being written. A file that was renamed meanwhile needs it no more. */
async function renew(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

/** Of any number that identify a new folder at once, one makes its id: a link is made whole or not at all. */
async function identify(folder: string): Promise<string> {
  const path = join(folder, ID_NAME);
  const known = await readId(path);
  if (known !== null) return known;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}${TEMPORARY_SUFFIX}`;
  await writeFile(draft, `${randomUUID()}\n`, { flag: "wx", mode: 0o600, flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readId(path)) ?? identify(folder);
}

async function readId(path: string): Promise<string | null> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

async function openRange(
  folder: string,
  fileId: string,
  range: { readonly start: number; readonly end: number },
): Promise<ByteSource> {
  if (!FILE_ID.test(fileId)) throw fileGone(fileId);
  const path = join(folder, fileId);
  const handle = await openNamed(fileId, path);
  try {
    const { size } = await handle.stat();
    return rangeOf(handle, { path, fileId, start: range.start, end: Math.min(range.end, size) });
  } catch (error) {
    await handle.close();
    throw storageError(error, path);
  }
}

/** Opens a file under its name, or under the one it has while it arrives; which it loses for the other at any moment. */
async function openNamed(fileId: string, path: string): Promise<FileHandle> {
  let absence: unknown = null;
  for (const name of [path, `${path}${ARRIVING_SUFFIX}`, path])
    try {
      return await open(name, "r");
    } catch (error) {
      if (!isAbsent(error)) throw storageError(error, name);
      absence = error;
    }
  throw fileGone(fileId, absence);
}

/** Reads from `start` to `end`, where the file ended at the latest when it was opened. */
function rangeOf(
  handle: FileHandle,
  range: {
    readonly path: string;
    readonly fileId: string;
    readonly start: number;
    readonly end: number;
  },
): ByteSource {
  let position = range.start;
  let closing: Promise<void> | null = null;

  async function read(into: Uint8Array): Promise<number> {
    const wanted = Math.min(into.length, range.end - position);
    if (wanted <= 0) return 0;
    const { bytesRead } = await onDisk(range.path, () => handle.read(into, 0, wanted, position));
    if (bytesRead === 0)
      throw new SluiceError(
        "source_changed",
        `Expected ${range.end} bytes in ${range.fileId}, but it ends after ${position}. The file was shortened; send it again.`,
      );
    position += bytesRead;
    return bytesRead;
  }

  return { read, close: () => (closing ??= handle.close()) };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw storageError(error, folder);
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function fileGone(fileId: string, cause?: unknown): SluiceError {
  return new SluiceError(
    "source_changed",
    `Expected the file ${fileId}, but it is gone. Send the file again.`,
    { cause },
  );
}
