/**
 * Retries: jobs over the rejected records of another one, corrected.
 *
 * A retry is an ordinary job over a file. Stored corrections are written to a file for it, and so are the records of a
 * corrected file that says by its columns of reasons which they are; any other corrected file is read as it is. The row of a
 * written file is there before its first byte and is a file only with the job: what a process that dies in between leaves is
 * found as an upload whose receiver is gone (`upload-rescue.ts`).
 *
 * What must always hold: no record is written by two retries. Which are taken is decided in the transaction that creates the
 * job (`src/store/claim-records.ts`).
 */
import { isDryRun } from "../core/dry-run.ts";
import { SluiceError } from "../core/errors.ts";
import type { ClaimedRecords, CorrectedFile, RetryClaim } from "../core/correction.ts";
import { judgeAction } from "../core/job-state.ts";
import {
  tableLabel,
  type ImportJob,
  type ImportRequest,
  type Job,
  type ProcessJob,
  type StoredFile,
} from "../core/job.ts";
import { actionsOf, situationOf } from "../core/job-actions.ts";
import type { JobService } from "../core/job-service.ts";
import type { ImportPlan } from "../core/import-plan.ts";
import type { ProcessPlan, ProcessRequest } from "../core/process-plan.ts";
import type { ReadingOptions } from "../core/reading-options.ts";
import { booksOf } from "./correction-service.ts";
import type { JobServiceOptions } from "./create-job-service.ts";
import { getJob } from "./get-job.ts";
import { tableClaimed, toNewJob } from "./new-job.ts";
import type { Planning } from "./planning.ts";
import { newProcess } from "./process-service.ts";
import { writeFile, type WrittenFile } from "./written-file.ts";

/** Corrections that are read at once. Each has up to a mebibyte, and nearly all some hundred bytes. */
const PAGE_SIZE = 100;

interface RetryTools extends JobServiceOptions {
  readonly planning: Planning;
}

/** The part of the job service that is about retries. */
export function createRetryService(
  options: JobServiceOptions,
  planning: Planning,
): Pick<JobService, "retryJob"> {
  return {
    retryJob: (jobId, { file }, actor, { idempotencyKey } = {}) =>
      retryJob(
        { ...options, planning },
        { jobId, file: file ?? null, key: idempotencyKey ?? null, by: actor.by },
      ),
  };
}

interface Asked {
  readonly jobId: string;
  readonly file: string | null;
  readonly key: string | null;
  readonly by: string;
}

async function retryJob(tools: RetryTools, asked: Asked): ReturnType<JobService["retryJob"]> {
  const { jobs, nudge } = tools;
  const { jobId, file, key } = asked;
  const known = key === null ? null : await jobs.findJobByIdempotencyKey(key);
  if (known !== null) return { job: repeatedRetry(known, asked), isNew: false };
  const parent = retriable(await getJob(jobs, jobId));
  const { plan, fileName } = await booksOf(jobs, jobId);
  await requireTarget(tools, plan);
  const work: Work = { tools, parent, plan, fileName, header: await headerOf(tools, plan) };
  const source = await (file === null ? fromCorrections(work) : fromFile(work, file));
  const { outcome, id } = await source.whileOpen(() => insert(work, source, asked));
  if (outcome === "key_used") return retryJob(tools, asked);
  nudge();
  return { job: await getJob(jobs, id), isNew: true };
}

/** Errors: `idempotency_key_reused`. */
function repeatedRetry(known: Job, { jobId, file }: Asked): Job {
  if (known.parent === jobId && known.retry !== null && known.retry.file === file) return known;
  throw new SluiceError(
    "idempotency_key_reused",
    `This Idempotency-Key belongs to ${known.id}, which was asked for with another body.`,
  );
}

