/**
 * Reads the records of a job again, from the source that it read: as texts, or as the bytes that they are.
 *
 * A cursor finds where records start and end, by the same scanner as the job. Bytes are copied by a second window, in
 * runs as long as nothing is left out between records, so that what is copied never depends on how text was decoded. Work
 * is done in slices, and between two of them other work of the thread gets its turn. Nothing is read ahead of who takes it.
 */
import { setImmediate } from "node:timers/promises";
import type { ReadingPlan } from "../../core/import-plan.ts";
import type { FileStore } from "../../core/ports.ts";
import type {
  RecordReading,
  RecordSource,
  RejectedOffsets,
  SourceRecord,
} from "../../core/record-ports.ts";
import type { RecordRange } from "../../core/record-ranges.ts";
import type { Rejection } from "../../core/rejection.ts";
import { SCAN_OUTCOMES } from "../../csv/scanned-record.ts";
import { copyRange, inBlocks } from "./copy-range.ts";
import { checkSource } from "./check-source.ts";
import { ForwardWindow } from "./forward-window.ts";
import { RecordCursor } from "./record-cursor.ts";
import { headWithReasons, leadingFields, readHead, type RecordHead } from "./record-head.ts";
import { sourceOpening, type SourceOpening } from "./source-opening.ts";

/** How much is read at once where records follow each other, in bytes. */
const READ_BYTES = 256 * 1024;
/** The same where they are far apart. */
const SPARSE_READ_BYTES = 64 * 1024;
/** Source bytes between two turns of other work: where bytes are copied, and where texts are made of them. */
const COPIED_SLICE_BYTES = 256 * 1024;
const TEXT_SLICE_BYTES = 64 * 1024;

/** How a reading is tuned. */
export interface ReadingTuning {
  /** How much is read from the source at once, in bytes, at least 1. Defaults to 256 KiB, and 64 KiB for rejections. */
  readonly readBytes?: number;
}

/** Reads the sources of imports again. */
export function createRecordReading(files: FileStore, tuning: ReadingTuning = {}): RecordReading {
  const sizes = {
    readBytes: tuning.readBytes ?? READ_BYTES,
    sparseReadBytes: tuning.readBytes ?? SPARSE_READ_BYTES,
  };
  return {
    open: async (plan) => {
      await checkSource(files, plan);
      const pass = { plan, opening: sourceOpening(files, plan), ...sizes };
      return createSource(pass, await headOf(pass));
    },
  };
}

async function headOf({ plan, opening, readBytes }: Pass): Promise<RecordHead> {
  const window = new ForwardWindow(opening, { readBytes, transcoder: null });
  const pieces: Uint8Array[] = [];
  try {
    const whole = { fromByte: 0, toByte: plan.start.byte };
    for await (const piece of copyRange(window, whole)) pieces.push(piece);
  } finally {
    await window.close();
  }
  return readHead(Buffer.concat(pieces), plan);
}

/** What a pass works with. */
interface Pass {
  readonly plan: ReadingPlan;
  readonly opening: SourceOpening;
  readonly readBytes: number;
  readonly sparseReadBytes: number;
}

function createSource(pass: Pass, head: RecordHead): RecordSource {
  const { plan } = pass;
  return {
    header: head.header,
    encoding: plan.encoding,
    headBytes: (withReasons) => (withReasons ? headWithReasons(head, plan) : head.bytes),
    readRecords: (ranges, rejected) => readRecords(pass, ranges, rejected),
    copyRecords: (ranges, rejected) => inBlocks(copyRecords(pass, ranges, rejected)),
    readRejected: (pages) => readRejected(pass, pages),
    copyRejected: (pages, withReasons) => inBlocks(copyRejected(pass, pages, withReasons)),
  };
}

async function* readRecords(
  { plan, opening, readBytes }: Pass,
  ranges: readonly RecordRange[],
  rejected: RejectedOffsets,
): AsyncGenerator<readonly SourceRecord[]> {
  const cursor = new RecordCursor(plan, opening, readBytes);
  try {
    for (const range of ranges) {
      let records: SourceRecord[] = [];
      const taker = {
        sliceBytes: TEXT_SLICE_BYTES,
        record: () => void records.push(cursor.read(null)),
        rest: () => void records.push(cursor.readRest(range.endByte)),
        flush: () => {
          const batch = records;
          records = [];
          return batch;
        },
      };
      for await (const batch of walk(cursor, range, rejected, taker))
        if (batch.length > 0) yield batch;
    }
  } finally {
    await cursor.close();
  }
}

