/** What the figures of a job say, beyond the figures. */
import type { Job } from "../api/types.ts";
import { formatCount, formatCounted, formatDuration, formatPercent } from "../format.ts";
import { kindLine } from "./kind-words.ts";

/** Seconds of running before a time left is shown: less data predicts nothing. */
const ETA_AFTER_SECONDS = 5;
/** The rate of a job is steady to about a fifth, and no figure may promise more. */
const LOW = 0.85;
const HIGH = 1.25;

/** Time left in words, and as a range. `range` is null where there is none to tell. */
export interface TimeLeft {
  readonly text: string;
  readonly range: string | null;
}

/** What remains of a job, or null when nothing runs that reads. */
export function timeLeftOf(job: Job): TimeLeft | null {
  const { etaSeconds } = job.progress;
  if (job.state !== "running" || job.phase === "publishing") return null;
  if (etaSeconds === null || runningSecondsOf(job) < ETA_AFTER_SECONDS)
    return { text: "working out the time left", range: null };
  return { text: `${roundedTime(etaSeconds)} left`, range: rangeOf(etaSeconds) };
}

/** Seconds that a job has run. Messages about progress do not repeat that time, and tell it by the mean rate. */
export function runningSecondsOf({ progress, timing }: Job): number {
  const { recordsRead, recordsPerSecond } = progress;
  const told =
    recordsPerSecond === null || recordsPerSecond === 0 ? 0 : recordsRead / recordsPerSecond;
  return Math.max(timing.runningSeconds, told);
}

function roundedTime(seconds: number): string {
  if (seconds < 2) return "about 1 s";
  if (seconds < 10) return `about ${Math.round(seconds)} s`;
  if (seconds < 55) return `about ${Math.round(seconds / 5) * 5} s`;
  if (seconds < 3570) return `about ${Math.max(1, Math.round(seconds / 60))} min`;
  return `about ${formatDuration(Math.round(seconds / 600) * 600)}`;
}

function rangeOf(seconds: number): string | null {
  const low = Math.floor(seconds * LOW);
  const high = Math.ceil(seconds * HIGH);
  if (seconds < 10) return null;
  if (seconds < 55) return `${low}–${high} s`;
  if (seconds < 3570) return `${Math.max(1, Math.floor(low / 60))}–${Math.ceil(high / 60)} min`;
  return `${formatDuration(Math.floor(low / 600) * 600)} – ${formatDuration(Math.ceil(high / 600) * 600)}`;
}

/** Rows read, and of how many: `482,310 of about 1,000,000 rows`. */
export function rowsOf({ progress, state }: Job): string {
  const { recordsRead, recordsTotal, totalIsEstimate } = progress;
  if (recordsTotal === null || state === "succeeded") return formatCounted(recordsRead, "row");
  const total = totalIsEstimate ? Number(recordsTotal.toPrecision(3)) : recordsTotal;
  const about = totalIsEstimate ? "about " : "";
  return `${formatCount(recordsRead)} of ${about}${formatCounted(total, "row")}`;
}

/** The bar in words, for those who hear it. */
export function barText(job: Job): string {
  const { fraction, recordsWritten, recordsRejected } = job.progress;
  if (job.state === "undone") return `Undone. ${kindLine("leftBehind", job)}`;
  const left = timeLeftOf(job);
  return [
    ...(fraction === null ? [] : [`${formatPercent(fraction).slice(0, -1)} percent`]),
    `${formatCounted(recordsWritten, "row")} ${isWritten(job) ? "written" : "ready"}`,
    `${formatCount(recordsRejected)} rejected`,
    ...(left === null
      ? []
      : [left.text.replace(/ s left$/, " seconds left").replace(/ min left$/, " minutes left")]),
  ].join(", ");
}

/** Whether what is written is where it stays; otherwise it waits to be visible. */
function isWritten(job: Job): boolean {
  return job.kind !== "import" || job.result?.rows === "kept" || job.delivery === "direct";
}

/** Where the rows go: a table, a file, or a process. */
export function destinationOf(job: Job): string {
  switch (job.kind) {
    case "import":
      return job.table;
    case "export":
      return job.fileName;
    case "process":
      return job.process;
    default:
      return job satisfies never;
  }
}

/** Where the rows come from, told from the name of the job: `file → table`, `table → file`, `file → process`, unless a person gave another. */
export function shortNameOf(job: Job): string {
  return job.name.split(" → ")[0] ?? job.name;
}
