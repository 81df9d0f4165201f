/**
 * The records of one outcome: what the books say, read from the source.
 *
 * The books are read once, so all that is returned is of one moment, however long the reading takes and whatever the job
 * does meanwhile: up to a checkpoint nothing changes any more, and a rejection is committed with the checkpoint that
 * passes it. Rejections are read in pages as the reading gets to them; those that publishing adds, below checkpoints of
 * long ago, are left out by a reading that began before it.
 */
import { SluiceError } from "../core/errors.ts";
import { withFields } from "./correction-service.ts";
import type { OutcomeRecords } from "../core/job-service.ts";
import type {
  RecordReading,
  RecordSource,
  RejectedOffsets,
  SourceRecord,
} from "../core/record-ports.ts";
import {
  rangesFrom,
  rangesOf,
  type RecordOutcome,
  type RecordRange,
} from "../core/record-ranges.ts";
import type { Rejection } from "../core/rejection.ts";
import type { BooksOfRecords, JobStore, RejectionPage } from "../core/store-ports.ts";

/** Rejections that are asked for at once. Each has up to some kilobytes. */
const PAGE_SIZE = 500;

/** See `JobService.openRecords`. */
export async function openOutcomeRecords(
  { jobs, reading }: { readonly jobs: JobStore; readonly reading: RecordReading },
  jobId: string,
  outcome: RecordOutcome,
  { onlyOpen = false }: { readonly onlyOpen?: boolean } = {},
): Promise<OutcomeRecords> {
  const books = await jobs.findBookedRecords(jobId);
  if (books === null) throw forgotten(jobId);
  const source = await openSource(reading, books, outcome);
  const all = rangesOf(books, outcome);
  const rejected: Rejected = {
    jobs,
    jobId,
    isBeforePublishing: books.isBeforePublishing,
    isOpen: onlyOpen,
  };
  const offsets: RejectedOffsets = (range) => rejectedOffsets(rejected, range);
  const needSource = (): RecordSource => {
    if (source instanceof SluiceError) throw source;
    return source;
  };
  const readRejected = (pages: AsyncIterable<readonly Rejection[]>) =>
    withFixes(
      rejected,
      books.plan,
      source instanceof SluiceError ? withoutFields(pages) : source.readRejected(pages),
    );
  return {
    fileName: books.fileName,
    header: source instanceof SluiceError ? [] : source.header,
    encoding: books.plan.encoding,
    read: (from) => {
      const ranges = from === undefined ? all : rangesFrom(all, from);
      return outcome === "rejected"
        ? readRejected(rejections(rejected, ranges))
        : needSource().readRecords(ranges, offsets);
    },
    copy: ({ withReasons = false } = {}) => {
      const from = needSource();
      const head = from.headBytes(withReasons && outcome === "rejected");
      const body =
        outcome === "rejected"
          ? from.copyRejected(rejections(rejected, all), withReasons)
          : from.copyRecords(all, offsets);
      return withHead(head, body);
    },
  };
}

/** Why a record was rejected is in the database: it can be told, without the fields, when the file is gone. */
async function openSource(
  reading: RecordReading,
  { plan }: BooksOfRecords,
  outcome: RecordOutcome,
): Promise<RecordSource | SluiceError> {
  try {
    return await reading.open(plan);
  } catch (error) {
    const isGone = error instanceof SluiceError && error.code === "source_changed";
    if (isGone && outcome === "rejected") return error;
    throw error;
  }
}

async function* withHead(
  head: Uint8Array,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* body;
}

/** Without the source a rejected record has no fields. */
async function* withoutFields(
  pages: AsyncIterable<readonly Rejection[]>,
): AsyncGenerator<readonly SourceRecord[]> {
  for await (const page of pages)
    yield page.map((rejection) => {
      const { record, line, byte, byteLength } = rejection;
      return { record, line, byte, byteLength, fields: null, failure: null, rejection };
    });
}

/** Rejected records with what is known of them beside. */
async function* withFixes(
  { jobs, jobId }: Rejected,
  plan: BooksOfRecords["plan"],
  batches: AsyncIterable<readonly SourceRecord[]>,
): AsyncGenerator<readonly SourceRecord[]> {
  for await (const batch of batches) {
    const numbers = batch.map(({ record }) => record);
    const fixes = await jobs.corrections.findFixes(jobId, numbers);
    const byRecord = new Map(fixes.map((fix) => [fix.record, fix]));
    yield batch.map((each) => {
      const fix = byRecord.get(each.record);
      return fix === undefined ? each : { ...each, fix: withFields(fix, each.rejection, plan) };
    });
  }
}

/** The rejected records of a job, as its books had them. */
interface Rejected {
  readonly jobs: JobStore;
  readonly jobId: string;
  readonly isBeforePublishing: boolean;
  /** Whether only those that no retry has are meant. */
  readonly isOpen?: boolean;
}

async function* rejectedOffsets(
  rejected: Rejected,
  range: RecordRange,
): AsyncGenerator<readonly number[]> {
  if (!range.hasRejected) return;
  const { jobs, jobId } = rejected;
  const pages = pagesOf(rejected, range, (page) => jobs.listRejectedOffsets(jobId, page));
  for await (const page of pages) yield page.map(({ byte }) => byte);
}

async function* rejections(
  rejected: Rejected,
  ranges: readonly RecordRange[],
): AsyncGenerator<readonly Rejection[]> {
  const { jobs, jobId } = rejected;
  for (const range of ranges)
    yield* pagesOf(rejected, range, (page) => jobs.listRejections(jobId, page));
}

/** What is rejected in a range, page by page, and nothing that was committed since. */
async function* pagesOf<Each extends { readonly record: number; readonly byte: number }>(
  { jobs, jobId, isBeforePublishing, isOpen = false }: Rejected,
  { start, endByte }: RecordRange,
  list: (page: RejectionPage) => Promise<readonly Each[]>,
): AsyncGenerator<readonly Each[]> {
  let afterRecord = start.record - 1;
  for (;;) {
    const found = await list({ limit: PAGE_SIZE, afterRecord, isBeforePublishing, isOpen });
    const inside = found.filter(({ byte }) => byte < endByte);
    const isLast = inside.length < PAGE_SIZE;
    // A job that is deleted takes its rejections with it. What ends early for that reason must not pass for all of them.
    if (isLast && (await jobs.findJob(jobId)) === null) throw forgotten(jobId);
    if (inside.length > 0) yield inside;
    if (isLast) return;
    afterRecord = inside.at(-1)?.record ?? afterRecord;
  }
}

function forgotten(jobId: string): SluiceError {
  return new SluiceError("not_found", `There is no job ${jobId}.`);
}
