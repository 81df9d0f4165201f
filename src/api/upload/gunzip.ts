/** Undoes `Content-Encoding: gzip` of a body while it arrives. */
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { SluiceError } from "../../core/errors.ts";
import { refuseTooMuch } from "../../core/inflate-limits.ts";
import { decideReading } from "../../core/reading-options.ts";

/**
 * The bytes that `packed` inflates to. Errors: `inflate_failed` where they are damaged or cut, `inflate_limit`. What
 * `packed` throws is thrown again.
 */
export async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const limits = decideReading({});
  const failures: unknown[] = [];
  const noted = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* packed;
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  const inflater = createGunzip();
  // Errors arrive where the pieces are taken.
  pipeline(Readable.from(noted()), inflater, () => undefined);
  let inflated = 0;
  try {
    // A stream without encoding yields buffers.
    for await (const piece of inflater as AsyncIterable<Buffer>) {
      inflated += piece.length;
      refuseTooMuch(inflated, inflater.bytesWritten, limits);
      yield piece;
    }
  } catch (cause) {
    if (cause instanceof SluiceError || failures.includes(cause)) throw cause;
    throw new SluiceError(
      "inflate_failed",
      `The body says Content-Encoding: gzip, but cannot be inflated: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}
