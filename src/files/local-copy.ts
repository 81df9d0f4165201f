/**
 * A copy of a file of this machine into a folder of files, made by a thread while the service that will take it still
 * starts. Its name is that of a temporary file of nobody's, so the sweep of a service leaves it alone for a day.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import type { LocalFile } from "../core/ports.ts";
import { SluiceError } from "../core/errors.ts";
import { fileTooLarge, storageError } from "./folder-writing.ts";
import { temporaryName } from "./temporary-files.ts";

/** A copy that is being made. */
export interface LocalCopy {
  /** Bytes that are written so far. */
  readonly bytes: () => number;
  /**
   * Waits for the end. Errors: `file_too_large`, `source_changed`, `storage_full`, `storage_failed`, whatever `sourceError` made of an error of
   * reading, and the signal's reason.
   */
  readonly finish: (signal: AbortSignal) => Promise<LocalFile>;
  /** Ends the copying and removes what was copied and not taken. May be called twice, and after the end. */
  readonly discard: () => Promise<void>;
}

/** What a copy may be, and how an error of reading the file is told. */
export interface CopyLimits {
  readonly maxBytes: number;
  readonly sourceError: (error: Error) => Error;
}

/** What the thread is told. */
export interface CopyOrder {
  readonly sourcePath: string;
  readonly path: string;
  readonly maxBytes: number;
  readonly copied: BigInt64Array<SharedArrayBuffer>;
  readonly isStopped: Int32Array<SharedArrayBuffer>;
}

/** What the thread tells at its end. */
export type CopyOutcome =
  | { readonly kind: "copied"; readonly bytes: number; readonly sha256: string }
  | { readonly kind: "too_large" }
  /** The source was written to while it was copied. */
  | { readonly kind: "changed" }
  | { readonly kind: "stopped" }
  | {
      readonly kind: "failed";
      /** Whose call of the file system failed, and the code it had, such as `ENOSPC`. */
      readonly side: "source" | "copy";
      readonly code: string;
      readonly message: string;
    };

// Tests run the sources, a thread runs what is built.
const THREAD_URL = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/files/copy-thread.js" : "./copy-thread.js",
  import.meta.url,
);

/**
 * Begins to copy `sourcePath` into `folder`, which exists. The file is read once, and refused when it was written to
 * meanwhile. Whoever begins a copy discards it at last, also when it was taken.
 */
export function beginLocalCopy(
  sourcePath: string,
  folder: string,
  { maxBytes, sourceError }: CopyLimits,
): LocalCopy {
  const path = join(resolve(folder), temporaryName("copy", randomUUID()));
  const copied = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  const isStopped = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: CopyOrder = { sourcePath, path, maxBytes, copied, isStopped };
  // What cannot be removed now is removed by a sweep.
  const remove = (): Promise<void> => rm(path, { force: true }).catch(() => undefined);
  const outcome = runThread(workerData).then(async (ended) => {
    if (ended.kind !== "copied") await remove();
    return ended;
  });
  // Waited for by `finish` or `discard`; a failure before that must not count as unhandled.
  outcome.catch(() => undefined);
  const stop = (): void => void Atomics.store(isStopped, 0, 1);
  return {
    bytes: () => Number(Atomics.load(copied, 0)),
    finish: async (signal) => {
      signal.throwIfAborted();
      signal.addEventListener("abort", stop, { once: true });
      const ended = await outcome.finally(() => signal.removeEventListener("abort", stop));
      signal.throwIfAborted();
      if (ended.kind === "copied") return { path, bytes: ended.bytes, sha256: ended.sha256 };
      if (ended.kind === "too_large") throw fileTooLarge(maxBytes);
      if (ended.kind === "changed")
        throw new SluiceError(
          "source_changed",
          `${sourcePath} was written to while it was copied. Nothing was imported; run it again when the file is complete.`,
        );
      if (ended.kind === "stopped")
        throw new SluiceError("internal", "Expected a copy, but it was discarded.");
      const error = Object.assign(new Error(ended.message), { code: ended.code });
      throw ended.side === "source" ? sourceError(error) : storageError(error, path);
    },
    discard: async () => {
      stop();
      await outcome.catch(() => undefined);
      await remove();
    },
  };
}

async function runThread(workerData: CopyOrder): Promise<CopyOutcome> {
  const thread = new Worker(THREAD_URL, { workerData, name: "sluice copy" });
  // One that comes after the outcome is nobody's any more.
  thread.on("error", () => undefined);
  const [outcome] = (await once(thread, "message")) as [CopyOutcome]; // by copy-thread.ts
  return outcome;
}
