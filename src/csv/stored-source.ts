/** The stored bytes of a file, wherever they are: what reading begins with. */
import type { ByteSource } from "../core/ports.ts";

/** A stored file, open for reading ranges of it. */
export interface StoredSource {
  /** Size in bytes. */
  readonly bytes: number;
  /** Opens bytes `start` (included) to `end` (not included). */
  open(range: { readonly start: number; readonly end: number }): Promise<ByteSource>;
}

/** Fills `into` from the source and returns how much there was. */
export async function readFully(source: ByteSource, into: Uint8Array): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const count = await source.read(into.subarray(filled));
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** The bytes of a range, fewer only when the file is shorter. */
export async function readRange(
  stored: StoredSource,
  start: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, stored.bytes - start)));
  const source = await stored.open({ start, end: start + bytes.length });
  try {
    return bytes.subarray(0, await readFully(source, bytes));
  } finally {
    await source.close();
  }
}
