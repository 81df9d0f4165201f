/**
 * The search for parts in a file that still arrives.
 *
 * What is there is scanned once, with the rules of every search. A part is cut at the last record start of it, so that
 * whoever reads waits for nothing; at the size that a whole file would be cut at where more is there; and never below the
 * least size, since each part costs a claim. A record start counts only when the byte behind it is there: it may be the
 * LF of a CRLF. What lies behind the last cut is scanned again by the next search, once: the one that waits asks for as
 * much again as it had in vain. A record that is too large for the job is left to the part that it is in, which fails.
 */
import type { ImportPlan } from "../../core/import-plan.ts";
import type { FileStore, PartBoundary } from "../../core/ports.ts";
import type { Arrived, FollowedUpload } from "../../core/upload-ports.ts";
import { BoundaryFinder, type RecordStart } from "../../csv/boundary-finder.ts";
import { READ_BYTES } from "../../csv/source-window.ts";
import { changedSource } from "./check-source.ts";
import type { ReaderOptions } from "./part-reader.ts";

/** Most bytes of a line end. */
export const LINE_END = 2;
/** A better place to cut at is looked for so often, in bytes of source. */
const LOOK_BYTES = 64 * 1024;

interface Following {
  readonly plan: ImportPlan;
  readonly from: RecordStart;
  readonly upload: FollowedUpload;
}

/** See `PartWork.followParts`. */
export async function* followParts(
  files: Pick<FileStore, "open">,
  following: Following,
  options: ReaderOptions,
): AsyncGenerator<PartBoundary> {
  const { plan, from, upload } = following;
  const finder = new BoundaryFinder(plan.dialect, from);
  const cut = new Cut(upload, from);
  let scannedTo = from.byte;
  let arrived: Arrived = await upload.look();
  const mostOpen = plan.reading.maxRecordBytes + LINE_END;
  while (scannedTo < arrived.bytes) {
    const scan = {
      start: scannedTo,
      end: arrived.bytes,
      readBytes: options.readBytes ?? READ_BYTES,
    };
    yield* scanRange(files, plan.source.file, scan, { finder, cut, mostOpen });
    if (finder.openBytes > mostOpen) {
      const isLast = arrived.isWhole;
      yield boundaryAt(
        isLast ? { ...finder.position, byte: arrived.bytes } : finder.position,
        isLast,
      );
      return;
    }
    scannedTo = arrived.bytes;
    if (arrived.isWhole) break;
    arrived = await upload.look();
  }
  if (arrived.isWhole) {
    finder.finish();
    yield boundaryAt(finder.position, true);
  } else if (cut.candidate !== null) yield boundaryAt(cut.candidate, false);
}

/** Scans bytes that are there, and yields each place where enough is behind the last cut. */
async function* scanRange(
  files: Pick<FileStore, "open">,
  fileId: string,
  scan: { readonly start: number; readonly end: number; readonly readBytes: number },
  search: { readonly finder: BoundaryFinder; readonly cut: Cut; readonly mostOpen: number },
): AsyncGenerator<PartBoundary> {
  const { finder, cut, mostOpen } = search;
  const source = await files.open(fileId, { start: scan.start, end: scan.end });
  try {
    const buffer = new Uint8Array(scan.readBytes);
    for (let at = scan.start; at < scan.end && finder.openBytes <= mostOpen;) {
      const length = await source.read(buffer);
      if (length === 0) throw changedSource(scan.end, at);
      at += length;
      for (
        let index = finder.feed(buffer, 0, length, cut.target);
        index >= 0;
        index = finder.feed(buffer, index, length, cut.target)
      )
        if (cut.isLargeAt(finder.position, scan.end)) yield boundaryAt(finder.position, false);
    }
  } finally {
    await source.close();
  }
}

/** Where the next part is cut. */
class Cut {
  readonly #upload: FollowedUpload;
  #from: number;
  /** The last place at which a part may end, behind the last cut. */
  candidate: RecordStart | null = null;
  /** Where the next record start is looked for. */
  target: number;

  constructor(upload: FollowedUpload, from: RecordStart) {
    this.#upload = upload;
    this.#from = from.byte;
    this.target = from.byte + upload.leastPartBytes(from.byte);
  }

  /** Takes a record start at or behind the target; true when the part that ends there is large, and is cut. */
  isLargeAt(place: RecordStart, arrivedBytes: number): boolean {
    if (place.byte - this.#from < this.#upload.partBytes(this.#from, arrivedBytes)) {
      this.candidate = place;
      this.target = place.byte + LOOK_BYTES;
      return false;
    }
    this.candidate = null;
    this.#from = place.byte;
    this.target = place.byte + this.#upload.leastPartBytes(place.byte);
    return true;
  }
}

/** The boundary at a place that a search has found. */
export function boundaryAt(position: RecordStart, isLast: boolean): PartBoundary {
  return {
    endByte: position.byte,
    nextRecord: position.record,
    nextLine: position.line,
    isLast,
  };
}
