/** Jobs as the JSON of the API. Every door shows a job by `jobView`, so all of them agree. */
import { isDryRun, type DryRunOutcome } from "../core/dry-run.ts";
import {
  fractionOf,
  tableLabel,
  type ExportJob,
  type ImportJob,
  type Job,
  type ProcessJob,
} from "../core/job.ts";
import { actionsOf } from "../core/job-actions.ts";
import { readingWarnings } from "../core/reading-notes.ts";
import { undoOutlook } from "../core/undo.ts";
import type { ProgressMessage, Receipt } from "./schemas/history.ts";
import type {
  ExportJobView,
  ImportJobView,
  JobView,
  ProcessJobView,
  ProgressView,
} from "./schemas/job.ts";
import { exportDecisions } from "./export-view.ts";
import { processDecisions, processReceipt, processResultView } from "./process-view.ts";

const FRACTION_STEPS = 1_000_000;

/** A job, whole. */
export function jobView(job: Job): JobView {
  switch (job.kind) {
    case "import":
      return importView(job);
    case "export":
      return exportView(job);
    case "process":
      return processView(job);
    default:
      return job satisfies never;
  }
}

function importView(job: ImportJob): ImportJobView {
  const { request, result } = job;
  return {
    ...commonView(job),
    kind: "import",
    file: job.file.id,
    upload: job.upload && { ...job.upload },
    table: tableLabel(job.target),
    mode: request.mode ?? "create",
    columns: { ...request.columns },
    types: { ...request.types },
    reading: { ...request.reading },
    isSample: request.sample === true,
    isDryRun: isDryRun(job),
    key: request.key === undefined ? null : [...request.key],
    delivery: request.delivery ?? "staged",
    onConflict: request.onConflict ?? "reject",
    maxRejected: request.maxRejected ?? null,
    pauseAfter: request.pauseAfter ?? null,
    ...retryView(job),
    result: result && {
      rows: result.rows,
      rowsInserted: result.rowsInserted,
      rowsUpdated: result.rowsUpdated ?? 0,
      rowsUnchanged: result.rowsUnchanged ?? 0,
      rowsReplaced: result.rowsReplaced ?? 0,
      rowsRemoved: result.rowsRemoved ?? 0,
      rowsRestored: result.rowsRestored ?? 0,
      rowsLeft: result.rowsLeft ?? 0,
      rowsFailed: result.rowsFailed ?? 0,
      dryRun: result.dryRun === undefined ? null : dryRunView(result.dryRun),
      isTableDropped: result.isTableDropped ?? false,
    },
  };
}

function dryRunView({
  changes,
  ...counts
}: DryRunOutcome): NonNullable<NonNullable<ImportJobView["result"]>["dryRun"]> {
  return {
    ...counts,
    changes: changes.map(({ key, columns, ...change }) => ({
      ...change,
      key: { ...key },
      columns: columns.map((column) => ({ ...column })),
    })),
  };
}

function exportView(job: ExportJob): ExportJobView {
  const common = commonView(job);
  const { result } = job;
  return {
    ...common,
    kind: "export",
    ...exportDecisions(job.plan),
    result: result && {
      file: result.file,
      name: result.name,
      bytes: result.bytes,
      sha256: result.sha256,
      rowsExported: result.rows,
    },
    links: { ...common.links, result: `/v1/jobs/${job.id}/result` },
  };
}

function processView(job: ProcessJob): ProcessJobView {
  const common = commonView(job);
  const { request, plan } = job;
  return {
    ...common,
    kind: "process",
    ...processDecisions(plan),
    file: job.file.id,
    maxRejected: request.maxRejected ?? null,
    pauseAfter: request.pauseAfter ?? null,
    ...retryView(job),
    result: processResultView(job),
    links: {
      ...common.links,
      result: plan.outputHeader && `/v1/jobs/${job.id}/result`,
      log: `/v1/jobs/${job.id}/log`,
    },
  };
}

/** Whether it is a retry, and what retries have done about its rejected records. */
function retryView({
  retry,
  retries,
  progress,
}: ImportJob | ProcessJob): Pick<ImportJobView, "isRetry" | "retries"> {
  const recordsOpen = Math.max(progress.rejected - retries.recordsRetried, 0);
  return { isRetry: retry !== null, retries: { recordsOpen, recordsFixed: retries.recordsFixed } };
}

/** What the views of all kinds have. */
function commonView(job: Job): Omit<
  ExportJobView,
  "kind" | "result" | "links" | keyof ReturnType<typeof exportDecisions>
> & {
  readonly links: ImportJobView["links"];
} {
  const { failure } = job;
  return {
    id: job.id,
    name: job.name,
    state: job.state,
    phase: job.phase,
    stateReason: {
      code: job.stateReason.code,
      by: job.stateReason.by,
      at: job.stateReason.at.toISOString(),
    },
    progress: progressView(job),
    checkpoint: checkpointOf(job),
    timing: {
      createdAt: job.createdAt.toISOString(),
      startedAt: timeOf(job.startedAt),
      endedAt: timeOf(job.endedAt),
      runningSeconds: job.runningSeconds,
      pausedSeconds: job.pausedSeconds,
    },
    maxRecordsPerSecond: job.maxRecordsPerSecond,
    actions: [...actionsOf(job)],
    failure: failure && { ...failure },
    undo: undoOf(job),
    parent: job.parent,
    createdBy: job.createdBy,
    links: {
      self: `/v1/jobs/${job.id}`,
      events: `/v1/events?job=${job.id}`,
      records: `/v1/jobs/${job.id}/records`,
      parent: job.parent && `/v1/jobs/${job.parent}`,
      children: `/v1/jobs?parent=${job.id}`,
    },
  };
}