async function* copyRecords(
  { plan, opening, readBytes }: Pass,
  ranges: readonly RecordRange[],
  rejected: RejectedOffsets,
): AsyncGenerator<Uint8Array> {
  const cursor = new RecordCursor(plan, opening, readBytes);
  const copied = new ForwardWindow(opening, { readBytes, transcoder: null });
  try {
    for (const range of ranges) {
      let runs: { fromByte: number; toByte: number }[] = [];
      const add = (fromByte: number, toByte: number): void => {
        const last = runs.at(-1);
        if (last?.toByte === fromByte) last.toByte = toByte;
        else runs.push({ fromByte, toByte });
      };
      const taker = {
        sliceBytes: COPIED_SLICE_BYTES,
        record: () => add(cursor.byte, cursor.nextByte),
        rest: () => add(cursor.byte, range.endByte),
        flush: () => {
          const batch = runs;
          runs = [];
          return batch;
        },
      };
      for await (const batch of walk(cursor, range, rejected, taker))
        for (const run of batch) yield* copyRange(copied, run);
    }
  } finally {
    await cursor.close();
    await copied.close();
  }
}

/** What is done at each record that is not left out, and where the rest of a range cannot be told apart. */
interface Taker<Batch> {
  readonly sliceBytes: number;
  readonly record: () => void;
  readonly rest: () => void;
  /** Everything since the last time. */
  readonly flush: () => Batch;
}

/** Goes over the records of a range but the rejected ones, and yields a batch after each slice. */
async function* walk<Batch>(
  cursor: RecordCursor,
  range: RecordRange,
  rejected: RejectedOffsets,
  taker: Taker<Batch>,
): AsyncGenerator<Batch> {
  await cursor.moveTo(range.start);
  let sliceEnd = range.start.byte + taker.sliceBytes;
  const pages = rejected(range)[Symbol.asyncIterator]();
  try {
    let page = await nextPage(pages);
    let index = 0;
    while (cursor.byte < range.endByte) {
      const outcome = cursor.scan();
      if (outcome === SCAN_OUTCOMES.more) {
        await cursor.readMore();
        continue;
      }
      if (cursor.isFailure) {
        taker.rest();
        break;
      }
      while (index < page.length && (page[index] ?? 0) < cursor.byte) index++;
      if (index === page.length && page.length > 0) {
        page = await nextPage(pages);
        index = 0;
        continue;
      }
      if (cursor.isRecord && page[index] !== cursor.byte) taker.record();
      cursor.pass();
      if (cursor.byte < sliceEnd) continue;
      sliceEnd = cursor.byte + taker.sliceBytes;
      yield taker.flush();
      await setImmediate();
    }
    yield taker.flush();
  } finally {
    await pages.return?.();
  }
}

/** The next offsets that there are; none at the end. */
async function nextPage(pages: AsyncIterator<readonly number[]>): Promise<readonly number[]> {
  for (;;) {
    const { done, value } = await pages.next();
    if (done === true) return [];
    if (value.length > 0) return value;
  }
}

async function* readRejected(
  { plan, opening, sparseReadBytes }: Pass,
  pages: AsyncIterable<readonly Rejection[]>,
): AsyncGenerator<readonly SourceRecord[]> {
  const cursor = new RecordCursor(plan, opening, sparseReadBytes);
  try {
    for await (const page of pages) {
      const records: SourceRecord[] = [];
      for (const rejection of page) {
        await findRecord(cursor, rejection);
        records.push(cursor.read(rejection));
      }
      yield records;
    }
  } finally {
    await cursor.close();
  }
}

async function* copyRejected(
  { plan, opening, sparseReadBytes }: Pass,
  pages: AsyncIterable<readonly Rejection[]>,
  withReasons: boolean,
): AsyncGenerator<Uint8Array> {
  const cursor = new RecordCursor(plan, opening, sparseReadBytes);
  const copied = new ForwardWindow(opening, { readBytes: sparseReadBytes, transcoder: null });
  try {
    for await (const page of pages) {
      for (const rejection of page) {
        await findRecord(cursor, rejection);
        if (withReasons) yield reasonsOf(rejection, plan);
        yield* copyRange(copied, { fromByte: cursor.byte, toByte: cursor.nextByte });
      }
      await setImmediate();
    }
  } finally {
    await cursor.close();
    await copied.close();
  }
}

async function findRecord(cursor: RecordCursor, rejection: Rejection): Promise<void> {
  await cursor.moveTo(rejection);
  while (cursor.scan() === SCAN_OUTCOMES.more) await cursor.readMore();
}

function reasonsOf({ line, column, code, message }: Rejection, plan: ReadingPlan): Uint8Array {
  return leadingFields([String(line), column ?? "", code, message], plan);
}
