/** Rejected rows as the service lists them: the first of them for people, all of them for a file. */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { SluiceError } from "../core/errors.ts";
import type { RejectedRecordView, SluiceClient } from "../client/index.ts";
import type { Output } from "./terminal/output.ts";

const PAGE_SIZE = 200;

/** The first rejected rows of a job, at most `limit`. */
export async function firstRejected(
  client: SluiceClient,
  jobId: string,
  limit: number,
): Promise<readonly RejectedRecordView[]> {
  const items: RejectedRecordView[] = [];
  let cursor: string | null = "";
  while (cursor !== null && items.length < limit) {
    const page = await client.listRejected(jobId, {
      limit: Math.min(PAGE_SIZE, limit - items.length),
      ...(cursor === "" ? {} : { cursor }),
    });
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

/**
 * Writes a stream of the service to `file`, or to standard output for `-`. Errors: `storage_failed` when the file cannot
 * be written; `service_unreachable` when the stream breaks off, and what is written then is not all.
 */
export async function saveStream(
  pieces: ReadableStream<Uint8Array>,
  file: string,
  output: Output,
): Promise<void> {
  try {
    if (file !== "-") return await pipeline(pieces, createWriteStream(file));
    for await (const piece of pieces) {
      if (output.closed.aborted) return;
      await output.write(piece);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // Errors of the file system name the call that failed.
    if (cause instanceof Error && "syscall" in cause && "path" in cause)
      throw new SluiceError("storage_failed", `${file} cannot be written: ${reason}.`, { cause });
    throw new SluiceError(
      "service_unreachable",
      `The service broke off before the end (${reason}). What was written is not all of it.`,
      { cause },
    );
  }
}
