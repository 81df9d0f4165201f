/**
 * Writing one file so that it exists whole or not at all.
 *
 * Bytes go to a temporary name in the folder of the final one, are synced, and take the final name by a rename; then
 * the folder is synced, because a rename is durable only with its folder. A crash before the rename leaves a
 * temporary file, which the next start sweeps away; a crash after it leaves the whole file. Small pieces are gathered
 * before they are written, so that the size of the sender's pieces does not decide the number of system calls.
 *
 * A file that is read while it arrives is synced at intervals too, and how much is durable is noted after each: what was
 * noted does not go away before the file does. The reader of a silent sender learns of its bytes all the same, because
 * the wait for the next piece ends with the interval.
 */
import { createHash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { SluiceError } from "../core/errors.ts";
import type { StoredBytes } from "../core/ports.ts";
import type { ArrivalOptions } from "../core/upload-ports.ts";
import { ticking } from "./ticking.ts";

const GATHER_BYTES = 1024 * 1024;
const NO_SPACE = new Set(["ENOSPC", "EDQUOT"]);

/** Turns an error of the file system into `storage_full` or `storage_failed`, naming the path. */
export function storageError(error: unknown, path: string): SluiceError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (NO_SPACE.has(code))
    return new SluiceError(
      "storage_full",
      `There is no space left to write ${path} (${code}). Free some, then try again.`,
      { cause: error },
    );
  return new SluiceError(
    "storage_failed",
    `Expected to read and write ${path}, but the file system answered ${code}. Check the disk and the permissions.`,
    { cause: error },
  );
}

/** Runs one call of the file system and gives its errors a code. */
export async function onDisk<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw storageError(error, path);
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  // One write may take less than it was given, for one when the disk is nearly full.
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written);
    written += bytesWritten;
  }
}

/** Gathers pieces and counts and digests what passes. Pieces may be reused by their owner once `add` has returned. */
class Gatherer {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #hash = createHash("sha256");
  #buffer: Uint8Array | null = null;
  #held = 0;
  #bytes = 0;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Makes what was added durable, and returns how much that is. */
  async sync(): Promise<number> {
    await this.flush();
    await onDisk(this.#path, () => this.#handle.datasync());
    return this.#bytes;
  }

  async add(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    this.#bytes += piece.length;
    if (this.#held + piece.length > GATHER_BYTES) await this.flush();
    if (piece.length >= GATHER_BYTES) {
      await onDisk(this.#path, () => writeAll(this.#handle, piece));
      return;
    }
    this.#buffer ??= new Uint8Array(GATHER_BYTES);
    this.#buffer.set(piece, this.#held);
    this.#held += piece.length;
  }

  async flush(): Promise<void> {
    const waiting = this.#buffer?.subarray(0, this.#held);
    this.#held = 0;
    if (waiting) await onDisk(this.#path, () => writeAll(this.#handle, waiting));
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}

/** How a file is written. */
interface WritingOptions {
  readonly maxBytes: number;
  readonly arrival?: ArrivalOptions;
}

async function fill(
  handle: FileHandle,
  path: string,
  source: AsyncIterable<Uint8Array>,
  { maxBytes, arrival }: WritingOptions,
): Promise<StoredBytes> {
  const gatherer = new Gatherer(handle, path);
  const notes = arrival === undefined ? null : new Notes(gatherer, arrival);
  for await (const piece of notes === null ? source : ticking(source, notes.everyMs)) {
    await notes?.tick();
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
  await onDisk(path, () => handle.sync());
  return { bytes: gatherer.bytes, sha256: gatherer.digest() };
}

/** Tells at intervals what is durable of a file that arrives. */
class Notes {
  readonly #gatherer: Gatherer;
  readonly #arrival: ArrivalOptions;
  #notedBytes = 0;
  #notedAt = performance.now();

  constructor(gatherer: Gatherer, arrival: ArrivalOptions) {
    this.#gatherer = gatherer;
    this.#arrival = arrival;
  }

  get everyMs(): number {
    return Math.min(this.#arrival.noteMs, this.#arrival.idleMs);
  }

  /** Notes what has come when it is time. */
  async tick(): Promise<void> {
    const { noteMs, idleMs } = this.#arrival;
    const isNews = this.#gatherer.bytes > this.#notedBytes;
    if (performance.now() - this.#notedAt < (isNews ? noteMs : idleMs)) return;
    if (isNews) this.#notedBytes = await this.#gatherer.sync();
    await this.#arrival.note(this.#notedBytes);
    this.#notedAt = performance.now();
  }
}

/** Syncs the names in a folder. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folder as a file; NTFS journals the rename itself.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes `source` to `finalPath` by way of `temporaryPath` in the same folder. When it returns, the bytes and the name
 * are durable; when it throws, neither name is left. Errors: `file_too_large`, `storage_full`, `storage_failed`, and
 * whatever `source` and `note` throw, unchanged.
 */
export async function writeWhole(
  source: AsyncIterable<Uint8Array>,
  paths: { readonly temporaryPath: string; readonly finalPath: string },
  options: WritingOptions,
): Promise<StoredBytes> {
  const { temporaryPath, finalPath } = paths;
  const handle = await onDisk(temporaryPath, () => open(temporaryPath, "wx", 0o600));
  let lastName = temporaryPath;
  try {
    let stored: StoredBytes;
    try {
      stored = await fill(handle, temporaryPath, source, options);
    } finally {
      await onDisk(temporaryPath, () => handle.close());
    }
    await onDisk(finalPath, () => rename(temporaryPath, finalPath));
    lastName = finalPath;
    await onDisk(finalPath, () => syncFolder(dirname(finalPath)));
    return stored;
  } catch (error) {
    // The first error is the one to tell; a file that cannot be removed now is removed by the next sweep.
    await rm(lastName, { force: true }).catch(() => undefined);
    throw error;
  }
}
