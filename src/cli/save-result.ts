/**
 * The file that a job has made, on this machine. It comes under a temporary name beside the final one, which it takes when it
 * is whole and has the digest that the service names; so what has the name is all of it.
 */
import { createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { SluiceError } from "../core/errors.ts";
import type { SluiceClient } from "../client/index.ts";
import type { Output } from "./terminal/output.ts";

/**
 * Writes the result of a job to `path`, or to standard output for `-`. Errors: `no_result`; `storage_failed` when the file
 * cannot be written; `service_unreachable` when the download breaks off.
 */
export async function saveResult(
  client: SluiceClient,
  result: { readonly jobId: string; readonly sha256: string },
  path: string,
  output: Output,
): Promise<void> {
  const pieces = await client.openResult(result.jobId);
  if (path === "-") return writeOut(pieces, output);
  const draft = `${path}.${randomBytes(4).toString("hex")}.part`;
  const hash = createHash("sha256");
  try {
    await pipeline(
      pieces,
      async function* digest(source: AsyncIterable<Uint8Array>) {
        for await (const piece of source) {
          hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(draft, { flags: "wx", flush: true }),
    );
    if (hash.digest("hex") !== result.sha256)
      throw new Error("the bytes that came are not those of the service");
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throw failureOf(cause, path);
  }
}

/** Whether something has the name already. `-` has none. */
export async function isThere(path: string): Promise<boolean> {
  if (path === "-") return false;
  return stat(path).then(
    () => true,
    () => false, // what cannot be looked at is told when it is written
  );
}

async function writeOut(pieces: ReadableStream<Uint8Array>, output: Output): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (output.closed.aborted) return;
      await output.write(piece);
    }
  } catch (cause) {
    throw failureOf(cause, "-");
  }
}

function failureOf(cause: unknown, path: string): SluiceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  // Errors of the file system name the call that failed.
  if (cause instanceof Error && "syscall" in cause && "path" in cause)
    return new SluiceError("storage_failed", `${path} cannot be written: ${reason}.`, { cause });
  return new SluiceError(
    "service_unreachable",
    `The download broke off before the end (${reason}). Nothing has the name ${path}; \`sluice result\` fetches it again.`,
    { cause },
  );
}