/** The job, when its rejected records can be retried. Errors: `transition_not_allowed`, `nothing_to_retry`. */
function retriable(job: Job): ImportJob | ProcessJob {
  const { state, progress, retries } = job;
  const details = { state, actions: actionsOf(job) };
  if (job.kind === "export")
    throw new SluiceError("transition_not_allowed", "An export has no rejected rows.", { details });
  if (judgeAction("retry", situationOf(job)) === "allowed") return job;
  if (isDryRun(job))
    throw new SluiceError(
      "transition_not_allowed",
      "A dry run has written nothing, so there is nothing to add its rejected rows to. Run it again for that.",
      { details },
    );
  const isKept = state === "succeeded" || (state === "stopped" && job.result?.rows === "kept");
  if (isKept)
    throw new SluiceError(
      "nothing_to_retry",
      progress.rejected === 0
        ? "No row was rejected."
        : `All ${retries.recordsRetried} rejected rows are in retries: see the jobs that were made from ${job.id}.`,
      { details },
    );
  const isUndone = state === "undone" || state === "stopped";
  throw new SluiceError(
    "transition_not_allowed",
    isUndone
      ? "The rows of this job were undone, so its rejected rows are not retried: run it again."
      : `The job is ${state}: its rejected rows can be retried when it has ended and its rows are kept.`,
    { details },
  );
}

async function requireTarget({ jobs }: RetryTools, plan: ImportPlan | ProcessPlan): Promise<void> {
  if (!("target" in plan) || (await jobs.describeTable(plan.target)) !== null) return;
  throw new SluiceError(
    "target_gone",
    `There is no table ${tableLabel(plan.target)} any more that the corrected rows could be added to.`,
  );
}

interface Work {
  readonly tools: RetryTools;
  readonly parent: ImportJob | ProcessJob;
  readonly plan: ImportPlan | ProcessPlan;
  readonly fileName: string;
  readonly header: readonly string[];
}

/** The header of the file of the job; what the plan knows of it when the file is gone. */
async function headerOf(
  { reading }: RetryTools,
  plan: ImportPlan | ProcessPlan,
): Promise<readonly string[]> {
  if (!("columns" in plan)) return plan.header;
  try {
    return (await reading.open(plan)).header;
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "source_changed") throw error;
    const known = new Map(plan.columns.map(({ field, header }) => [field, header]));
    return Array.from({ length: plan.width }, (_, at) => known.get(at) ?? `column_${at + 1}`);
  }
}

/** What a retry reads. */
interface RetrySource {
  readonly file: StoredFile;
  readonly reading: ReadingOptions;
  readonly records: ClaimedRecords;
  readonly made: RetryClaim["made"];
  /** Creates the job over it. When that fails a file that was written for it is removed. */
  readonly whileOpen: WrittenFile["whileOpen"];
}

async function fromCorrections({
  tools,
  parent,
  plan,
  fileName,
  header,
}: Work): Promise<RetrySource> {
  const { jobs, corrections } = tools;
  const numbers: number[] = [];
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield corrections.headOf(plan, header);
    for (;;) {
      const page = await jobs.corrections.listFitting(parent.id, {
        limit: PAGE_SIZE,
        afterRecord: numbers.at(-1) ?? 0,
      });
      for (const { record } of page) numbers.push(record);
      for (const { source } of page) yield Buffer.concat([source, LINE_END]);
      if (page.length < PAGE_SIZE) return;
    }
  };
  const counts = await jobs.corrections.countCorrections(parent.id);
  if (counts.recordsFitting === 0)
    throw new SluiceError(
      "nothing_to_retry",
      `None of the ${counts.recordsOpen} rejected rows has a correction that fits.`,
    );
  const { file, made, whileOpen } = await writeFile(tools, correctedName(fileName), pieces());
  const reading = corrections.readingOf(plan, parent.request.reading ?? {});
  return { file, made, whileOpen, reading, records: { by: "record", numbers } };
}

const LINE_END = Uint8Array.of(0x0a);

