/** Domain objects as the JSON of the API: files, records, events, plans. Jobs have a file of their own. */
import type { Correction } from "../core/correction.ts";
import type { ImportPlan, PlanWarning, ReadingPlan } from "../core/import-plan.ts";
import { tableLabel, type JobEvent, type StoredFile } from "../core/job.ts";
import type { Inspection } from "../core/inspection.ts";
import type { JobActivity } from "../core/job-activity.ts";
import type { SourceRecord } from "../core/record-ports.ts";
import { REJECTION_CODES, type Rejection } from "../core/rejection.ts";
import type { ActivityView } from "./schemas/activity.ts";
import type { FileView } from "./schemas/file.ts";
import type { TimelineEventView } from "./schemas/history.ts";
import type { PlanView } from "./schemas/import-request.ts";
import type { InspectionView } from "./schemas/inspection.ts";
import type { RecordProblemView, RecordView, RejectedRecordView } from "./schemas/record.ts";

const EXAMPLES_PER_COLUMN = 3;

/** A stored file as JSON. */
export function fileView(file: StoredFile): FileView {
  return {
    id: file.id,
    name: file.name,
    bytes: file.bytes,
    sha256: file.sha256,
    createdAt: file.createdAt.toISOString(),
  };
}

/** A record as JSON; of a rejected one with the reasons. Bytes that are not UTF-8 are shown as U+FFFD. */
export function recordView(shown: SourceRecord): RecordView | RejectedRecordView {
  const { record, line, byte, rejection, failure } = shown;
  if (rejection !== null) return rejectedView(shown);
  const view = { record, line, byte, fields: shown.fields && [...shown.fields] };
  if (failure === null) return view;
  return { ...view, failure: { code: failure.code, message: failure.message } };
}

/** A rejected record as JSON, with its correction. */
export function rejectedView(shown: SourceRecord): RejectedRecordView {
  const { record, line, byte, fields, rejection, fix } = shown;
  if (rejection === null) throw new TypeError("a rejected record has a rejection");
  const view = { record, line, byte, fields: fields && [...fields] };
  const correction = correctionView(fix?.correction ?? null);
  return Object.assign(view, reasonsOf(rejection), {
    field: fix?.field ?? null,
    correction,
    retriedBy: fix?.retriedBy ?? null,
  });
}

function correctionView(correction: Correction | null): RejectedRecordView["correction"] {
  if (correction === null) return null;
  const { fields, problem, by, at } = correction;
  return {
    fields: [...fields],
    fits: problem === null,
    field: correction.field ?? null,
    column: problem?.column ?? null,
    value: problem?.value ?? null,
    code: problem?.code ?? null,
    reason: problem === null ? null : REJECTION_CODES[problem.code],
    message: problem?.message ?? null,
    by,
    at: at.toISOString(),
  };
}

function problemView(rejection: Rejection): RecordProblemView {
  const { record, line, byte } = rejection;
  return { record, line, byte, ...reasonsOf(rejection) };
}

function reasonsOf(rejection: Rejection) {
  const { column, value, code, message, raw, byteLength } = rejection;
  return {
    column,
    value,
    code,
    reason: REJECTION_CODES[code],
    message,
    raw: new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw),
    rawIsTruncated: raw.length < byteLength,
  };
}

/** A line of the timeline as JSON. */
export function timelineEventView(event: JobEvent): TimelineEventView {
  return {
    id: event.id,
    job: event.jobId,
    type: event.type,
    at: event.at.toISOString(),
    by: event.by,
    details: { ...event.details },
  };
}

/** What a job is at, as JSON. */
export function activityView(job: string, activity: JobActivity): ActivityView {
  const { jobsAhead, workerLostAt, lock, recordsUndone } = activity;
  return {
    job,
    jobsAhead,
    workerLostAt: workerLostAt && workerLostAt.toISOString(),
    lock: lock && {
      pid: lock.pid,
      since: lock.since && lock.since.toISOString(),
      query: lock.query,
    },
    recordsUndone,
  };
}

/** The decisions of an import that was not created. */
export function planView(plan: ImportPlan): PlanView {
  return {
    validateOnly: true,
    table: tableLabel(plan.target),
    mode: plan.mode,
    reading: readingOf(plan),
    columns: columnsOf(plan),
    key: [...(plan.key ?? plan.matchedBy ?? [])],
    warnings: plan.warnings.map(warningView),
  };
}

function warningView({
  code,
  message,
  columns,
  values,
}: PlanWarning): PlanView["warnings"][number] {
  return {
    code,
    message,
    ...(columns === undefined ? {} : { columns: [...columns] }),
    ...(values === undefined ? {} : { values: [...values] }),
  };
}

/** What inspecting a file said. */
export function inspectionView(inspection: Inspection): InspectionView {
  const { file, plan, evidence, survey, sample, targetExists } = inspection;
  const { problems, rejectedByCode, rejectedByColumn, failure, ...counts } = survey;
  return {
    file: file.id,
    name: file.name,
    bytes: file.bytes,
    packing: plan.source.packing?.kind ?? null,
    sourceBytes: plan.source.bytes,
    table: tableLabel(plan.target),
    tableExists: targetExists,
    reading: {
      ...readingOf(plan),
      encodingReason: evidence.encoding,
      delimiterReason: evidence.delimiter,
    },
    columns: columnsOf(plan).map((column) => ({
      ...column,
      examples: examplesOf(sample, column.number - 1),
    })),
    sample: sample.map((record) => [...record]),
    survey: {
      ...counts,
      rejectedByCode: { ...rejectedByCode },
      rejectedByColumn: { ...rejectedByColumn },
      failure,
    },
    problems: problems.map(problemView),
    warnings: plan.warnings.map(warningView),
  };
}

/** How a file is read, as it was decided. */
export function readingOf(
  plan: Pick<ReadingPlan, "encoding" | "dialect" | "start">,
): PlanView["reading"] {
  return {
    delimiter: Buffer.from([
      plan.dialect.delimiter,
      ...(plan.dialect.delimiterRest ?? []),
    ]).toString(),
    quote: String.fromCharCode(plan.dialect.quote),
    escape: String.fromCharCode(plan.dialect.escape),
    encoding: plan.encoding,
    firstRecordLine: plan.start.line,
  };
}

function columnsOf(plan: Pick<ImportPlan, "columns">): PlanView["columns"] {
  return plan.columns.map(
    ({ field, header, column, type, sqlType, isRequired, reason, spelling, offers }) => ({
      number: field + 1,
      header,
      column,
      type,
      sqlType,
      isRequired,
      reason,
      ...(spelling === undefined ? {} : { spelling: { ...spelling } }),
      ...(offers === undefined ? {} : { offers: offers.map((offer) => ({ ...offer })) }),
    }),
  );
}

function examplesOf(sample: Inspection["sample"], field: number): string[] {
  const values = sample.map((record) => record[field] ?? "").filter((value) => value !== "");
  return [...new Set(values)].slice(0, EXAMPLES_PER_COLUMN);
}
