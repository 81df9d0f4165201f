/** Jobs as the JSON of the API. Every door shows a job by `jobView`, so all of them agree. */
import { actionsOf, fractionOf, tableLabel, type Job } from "../core/job.ts";
import { readingWarnings } from "../core/reading-notes.ts";
import type { ProgressMessage, Receipt } from "./schemas/history.ts";
import type { JobView, ProgressView } from "./schemas/job.ts";

const FRACTION_STEPS = 1_000_000;

/** A job, whole. */
export function jobView(job: Job): JobView {
  const { request, failure, result } = job;
  return {
    id: job.id,
    kind: job.kind,
    name: job.name,
    state: job.state,
    phase: job.phase,
    stateReason: {
      code: job.stateReason.code,
      by: job.stateReason.by,
      at: job.stateReason.at.toISOString(),
    },
    file: job.file.id,
    upload: job.upload && { ...job.upload },
    table: tableLabel(job.target),
    mode: request.mode ?? "create",
    columns: { ...request.columns },
    types: { ...request.types },
    key: request.key === undefined ? null : [...request.key],
    delivery: request.delivery ?? "staged",
    maxRejected: request.maxRejected ?? null,
    pauseAfter: request.pauseAfter ?? null,
    progress: progressView(job),
    checkpoint: checkpointOf(job),
    timing: {
      createdAt: job.createdAt.toISOString(),
      startedAt: timeOf(job.startedAt),
      endedAt: timeOf(job.endedAt),
      runningSeconds: job.runningSeconds,
      pausedSeconds: job.pausedSeconds,
    },
    actions: [...actionsOf(job)],
    failure: failure && { ...failure },
    result: result && {
      rows: result.rows,
      rowsInserted: result.rowsInserted,
      rowsRemoved: result.rowsRemoved ?? 0,
      rowsLeft: result.rowsLeft ?? 0,
    },
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
  const inserted = job.result?.rowsInserted ?? 0;
  const isKept = job.result?.rows === "kept";
  return {
    job: job.id,
    state: job.state,
    endedAt: timeOf(job.endedAt),
    isBalanced: read === written + rejected + filtered && (!isKept || written === inserted),
    file: { name: job.file.name, bytes: job.file.bytes, sha256: job.file.sha256 },
    records: { read, written, rejected, filtered },
    rows: job.result && { inserted, updated: 0, unchanged: 0 },
    warnings: [...readingWarnings(job.notes)],
    undo: null,
  };
}

/** Identifies what a reader has seen of a job. Weak: the times go on while nothing else changes. */
export function etagOf(job: Job): string {
  return `W/"${job.version}-${job.progress.bytesRead}"`;
}

function progressView(job: Job): ProgressView {
  const { read, written, rejected, filtered, bytesRead, bytesTotal } = job.progress;
  const fraction = fractionOf(job);
  const isWholeFileRead =
    job.state === "succeeded" ||
    (job.upload === null && bytesTotal !== null && bytesTotal > 0 && bytesRead >= bytesTotal);
  const estimate =
    bytesRead > 0 && read > 0 && bytesTotal !== null
      ? Math.round((read * bytesTotal) / bytesRead)
      : null;
  return {
    recordsRead: read,
    recordsWritten: written,
    recordsRejected: rejected,
    recordsFiltered: filtered,
    recordsTotal: isWholeFileRead ? read : estimate,
    totalIsEstimate: !isWholeFileRead,
    bytesRead,
    bytesTotal,
    fraction: fraction === null ? null : Math.round(fraction * FRACTION_STEPS) / FRACTION_STEPS,
    recordsPerSecond: speedOf(job),
    etaSeconds: etaOf(job),
  };
}

function speedOf(job: Job): number | null {
  if (job.progress.read === 0 || job.runningSeconds <= 0) return null;
  return Math.round((job.progress.read / job.runningSeconds) * 10) / 10;
}

function etaOf(job: Job): number | null {
  const { bytesRead, bytesTotal } = job.progress;
  const isReading = job.state === "running" && job.phase !== "publishing";
  if (!isReading || bytesTotal === null || bytesRead === 0 || job.runningSeconds <= 0) return null;
  return Math.ceil(((bytesTotal - bytesRead) * job.runningSeconds) / bytesRead);
}

function checkpointOf(job: Job): JobView["checkpoint"] {
  return { recordsRead: job.progress.read, at: timeOf(job.progress.checkpointAt) };
}

function undoOf(job: Job): JobView["undo"] {
  const refusal = undoRefusalOf(job);
  return { possible: refusal === null, until: null, reason: refusal };
}

function undoRefusalOf(job: Job): JobView["undo"]["reason"] {
  if (job.state === "stopping" || job.state === "undoing") return "underway";
  if (job.state === "undone" || job.result?.rows === "undone") return "already_undone";
  if (job.result?.rows === "kept") return "rows_published";
  // What is left can be undone: by `stop` while the job is active, by `undo` after it failed.
  return actionsOf(job).some((action) => action === "stop" || action === "undo")
    ? null
    : "already_undone";
}

function timeOf(date: Date | null): string | null {
  return date && date.toISOString();
}
