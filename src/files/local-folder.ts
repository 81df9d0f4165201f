/**
 * Files in a folder of the machine. A file's name is its id, so nothing that a sender says ever becomes a path; an id
 * of another form is refused before it reaches the file system.
 */
import { randomUUID } from "node:crypto";
import {
  link,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from "node:fs/promises";
import { join, resolve } from "node:path";
import { SluiceError } from "../core/errors.ts";
import type { ByteSource, FileStore, StoredBytes } from "../core/ports.ts";
import type { ArrivalOptions } from "../core/upload-ports.ts";
import { isAbsent, onDisk, storageError, syncFolder, writeWhole } from "./folder-writing.ts";
import { temporaryName, TemporaryFiles } from "./temporary-files.ts";

const FILE_ID = /^file_[0-9a-hjkmnp-tv-z]{26}$/;
/** Of files that are read while they arrive: others know of them by their rows, so `sweep` is not what removes them. */
const ARRIVING_SUFFIX = ".arriving";
const ID_NAME = "folder-id";

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
  const folder = resolve(dir);
  const temporary = new TemporaryFiles(folder, owner);

  async function put(
    fileId: string,
    source: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly arrival?: ArrivalOptions },
  ): Promise<StoredBytes> {
    checkId(fileId);
    await onDisk(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
    const isArriving = options.arrival !== undefined;
    const name = isArriving ? `${fileId}${ARRIVING_SUFFIX}` : temporary.nameFor(fileId);
    const paths = { temporaryPath: join(folder, name), finalPath: join(folder, fileId) };
    return temporary.whileWritten(name, () => writeWhole(source, paths, options));
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

  return {
    put,
    adopt,
    open: (fileId, range) => openRange(folder, fileId, range),
    stat: statOf,
    remove,
    sweep: () => temporary.sweep(),
    identify: () => onDisk(join(folder, ID_NAME), () => identify(folder)),
  };
}

function checkId(fileId: string): void {
  if (!FILE_ID.test(fileId))
    throw new SluiceError("internal", `Expected an id of a file, got "${fileId}".`);
}

/** Of any number that identify a new folder at once, one makes its id: a link is made whole or not at all. */
async function identify(folder: string): Promise<string> {
  const path = join(folder, ID_NAME);
  const known = await readId(path);
  if (known !== null) return known;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, temporaryName(ID_NAME, randomUUID()));
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

function fileGone(fileId: string, cause?: unknown): SluiceError {
  return new SluiceError(
    "source_changed",
    `Expected the file ${fileId}, but it is gone. Send the file again.`,
    { cause },
  );
}
