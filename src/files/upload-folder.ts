/**
 * Resumable uploads in the folder `uploads` of the folder of files, one file each, until a rename makes a stored file of
 * it. What counts is what was noted: a piece begins by cutting off all that is behind it, which a process that was killed
 * has left. The digest goes along while one process takes all pieces; otherwise the file is read once more in the end.
 */
import { createHash, type Hash } from "node:crypto";
import { mkdir, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SluiceError } from "../core/errors.ts";
import type { StoredBytes } from "../core/ports.ts";
import type { ArrivalOptions, UploadFiles } from "../core/upload-ports.ts";
import { Gatherer, Notes, onDisk, syncFolder } from "./folder-writing.ts";
import { ticking } from "./ticking.ts";

const FOLDER_NAME = "uploads";
const FILE_ID = /^file_[0-9a-hjkmnp-tv-z]{26}$/;
const READ_BYTES = 1024 * 1024;

/** The digest of the first bytes of an upload. */
interface Digested {
  readonly bytes: number;
  readonly hash: Hash;
}

/** Keeps uploads in the folder of files `dir`. One `append` at a time for an upload. */
export function createUploadFolder(dir: string): UploadFiles {
  const folder = resolve(dir);
  const digests = new Map<string, Digested>();
  const pathOf = (id: string): string => {
    if (!FILE_ID.test(id))
      throw new SluiceError("internal", `Expected an id of a file, got "${id}".`);
    return join(folder, FOLDER_NAME, id);
  };
  return {
    append: async (id, offset, source, options) => {
      const path = pathOf(id);
      const made = join(folder, FOLDER_NAME);
      const isNew = await onDisk(path, () => mkdir(made, { recursive: true, mode: 0o700 }));
      if (isNew !== undefined) await onDisk(path, () => syncFolder(folder));
      const handle = await onDisk(path, () => open(path, "a", 0o600));
      const known = digests.get(id);
      const before =
        offset === 0
          ? { bytes: 0, hash: createHash("sha256") }
          : known?.bytes === offset
            ? known
            : null;
      // Of a piece that breaks off the digest is unknown; it comes back with the end of one that does not.
      digests.delete(id);
      try {
        await cutTo(handle, path, offset);
        // A new name is durable only with its folder.
        if (offset === 0) await onDisk(path, () => syncFolder(join(folder, FOLDER_NAME)));
        const hash = before?.hash ?? createHash("sha256");
        const bytes = await fill(handle, path, { bytes: offset, hash }, source, options);
        if (before !== null) digests.set(id, { bytes, hash });
        return bytes;
      } finally {
        await onDisk(path, () => handle.close());
      }
    },
    complete: async (id, bytes) => {
      const path = pathOf(id);
      const final = join(folder, id);
      const isRenamed = (await sizeOf(path)) === null && (await sizeOf(final)) === bytes;
      const stored = await digest(isRenamed ? final : path, bytes, digests.get(id));
      if (!isRenamed) await onDisk(final, () => rename(path, final));
      await onDisk(final, () => syncFolder(folder));
      digests.delete(id);
      return stored;
    },
    remove: async (id) => {
      const path = pathOf(id);
      digests.delete(id);
      await onDisk(path, () => rm(path, { force: true }));
    },
  };
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    return onDisk(path, () => Promise.reject(error as Error));
  }
}

async function cutTo(handle: FileHandle, path: string, offset: number): Promise<void> {
  const { size } = await onDisk(path, () => handle.stat());
  if (size < offset)
    throw new SluiceError(
      "source_changed",
      `Expected ${offset} bytes of the upload, but ${size} are left. Send the file again.`,
    );
  if (size > offset) await onDisk(path, () => handle.truncate(offset));
}

/** Appends the pieces. All that came is noted in the end, unless the disk did not take it. */
async function fill(
  handle: FileHandle,
  path: string,
  before: Digested,
  source: AsyncIterable<Uint8Array>,
  { maxBytes, ...arrival }: ArrivalOptions & { readonly maxBytes: number },
): Promise<number> {
  const gatherer = new Gatherer(handle, path, before);
  const notes = new Notes(gatherer, arrival);
  const brokenOff: unknown[] = [];
  try {
    for await (const piece of ticking(kept(source, brokenOff), notes.everyMs)) {
      await notes.tick();
      if (piece === null) continue;
      if (gatherer.bytes + piece.length > maxBytes)
        throw new SluiceError(
          "file_too_large",
          `Expected a file of at most ${maxBytes} bytes, but more came. Raise SLUICE_MAX_UPLOAD_BYTES, or split the file.`,
          { details: { maxBytes } },
        );
      await gatherer.add(piece);
    }
    await gatherer.flush();
    await notes.end();
    await gatherer.sync();
    await arrival.note(gatherer.bytes);
  } finally {
    // The handle is closed next.
    await Promise.all([gatherer.settle(), notes.settle()]);
  }
  if (brokenOff.length > 0) throw brokenOff[0];
  return gatherer.bytes;
}

/** The pieces of a source, and its error put aside: what came before it is kept. */
async function* kept(
  source: AsyncIterable<Uint8Array>,
  errors: unknown[],
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    errors.push(error);
  }
}

async function digest(
  path: string,
  bytes: number,
  known: Digested | undefined,
): Promise<StoredBytes> {
  if (known?.bytes === bytes) return { bytes, sha256: known.hash.copy().digest("hex") };
  const hash = createHash("sha256");
  const handle = await onDisk(path, () => open(path, "r"));
  try {
    const buffer = new Uint8Array(READ_BYTES);
    let position = 0;
    while (position < bytes) {
      const wanted = Math.min(READ_BYTES, bytes - position);
      const at = position;
      const { bytesRead } = await onDisk(path, () => handle.read(buffer, 0, wanted, at));
      if (bytesRead === 0)
        throw new SluiceError(
          "source_changed",
          `Expected ${bytes} bytes of the upload, but ${position} are left. Send the file again.`,
        );
      hash.update(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}