async function fromFile(work: Work, fileId: string): Promise<RetrySource> {
  const { tools, parent, plan, fileName, header } = work;
  const file = await tools.planning.getFile(fileId);
  const asked = parent.request.reading ?? {};
  const corrected = await tools.corrections.openFile(file, { plan, header, asked });
  if (!corrected.hasReasons) {
    const records: ClaimedRecords = { by: "all", atLeast: await countRecords(corrected) };
    return {
      file,
      made: null,
      reading: corrected.reading,
      records,
      whileOpen: (create) => create(),
    };
  }
  const numbers: number[] = [];
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield corrected.head;
    for await (const batch of corrected.records()) {
      const known = batch.filter((record) => record !== null);
      for (const { line } of known) numbers.push(line);
      if (known.length > 0) yield Buffer.concat(known.map(({ source }) => source));
    }
  };
  const written = await writeFile(tools, correctedName(fileName), pieces());
  const { bareReading: reading } = corrected;
  return { ...written, reading, records: { by: "line", numbers } };
}

/** Errors: `nothing_to_retry`. */
async function countRecords(corrected: CorrectedFile): Promise<number> {
  let count = 0;
  for await (const batch of corrected.records()) count += batch.length;
  if (count === 0) throw new SluiceError("nothing_to_retry", "The corrected file has no rows.");
  return count;
}

/** `people.csv.gz` becomes `people-corrected.csv`. */
function correctedName(fileName: string): string {
  const base = fileName.replace(/\.(?:gz|zip)$/i, "").replace(/\.[a-z]{1,4}$/i, "");
  return `${base === "" ? "rows" : base}-corrected.csv`;
}

async function insert(
  { tools, parent, plan, header }: Work,
  source: RetrySource,
  { key, by, file: askedFile }: Asked,
): Promise<{ readonly outcome: string; readonly id: string }> {
  const { jobs, planning, settings } = tools;
  const { file, reading, records, made } = source;
  const retry: RetryClaim = { file: askedFile, records, made };
  const creation = {
    door: "api",
    createdBy: by,
    idempotencyKey: key,
    parent: parent.id,
    retry,
  } as const;
  if (!("columns" in plan) || parent.kind === "process") {
    const request = { ...processRequest(parent), file: file.id, reading };
    const job = await newProcess(tools, request, creation, file);
    return { outcome: await jobs.insertProcess(job), id: job.id };
  }
  const request = { ...importRequest(plan, header), file: file.id, reading };
  const id = jobs.newJobId();
  const planned = await planning.planAgain(request, id, file);
  const job = toNewJob({ plan: planned, file }, request, settings, { id, ...creation });
  const outcome = await jobs.insertJob(job);
  if (outcome === "table_claimed") throw tableClaimed(job);
  return { outcome, id };
}

/** What is asked of the process again. */
function processRequest({ request }: Job): Omit<ProcessRequest, "file" | "reading"> {
  if (request.kind !== "process") throw new TypeError("a process was asked for as one");
  const { process, params } = request;
  return { kind: "process", process, ...(params === undefined ? {} : { params }) };
}

/** An import of the same fields into the same columns, which the table has by now. */
function importRequest(
  plan: ImportPlan,
  header: readonly string[],
): Omit<ImportRequest, "file" | "reading"> {
  const byField = new Map(plan.columns.map(({ field, column }) => [field, column]));
  const columns = header.map((text, field) => {
    const isPlain =
      header.indexOf(text) === header.lastIndexOf(text) && !/^(#\d+|__proto__|)$/.test(text);
    return [isPlain ? text : `#${field + 1}`, byField.get(field) ?? null] as const;
  });
  return {
    kind: "import",
    table: tableLabel(plan.target),
    // A replaced table is there by now, and so is a new one: more rows are added.
    ...(plan.mode === "upsert" && plan.matchedBy !== undefined
      ? { mode: plan.mode, key: plan.matchedBy }
      : { mode: "append" }),
    columns: Object.fromEntries(columns),
    ...(plan.delivery === undefined ? {} : { delivery: plan.delivery }),
    ...(plan.onConflict === undefined ? {} : { onConflict: plan.onConflict }),
  };
}