/** What moved since the last message, for `job.progress`. */
export function progressMessage(job: Job): ProgressMessage {
  return { id: job.id, progress: progressView(job), checkpoint: checkpointOf(job) };
}

/** What became of every record of a job, so far when it has not ended. */
export function receiptView(job: Job): Receipt {
  const { read, written, rejected, filtered } = job.progress;
  const common = {
    job: job.id,
    state: job.state,
    endedAt: timeOf(job.endedAt),
    records: { read, written, rejected, filtered },
    output: null,
    undo: null,
  };
  const isAccounted = read === written + rejected + filtered;
  if (job.kind === "export") {
    const { result, plan } = job;
    const isWhole = result === null || result.rows === written;
    return {
      ...common,
      isBalanced: isAccounted && isWhole,
      file: result && { name: result.name, bytes: result.bytes, sha256: result.sha256 },
      rows: null,
      warnings: plan.warnings
        .filter(({ code }) => code === "values_changed")
        .map((warning) => ({ ...warning })),
    };
  }
  if (job.kind === "process") {
    const { isWhole, ...facts } = processReceipt(job);
    return { ...common, isBalanced: isAccounted && isWhole, ...facts };
  }
  const { rowsInserted: inserted = 0, rowsUpdated: updated = 0 } = job.result ?? {};
  const unchanged = job.result?.rowsUnchanged ?? 0;
  const isKept = job.result?.rows === "kept";
  return {
    ...common,
    isBalanced: isAccounted && (!isKept || written === inserted + updated + unchanged),
    file: { name: job.file.name, bytes: job.file.bytes, sha256: job.file.sha256 },
    rows: job.result?.dryRun === undefined ? job.result && { inserted, updated, unchanged } : null,
    undo: importUndo(job.result),
    warnings: readingWarnings(job.notes).map(({ code, message }) => ({ code, message })),
  };
}

/** What became of the rows of an import that was undone; null where none were visible. */
function importUndo(result: ImportJob["result"]): Receipt["undo"] {
  if (result === null || result.rowsRemoved === undefined) return null;
  return {
    removed: result.rowsRemoved,
    restored: result.rowsRestored ?? 0,
    left: result.rowsLeft ?? 0,
    failed: result.rowsFailed ?? 0,
    failedReasons: (result.failedReasons ?? []).map((reason) => ({ ...reason })),
  };
}

/** Identifies what a reader has seen of a job. Weak: the times go on while nothing else changes. */
export function etagOf(job: Job): string {
  return `W/"${job.version}-${job.progress.bytesRead}"`;
}

/** The version of the job in what `etagOf` made; one that no job has for any other text. */
export function versionOf(etag: string): number {
  const [, version = "-1"] = /^W\/"(\d{1,10})-\d+"$/.exec(etag) ?? [];
  return Number(version);
}

function progressView(job: Job): ProgressView {
  const { read, written, rejected, filtered, bytesRead, bytesTotal } = job.progress;
  const { total, isEstimate } = totalOf(job);
  const fraction = fractionOf(job);
  return {
    recordsRead: read,
    recordsWritten: written,
    recordsRejected: rejected,
    recordsFiltered: filtered,
    recordsTotal: total,
    totalIsEstimate: isEstimate,
    bytesRead,
    bytesTotal,
    fraction: fraction === null ? null : Math.round(fraction * FRACTION_STEPS) / FRACTION_STEPS,
    recordsPerSecond: speedOf(job),
    etaSeconds: etaOf(job),
  };
}

function totalOf(job: Job): { readonly total: number | null; readonly isEstimate: boolean } {
  const { read, bytesRead, bytesTotal } = job.progress;
  if (job.state === "succeeded") return { total: read, isEstimate: false };
  if (job.kind === "export")
    return { total: Math.max(job.plan.estimate.rows, read), isEstimate: true };
  if (bytesTotal === null) return { total: null, isEstimate: true };
  if ((job.kind === "process" || job.upload === null) && bytesTotal > 0 && bytesRead >= bytesTotal)
    return { total: read, isEstimate: false };
  const total = bytesRead > 0 && read > 0 ? Math.round((read * bytesTotal) / bytesRead) : null;
  return { total, isEstimate: true };
}

function speedOf(job: Job): number | null {
  if (job.progress.read === 0 || job.runningSeconds <= 0) return null;
  return Math.round((job.progress.read / job.runningSeconds) * 10) / 10;
}

function etaOf(job: Job): number | null {
  const isReading = job.state === "running" && job.phase !== "publishing";
  const fraction = fractionOf(job);
  if (!isReading || fraction === null || fraction === 0 || job.runningSeconds <= 0) return null;
  return Math.ceil(((1 - fraction) * job.runningSeconds) / fraction);
}

function checkpointOf(job: Job): JobView["checkpoint"] {
  return { recordsRead: job.progress.read, at: timeOf(job.progress.checkpointAt) };
}

function undoOf(job: Job): JobView["undo"] {
  const { refusal, until } = undoOutlook(job);
  return { possible: refusal === null, until: timeOf(until), reason: refusal };
}

function timeOf(date: Date | null): string | null {
  return date && date.toISOString();
}
