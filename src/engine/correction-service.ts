/** What the doors can ask of corrections. See `JobService` for the promises. */
import { SluiceError } from "../core/errors.ts";
import type { Corrections, RecordCorrection, RecordFix } from "../core/correction.ts";
import type { JobService } from "../core/job-service.ts";
import type { SourceRecord } from "../core/record-ports.ts";
import type { Rejection } from "../core/rejection.ts";
import type { BooksOfRecords, JobStore } from "../core/store-ports.ts";
import { getJob } from "./get-job.ts";

/** What the service of corrections works with. */
export interface CorrectionServiceOptions {
  readonly jobs: JobStore;
  readonly corrections: Corrections;
}

type CorrectionMethods = "correctRecords" | "deleteCorrections" | "countCorrections";

/** The part of the job service that is about corrections. */
export function createCorrectionService(
  options: CorrectionServiceOptions,
): Pick<JobService, CorrectionMethods> {
  const { jobs } = options;
  return {
    correctRecords: (jobId, items, actor) => correctRecords(options, jobId, items, actor.by),
    deleteCorrections: async (jobId, record) => {
      await getJob(jobs, jobId);
      const count = await jobs.corrections.deleteCorrections(jobId, record);
      if (record === undefined || count > 0) return;
      await findRejected(jobs, jobId, [record]);
    },
    countCorrections: async (jobId) => {
      await getJob(jobs, jobId);
      return jobs.corrections.countCorrections(jobId);
    },
  };
}

async function correctRecords(
  { jobs, corrections }: CorrectionServiceOptions,
  jobId: string,
  items: readonly RecordCorrection[],
  by: string,
): Promise<readonly SourceRecord[]> {
  const { plan } = await booksOf(jobs, jobId);
  const numbers = items.map(({ record }) => record);
  const fixes = await findRejected(jobs, jobId, numbers);
  const held = [...fixes.values()].find(({ retriedBy }) => retriedBy !== null);
  if (held !== undefined)
    throw new SluiceError(
      "already_retried",
      `Record ${held.record} belongs to ${held.retriedBy}: what that one rejects is corrected there.`,
    );
  const rejections = await jobs.corrections.findRejections(jobId, numbers);
  const byRecord = new Map(rejections.map((rejection) => [rejection.record, rejection]));
  const wanted = items.flatMap((item) => {
    const rejection = byRecord.get(item.record);
    return rejection === undefined ? [] : [{ ...item, rejection }];
  });
  const corrected = await corrections.correct(plan, wanted);
  const saved = await jobs.corrections.saveCorrections(jobId, corrected, by);
  const savedBy = new Map(saved.map((each) => [each.record, each]));
  return corrected.map(({ record, original }) => ({
    ...original,
    fix: withFields(
      { record, correction: savedBy.get(record) ?? null, retriedBy: null },
      original.rejection,
      plan,
    ),
  }));
}

/** What is known of a record, with the places of the fields that do not fit. */
export function withFields(
  fix: RecordFix,
  rejection: Rejection | null,
  plan: BooksOfRecords["plan"],
): RecordFix {
  const fieldOf = (column: string | null): number | null => {
    const field =
      "columns" in plan
        ? plan.columns.find((each) => each.column === column)?.field
        : plan.fields.findIndex((name) => name === column);
    return field === undefined || field < 0 ? null : field;
  };
  const { correction } = fix;
  return {
    ...fix,
    field: fieldOf(rejection?.column ?? null),
    correction: correction && {
      ...correction,
      field: fieldOf(correction.problem?.column ?? null),
    },
  };
}

/** What the books say of the records of a job. Errors: `not_found`; `invalid_request` for an export, which has no records. */
export async function booksOf(jobs: JobStore, jobId: string): Promise<BooksOfRecords> {
  const books = await jobs.findBookedRecords(jobId);
  if (books !== null) return books;
  const { kind } = await getJob(jobs, jobId);
  throw new SluiceError("invalid_request", `An ${kind} has no rejected rows to correct.`);
}

/** Errors: `not_found` for a record that was not rejected. */
async function findRejected(
  jobs: JobStore,
  jobId: string,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, RecordFix>> {
  const fixes = await jobs.corrections.findFixes(jobId, numbers);
  const byRecord = new Map(fixes.map((fix) => [fix.record, fix]));
  const missing = numbers.find((record) => !byRecord.has(record));
  if (missing === undefined) return byRecord;
  throw new SluiceError("not_found", `${jobId} has not rejected a record ${missing}.`);
}
