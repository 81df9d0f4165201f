/**
 * Bytes of deleted files. The row of a file goes first, so that nobody finds a file whose bytes are gone; what a process that
 * died before it removed the bytes, or a disk that failed, has left is found by that row.
 */
import type { FileStore } from "../core/ports.ts";
import type { JobStore } from "../core/store-ports.ts";

const HOUR_MS = 60 * 60_000;
/** How far the first step looks back. A service that was away for longer leaves the bytes. */
const FIRST_LOOK_MS = 30 * 24 * HOUR_MS;

/** What cleaning works with. */
export interface FileCleaningTools {
  readonly jobs: Pick<JobStore, "listDeletedFiles">;
  readonly files: Pick<FileStore, "remove">;
}

/**
 * A step that removes the bytes of files which were deleted: the first one, until it has succeeded, of the last 30 days, and
 * then of the last hour. Steps may be repeated, and overlap with those of other services.
 */
export function createFileCleaning({ jobs, files }: FileCleaningTools): () => Promise<void> {
  let withinMs = FIRST_LOOK_MS;
  return async () => {
    for (const fileId of await jobs.listDeletedFiles(withinMs)) await files.remove(fileId);
    withinMs = HOUR_MS;
  };
}
