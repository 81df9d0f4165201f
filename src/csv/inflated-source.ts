/**
 * What a packed file inflates to, as a stream: nothing is kept but what was not read yet.
 *
 * Inflating begins at the start of the file, always; a reader that goes on from a checkpoint throws away what lies
 * before it. Two limits stop a bomb: how much comes out, and how many times more than went in.
 */
import { Readable, pipeline } from "node:stream";
import { crc32, createGunzip, createInflateRaw } from "node:zlib";
import { SluiceError } from "../core/errors.ts";
import { refuseTooMuch, type InflateLimits } from "../core/inflate-limits.ts";
import type { ByteSource } from "../core/ports.ts";
import type { ZipFile } from "./zip-directory.ts";

const PIECE_BYTES = 64 * 1024;
const INFLATED_PIECE_BYTES = 256 * 1024;
/** What a packed file is inflated by. */
export interface InflateOptions {
  readonly kind: "gzip" | "zip";
  /** What the directory of a zip archive says of its file. */
  readonly zipFile?: ZipFile;
  readonly limits: InflateLimits;
}

/**
 * The inflated bytes of `packed`, which is read from its start, and is closed with it. Errors: `inflate_failed` where the
 * data is damaged or cut, `inflate_limit`.
 */
export function inflatedSource(packed: ByteSource, options: InflateOptions): ByteSource {
  const pieces = checkedPieces(packed, options);
  let piece: Uint8Array = new Uint8Array(0);
  return {
    async read(into) {
      while (piece.length === 0) {
        const next = await pieces.next();
        if (next.done === true) return 0;
        piece = next.value;
      }
      const count = Math.min(piece.length, into.length);
      into.set(piece.subarray(0, count));
      piece = piece.subarray(count);
      return count;
    },
    async close() {
      await pieces.return(undefined);
      await packed.close();
    },
  };
}

/** The inflated pieces, counted and held against what the archive says of them. */
async function* checkedPieces(
  packed: ByteSource,
  options: InflateOptions,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  const { zipFile, limits } = options;
  let inflated = 0;
  let checksum = 0;
  for await (const { bytes, packedBytes } of inflate(packed, options)) {
    inflated += bytes.length;
    refuseTooMuch(inflated, packedBytes, limits);
    if (zipFile !== undefined) checksum = crc32(bytes, checksum);
    yield bytes;
  }
  if (zipFile === undefined) return undefined;
  if (inflated !== zipFile.inflatedBytes || checksum !== zipFile.crc32)
    throw damaged("its content is not what was packed");
  return undefined;
}

interface InflatedPiece {
  readonly bytes: Uint8Array;
  /** How much of the packed file it took so far. */
  readonly packedBytes: number;
}

async function* inflate(
  packed: ByteSource,
  { kind, zipFile }: InflateOptions,
): AsyncGenerator<InflatedPiece> {
  if (zipFile?.isDeflated === false) {
    let packedBytes = 0;
    for await (const bytes of packedPieces(packed)) {
      packedBytes += bytes.length;
      yield { bytes, packedBytes };
    }
    return;
  }
  const options = { chunkSize: INFLATED_PIECE_BYTES };
  const inflater = kind === "gzip" ? createGunzip(options) : createInflateRaw(options);
  const failures: Error[] = [];
  const source = Readable.from(
    (async function* () {
      try {
        yield* packedPieces(packed);
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    })(),
    { objectMode: true, highWaterMark: 1 },
  );
  // Errors arrive where the pieces are taken.
  pipeline(source, inflater, () => undefined);
  try {
    // A stream without encoding yields buffers.
    for await (const bytes of inflater as AsyncIterable<Buffer>)
      yield { bytes, packedBytes: inflater.bytesWritten };
  } catch (cause) {
    // What reading the file threw is told as it is; the rest is the inflater's.
    throw failures[0] ?? damaged(reasonOf(cause), cause);
  }
}

async function* packedPieces(packed: ByteSource): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = new Uint8Array(PIECE_BYTES);
    const count = await packed.read(piece);
    if (count === 0) return;
    yield piece.subarray(0, count);
  }
}

function damaged(what: string, cause?: unknown): SluiceError {
  return new SluiceError("inflate_failed", `The compressed file is damaged or cut: ${what}.`, {
    cause,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
