/** Reads what a plan is made from: the first bytes of what a stored file holds, and how much that is. */
import type { StoredFile } from "../../core/job.ts";
import type { FileStore, SourceSample } from "../../core/ports.ts";
import { decideReading, type ReadingOptions } from "../../core/reading-options.ts";
import { findPacking, openSource, sizeOfSource } from "../../csv/packed-source.ts";
import { readFully, type StoredSource } from "../../csv/stored-source.ts";

/** Bytes of the file that its columns are told from. */
const SAMPLE_BYTES = 4 * 1024 * 1024;

/** See `ImportPlanner.readSample`. */
export async function readSample(
  files: FileStore,
  file: StoredFile,
  options: { readonly reading: ReadingOptions; readonly isMeasured: boolean },
): Promise<SourceSample> {
  const stored = storedFile(files, file);
  const limits = decideReading(options.reading);
  const packing = await findPacking(stored);
  const source = await openSource(stored, { packing, limits }, { start: 0 });
  try {
    // One byte more than the sample tells whether it is all.
    const bytes = new Uint8Array(SAMPLE_BYTES + 1);
    const length = await readFully(source, bytes);
    const isWhole = length <= SAMPLE_BYTES;
    const sample = bytes.subarray(0, Math.min(length, SAMPLE_BYTES));
    if (packing === undefined) return { sample, isWhole, sourceBytes: stored.bytes };
    const isKnown = isWhole || !options.isMeasured;
    const sourceBytes = isKnown ? length : await sizeOfSource(stored, { packing, limits });
    return { sample, isWhole, sourceBytes, packing };
  } finally {
    await source.close();
  }
}

/** A file of a store as reading sees it. */
export function storedFile(
  files: FileStore,
  file: { readonly id: string; readonly bytes: number },
): StoredSource {
  return { bytes: file.bytes, open: (range) => files.open(file.id, range) };
}
