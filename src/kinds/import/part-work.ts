/**
 * What an import does with the bytes of a file: reads parts, and finds where parts may end.
 *
 * Written rows are exactly once: a chunk is encoded completely before its transaction begins, and reading it again from
 * the same checkpoint gives the same bytes.
 */
import type { ImportPlan } from "../../core/import-plan.ts";
import { OPEN_END, type Part } from "../../core/job.ts";
import type {
  ByteSource,
  FileStore,
  PartBoundary,
  PartReader,
  PartWork,
} from "../../core/ports.ts";
import { BoundaryFinder, type RecordStart } from "../../csv/boundary-finder.ts";
import { READ_BYTES } from "../../csv/source-window.ts";
import { changedSource, checkSource } from "./check-source.ts";
import { DraftPool } from "./chunk-draft.ts";
import { boundaryAt, followParts, LINE_END } from "./follow-parts.ts";
import { ImportPartReader, type ReaderOptions } from "./part-reader.ts";
import { openPlanned } from "./source-opening.ts";

/** The work of the kind `import` over the files of a store. */
export function createImportWork(files: FileStore, given: ReaderOptions = {}): PartWork {
  const options = { drafts: new DraftPool(), ...given };
  return {
    async openPart(plan, part) {
      await checkSource(files, plan);
      return openReader(files, plan, part, options);
    },
    findParts: (plan, from, partBytes) => findParts(files, { plan, from, partBytes }, options),
    followParts: (plan, from, upload) => followParts(files, { plan, from, upload }, options),
  };
}

async function openReader(
  files: FileStore,
  plan: ImportPlan,
  part: Part,
  options: ReaderOptions,
): Promise<PartReader> {
  // A part of a file that arrives is followed by a byte that is there, whatever was there when the plan was read.
  const end = Math.min(
    part.endByte + 1,
    plan.source.isArriving === true ? OPEN_END : plan.source.bytes,
  );
  const source = await openPlanned(files, plan, { start: part.nextByte, end });
  return new ImportPartReader(plan, part, source, options);
}

async function* findParts(
  files: FileStore,
  search: {
    readonly plan: ImportPlan;
    readonly from: RecordStart;
    readonly partBytes: (from: number) => number;
  },
  options: ReaderOptions,
): AsyncGenerator<PartBoundary> {
  const { plan, from } = search;
  await checkSource(files, plan);
  const end = plan.source.bytes;
  const source = await files.open(plan.source.file, { start: from.byte, end });
  try {
    const finder = new BoundaryFinder(plan.dialect, from);
    const partBytes = plan.isSplittable ? search.partBytes : () => Infinity;
    const { maxRecordBytes } = plan.reading;
    yield* findBoundaries(
      source,
      finder,
      { end, partBytes, maxRecordBytes },
      options.readBytes ?? READ_BYTES,
    );
    finder.finish();
    // Also where the search was given up: the part then fails at its record that is too large.
    yield boundaryAt({ ...finder.position, byte: end }, true);
  } finally {
    await source.close();
  }
}

/** Yields the boundaries before the end of the file, or before a record that fails the job by its length. */
async function* findBoundaries(
  source: ByteSource,
  finder: BoundaryFinder,
  goal: {
    readonly end: number;
    readonly partBytes: (from: number) => number;
    readonly maxRecordBytes: number;
  },
  readBytes: number,
): AsyncGenerator<PartBoundary> {
  const buffer = new Uint8Array(readBytes);
  let target = finder.position.byte + goal.partBytes(finder.position.byte);
  while (finder.position.byte < goal.end && finder.openBytes <= goal.maxRecordBytes + LINE_END) {
    const length = await source.read(buffer);
    if (length === 0) throw changedSource(goal.end, finder.position.byte);
    let index = finder.feed(buffer, 0, length, target);
    while (index >= 0) {
      yield boundaryAt(finder.position, false);
      target = finder.position.byte + goal.partBytes(finder.position.byte);
      index = finder.feed(buffer, index, length, target);
    }
  }
}
