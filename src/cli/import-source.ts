/** The bytes that `sluice import` uploads: a file, or standard input. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { SluiceError } from "../core/errors.ts";
import type { UploadSource } from "../client/index.ts";

/** Large pieces: the upload of a big file spends its time in the service, not in calls. */
const PIECE_BYTES = 1 << 20;

/** A file to upload. */
export interface ImportSource {
  /** Name without folder. */
  readonly name: string;
  /** Null for standard input. */
  readonly bytes: number | null;
  /** Where it lies, when it is a file that can be read as a whole; null for pipes. */
  readonly path: string | null;
  /** Opens the bytes. Once. */
  readonly open: () => UploadSource;
}

/** Finds what FILE names; `-` is standard input. Errors: `usage` when it is no file or cannot be read. */
export async function findSource(file: string, stdin: NodeJS.ReadStream): Promise<ImportSource> {
  if (file === "-") return { name: "stdin.csv", bytes: null, path: null, open: () => stdin };
  const found = await stat(file).catch((cause: unknown) => {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (!isMissing) throw unreadable(file, cause);
    throw new SluiceError("usage", `There is no file ${file}.`, { cause });
  });
  if (found.isDirectory())
    throw new SluiceError("usage", `Expected a file, got the folder ${file}. Name one file.`);
  return {
    name: basename(file),
    bytes: found.isFile() ? found.size : null,
    path: found.isFile() ? file : null,
    open: () => readPieces(file),
  };
}

async function* readPieces(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    // A stream without encoding yields buffers.
    for await (const piece of createReadStream(file, { highWaterMark: PIECE_BYTES }))
      yield piece as Buffer;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** A file of the command line that cannot be read. */
export function unreadable(file: string, cause: unknown): SluiceError {
  return new SluiceError("usage", `${file} cannot be read: ${reasonOf(cause)}.`, { cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
