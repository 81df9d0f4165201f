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
import { createHash, type Hash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { SluiceError } from "../core/errors.ts";
import type { StoredBytes } from "../core/ports.ts";
import type { ArrivalOptions } from "../core/upload-ports.ts";
import { ticking } from "./ticking.ts";

const GATHER_BYTES = 1024 * 1024;
/** So much is written before the disk is asked to begin with it, in bytes. */
const SYNC_AHEAD_BYTES = 16 * 1024 * 1024;
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

export function fileTooLarge(maxBytes: number): SluiceError {
  return new SluiceError(
    "file_too_large",
    `Expected a file of at most ${maxBytes} bytes, but more came. Raise SLUICE_MAX_UPLOAD_BYTES, or split the file.`,
    { details: { maxBytes } },
  );
}

/** Whether an error of the file system says that there is no such file. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
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

/**
 * Gathers pieces and counts and digests what passes. Pieces may be reused by their owner once `add` has returned. One
 * buffer is written while the next is filled, and the disk is set to work before the end is waited for.
 */
export class Gatherer {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #hash: Hash;
  #buffer = new Uint8Array(0);
  #otherBuffer = new Uint8Array(0);
  #held = 0;
  #bytes: number;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<unknown> | null = null;
  #unsynced = 0;
  /** Why the disk did not take what was written, as a sync was told. */
  #failure: unknown = null;

  /** `before`: what the file holds already, and the digest so far. */
  constructor(
    handle: FileHandle,
    path: string,
    before: { readonly bytes: number; readonly hash: Hash } = {
      bytes: 0,
      hash: createHash("sha256"),
    },
  ) {
    this.#handle = handle;
    this.#path = path;
    this.#bytes = before.bytes;
    this.#hash = before.hash;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Hands all that was added to the file system. No `add` meanwhile. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#beginWriting();
    await this.#writing;
  }

  /** Makes what was handed to the file system durable. */
  async sync(): Promise<void> {
    await onDisk(this.#path, () => this.#handle.datasync());
    // The kernel tells a failure once: what an earlier sync was told is not told again.
    if (this.#failure !== null) throw storageError(this.#failure, this.#path);
  }

  async add(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    this.#bytes += piece.length;
    for (let at = 0; at < piece.length;) {
      if (this.#buffer.length === 0) this.#buffer = new Uint8Array(GATHER_BYTES);
      const part = piece.subarray(at, at + GATHER_BYTES - this.#held);
      this.#buffer.set(part, this.#held);
      this.#held += part.length;
      at += part.length;
      if (this.#held < GATHER_BYTES) continue;
      await this.#writing;
      this.#beginWriting();
    }
  }

  /** Waits until nothing is in hand any more, whatever became of it. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#writing, this.#syncing]);
  }

  /** Writes what the buffer holds, behind what is being written, and goes on with the other buffer. */
  #beginWriting(): void {
    if (this.#held === 0) return;
    const full = this.#buffer.subarray(0, this.#held);
    [this.#buffer, this.#otherBuffer] = [this.#otherBuffer, this.#buffer];
    this.#held = 0;
    this.#unsynced += full.length;
    const before = this.#writing;
    this.#writing = before.then(() => onDisk(this.#path, () => writeAll(this.#handle, full)));
    // Waited for by the next `add` or `flush`; a failure before that must not count as unhandled.
    this.#writing.catch(() => undefined);
    this.#syncAhead();
  }

  /** Lets the disk write while more comes, so that little is left to wait for. */
  #syncAhead(): void {
    if (this.#unsynced < SYNC_AHEAD_BYTES || this.#syncing !== null) return;
    this.#unsynced = 0;
    this.#syncing = this.#writing
      .then(() => this.#handle.datasync())
      .catch((error: unknown) => (this.#failure ??= error))
      .finally(() => (this.#syncing = null));
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
  try {
    for await (const piece of notes === null ? source : ticking(source, notes.everyMs)) {
      await notes?.tick();
      if (piece === null) continue;
      if (gatherer.bytes + piece.length > maxBytes) throw fileTooLarge(maxBytes);
      await gatherer.add(piece);
    }
    await gatherer.flush();
    await gatherer.sync();
    await notes?.end();
    return { bytes: gatherer.bytes, sha256: gatherer.digest() };
  } finally {
    // The handle is closed next.
    await Promise.all([gatherer.settle(), notes?.settle()]);
  }
}

/** Tells at intervals what is durable of a file that arrives, while more of it comes. One note at a time. */
export class Notes {
  readonly #gatherer: Gatherer;
  readonly #arrival: ArrivalOptions;
  #notedBytes = 0;
  #notedAt = performance.now();
  #noting: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(gatherer: Gatherer, arrival: ArrivalOptions) {
    this.#gatherer = gatherer;
    this.#arrival = arrival;
  }

  get everyMs(): number {
    return Math.min(this.#arrival.noteMs, this.#arrival.idleMs);
  }

  /** Begins to note what has come when it is time. Throws what a note threw. */
  async tick(): Promise<void> {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#noting !== null || !this.#isDue()) return;
    const { bytes } = this.#gatherer;
    if (bytes > this.#notedBytes) await this.#gatherer.flush();
    this.#noting = this.#note(bytes)
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => (this.#noting = null));
  }

  /** Waits for the note in hand. Throws what it threw. */
  async end(): Promise<void> {
    await this.#noting;
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Waits for the note in hand, whatever becomes of it. */
  async settle(): Promise<void> {
    await this.#noting;
  }

  #isDue(): boolean {
    const { noteMs, idleMs, firstNoteBytes } = this.#arrival;
    const { bytes } = this.#gatherer;
    if (this.#notedBytes < firstNoteBytes && bytes >= firstNoteBytes) return true;
    return performance.now() - this.#notedAt >= (bytes > this.#notedBytes ? noteMs : idleMs);
  }

  async #note(bytes: number): Promise<void> {
    if (bytes > this.#notedBytes) await this.#gatherer.sync();
    this.#notedBytes = bytes;
    this.#notedAt = performance.now();
    await this.#arrival.note(bytes);
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
