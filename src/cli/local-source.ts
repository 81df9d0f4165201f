/** A file of this machine as reading sees it, without a service. */
import { open, type FileHandle } from "node:fs/promises";
import { SluiceError } from "../core/errors.ts";
import type { StoredSource } from "../csv/stored-source.ts";

/** An open file. */
export interface LocalSource extends StoredSource {
  close(): Promise<void>;
}

/** Opens a file for reading. Errors: `storage_failed` when it is none, or cannot be read. */
export async function openLocalSource(path: string): Promise<LocalSource> {
  const handle = await open(path, "r").catch((cause: unknown) => {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = isMissing ? `There is no file ${path}.` : `${path} cannot be read: ${reason}.`;
    throw new SluiceError("storage_failed", message, { cause });
  });
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw new SluiceError("storage_failed", `Expected a file, and ${path} is none.`);
  }
  return {
    bytes: stats.size,
    open: (range) => Promise.resolve(rangeOf(handle, range)),
    close: () => handle.close(),
  };
}

function rangeOf(
  handle: FileHandle,
  { start, end }: { readonly start: number; readonly end: number },
): Awaited<ReturnType<StoredSource["open"]>> {
  let position = start;
  return {
    async read(into) {
      const wanted = Math.min(into.length, end - position);
      if (wanted <= 0) return 0;
      const { bytesRead } = await handle.read(into, 0, wanted, position);
      position += bytesRead;
      return bytesRead;
    },
    // The file is closed as a whole.
    close: () => Promise.resolve(),
  };
}
