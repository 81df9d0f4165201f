/** Reads what a plan is made from: the first bytes of what a stored file holds, blocks of the rest, and its size. */
import type { StoredFile } from "../../core/job.ts";
import type { ByteSource, FileStore, SourceSample } from "../../core/ports.ts";
import { decideReading, type ReadingOptions } from "../../core/reading-options.ts";
import { countLineFeeds } from "../../csv/bytes.ts";
import { findPacking, openSource } from "../../csv/packed-source.ts";
import type { SampleBlock } from "../../csv/sample-block.ts";
import { readFully, readRange, type StoredSource } from "../../csv/stored-source.ts";
import { MAX_SAMPLED_RECORDS } from "./sample-columns.ts";

/** Bytes from the start of the file that encoding, dialect and columns are told from. */
const SAMPLE_BYTES = 4 * 1024 * 1024;
/** And as many where the first 10,000 records are not in them. */
const LONG_SAMPLE_BYTES = 4 * SAMPLE_BYTES;
/** A sample that is followed by a byte. */
export const ARRIVING_SAMPLE_BYTES = SAMPLE_BYTES + 1;
const BLOCK_BYTES = 64 * 1024;
const BLOCK_COUNT = 16;

/** See `ImportPlanner.readSample`. */
export async function readSample(
  files: Pick<FileStore, "open">,
  file: StoredFile,
  options: { readonly reading: ReadingOptions; readonly isMeasured: boolean },
): Promise<SourceSample> {
  const stored = storedFile(files, file);
  const limits = decideReading(options.reading);
  const packing = await findPacking(stored);
  const source = await openSource(stored, { packing, limits }, { start: 0 });
  try {
    const { bytes: sample, isWhole } = await readHead(source);
    if (isWhole)
      return { sample, isWhole, sourceBytes: sample.length, ...(packing ? { packing } : {}) };
    if (packing === undefined) {
      const blocks = await spreadBlocks(stored, sample.length);
      return { sample, isWhole, blocks, sourceBytes: stored.bytes };
    }
    if (!options.isMeasured) return { sample, isWhole, sourceBytes: sample.length, packing };
    // How much a packed file holds is known when all of it was inflated; the blocks are kept on the way.
    const rest = await gatherBlocks(source);
    const sourceBytes = sample.length + rest.bytes;
    return { sample, isWhole, blocks: rest.blocks, sourceBytes, packing };
  } finally {
    await source.close();
  }
}

/** See `ImportPlanner.readArrivingSample`. The beginning is the same that `readSample` reads of the whole file. */
export async function readArrivingSample(
  files: Pick<FileStore, "open">,
  file: { readonly id: string; readonly bytes: number },
): Promise<SourceSample | "later" | "whole"> {
  if (file.bytes < ARRIVING_SAMPLE_BYTES) return "later";
  const stored = storedFile(files, file);
  if ((await findPacking(stored)) !== undefined) return "whole";
  const source = await stored.open({ start: 0, end: file.bytes });
  try {
    const { bytes: sample, isWhole } = await readHead(source);
    return isWhole || sample.length === file.bytes ? "later" : { sample, isWhole };
  } finally {
    await source.close();
  }
}

/** A file of a store as reading sees it. */
export function storedFile(
  files: Pick<FileStore, "open">,
  file: { readonly id: string; readonly bytes: number },
): StoredSource {
  return { bytes: file.bytes, open: (range) => files.open(file.id, range) };
}

async function readHead(source: ByteSource): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const head = new Uint8Array(SAMPLE_BYTES);
  const length = await readFully(source, head);
  if (length < SAMPLE_BYTES) return { bytes: head.subarray(0, length), isWhole: true };
  if (countLineFeeds(head) > MAX_SAMPLED_RECORDS) return { bytes: head, isWhole: false };
  const long = new Uint8Array(LONG_SAMPLE_BYTES);
  long.set(head);
  const more = await readFully(source, long.subarray(SAMPLE_BYTES));
  const bytes = long.subarray(0, SAMPLE_BYTES + more);
  return { bytes, isWhole: bytes.length < LONG_SAMPLE_BYTES };
}

/** Blocks evenly over what follows the sample; the last one ends the file. */
async function spreadBlocks(stored: StoredSource, from: number): Promise<readonly SampleBlock[]> {
  const rest = stored.bytes - from;
  const count = Math.min(BLOCK_COUNT, Math.ceil(rest / BLOCK_BYTES));
  const blocks: SampleBlock[] = [];
  for (let index = 1; index <= count; index++) {
    const end = from + Math.floor((rest * index) / count);
    // Even places, for encodings of two bytes.
    const start = Math.max(from, end - BLOCK_BYTES - (end & 1));
    const bytes = await readRange(stored, start, end - start);
    blocks.push({ bytes, isEnd: end === stored.bytes });
  }
  return blocks;
}

/**
 * Reads a source to its end, whose place is not known before: keeps every block at first, every second one when there
 * are twice as many as wanted, then every fourth, and so on.
 */
async function gatherBlocks(
  source: ByteSource,
): Promise<{ readonly bytes: number; readonly blocks: readonly SampleBlock[] }> {
  let kept: SampleBlock[] = [];
  let stride = 1;
  let bytes = 0;
  const piece = new Uint8Array(BLOCK_BYTES);
  for (let index = 0; ; index++) {
    const length = await readFully(source, piece);
    bytes += length;
    const isEnd = length < BLOCK_BYTES;
    if (length > 0 && (index % stride === 0 || isEnd))
      kept.push({ bytes: piece.slice(0, length), isEnd });
    if (isEnd) return { bytes, blocks: kept };
    if (kept.length < 2 * BLOCK_COUNT) continue;
    kept = kept.filter((_, at) => at % 2 === 0);
    stride *= 2;
  }
}
