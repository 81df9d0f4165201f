/** Opens what a stored file holds, whether it is packed or not. Offsets count what is inside. */
import type { ByteSource } from "../core/ports.ts";
import type { Packing } from "../core/import-plan.ts";
import type { InflateLimits } from "../core/inflate-limits.ts";
import { packingOf } from "./file-format.ts";
import { inflatedSource } from "./inflated-source.ts";
import { readRange, type StoredSource } from "./stored-source.ts";
import { findZipFile } from "./zip-directory.ts";

const HEAD_BYTES = 512;
const SKIPPED_PIECE_BYTES = 256 * 1024;

/** How a packed file is opened. `packing` is undefined for a file that is not packed. */
export interface SourceOptions {
  readonly packing: Packing | undefined;
  readonly limits: InflateLimits;
}

/** How a file is packed, told by its first bytes; undefined when it is not. */
export async function findPacking(stored: StoredSource): Promise<Packing | undefined> {
  const kind = packingOf(await readRange(stored, 0, HEAD_BYTES));
  return kind === null ? undefined : { kind, storedBytes: stored.bytes };
}

/**
 * The source from the offset `start` to `end`, or to its end. Reading a packed file costs inflating everything before
 * `start`. Errors: `inflate_failed`, `inflate_limit`, and for zip archives `unsupported_format`.
 */
export async function openSource(
  stored: StoredSource,
  options: SourceOptions,
  range: { readonly start: number; readonly end?: number },
): Promise<ByteSource> {
  const { packing, limits } = options;
  if (packing === undefined)
    return stored.open({ start: range.start, end: range.end ?? stored.bytes });
  const zipFile = packing.kind === "zip" ? await findZipFile(stored) : undefined;
  const place = zipFile ?? { start: 0, end: stored.bytes };
  const packed = await stored.open({ start: place.start, end: place.end });
  const source = inflatedSource(packed, {
    kind: packing.kind,
    limits,
    ...(zipFile === undefined ? {} : { zipFile }),
  });
  try {
    await skip(source, range.start);
  } catch (error) {
    await source.close();
    throw error;
  }
  return source;
}

/** The size of a source: of a packed file what it inflates to, which only inflating all of it tells. */
export async function sizeOfSource(stored: StoredSource, options: SourceOptions): Promise<number> {
  if (options.packing === undefined) return stored.bytes;
  const source = await openSource(stored, options, { start: 0 });
  try {
    return await skip(source, Infinity);
  } finally {
    await source.close();
  }
}

/** Reads up to `wanted` bytes away, and returns how many there were. */
export async function skip(source: ByteSource, wanted: number): Promise<number> {
  const piece = new Uint8Array(Math.min(wanted, SKIPPED_PIECE_BYTES));
  let skipped = 0;
  while (skipped < wanted) {
    const count = await source.read(piece.subarray(0, Math.min(piece.length, wanted - skipped)));
    if (count === 0) break;
    skipped += count;
  }
  return skipped;
}
