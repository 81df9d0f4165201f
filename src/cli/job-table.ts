/** Jobs as a table and as a page of facts. */
import type { JobView, ProcessJobView } from "../client/index.ts";
import { adviceFor } from "./error-view.ts";
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatCounted,
  formatDuration,
  formatPercent,
  shortId,
} from "./format.ts";
import { isWithoutRows, resultFileOf } from "./job-facts.ts";
import { timeLeftOf } from "./progress-view.ts";
import { speedText } from "./speed.ts";
import { tableOf } from "./job-facts.ts";
import { STATE_WORDS } from "./state-words.ts";
import type { Style } from "./terminal/style.ts";
import { renderTable, type TableColumn } from "./terminal/table.ts";
import { printable } from "./terminal/text.ts";

const COLUMNS: readonly TableColumn[] = [
  { title: "ID" },
  { title: "JOB", isFlexible: true },
  { title: "STATE" },
  { title: "PROGRESS" },
  { title: "ROWS", align: "right" },
  { title: "REJECTED", align: "right" },
  { title: "STARTED" },
];

/** The table of `sluice jobs`, title line first. `columns` null: nothing is cut. */
export function jobTable(
  jobs: readonly JobView[],
  view: { readonly columns: number | null; readonly style: Style; readonly now: number },
): readonly string[] {
  const ids = jobs.map((job) => job.id);
  const rows = jobs.map((job) => [
    shortId(job.id, ids),
    printable(job.name),
    view.style(STATE_WORDS[job.state].tone, job.state),
    progressCell(job),
    formatCount(job.progress.recordsRead),
    formatCount(job.progress.recordsRejected),
    formatAgo(Date.parse(job.timing.startedAt ?? job.timing.createdAt), view.now),
  ]);
  return renderTable(COLUMNS, rows, view.columns);
}

function progressCell(job: JobView): string {
  const percent = formatPercent(job.progress.fraction);
  const left = job.progress.etaSeconds === null ? null : timeLeftOf(job);
  return left === null ? percent : `${percent} ${left.replace(/ left$/, "")}`;
}

/** The lines of `sluice show`. */
export function jobPage(
  job: JobView,
  view: { readonly style: Style; readonly now: number },
): readonly string[] {
  const words = STATE_WORDS[job.state];
  const { progress, timing } = job;
  const facts: readonly Fact[] = [
    ["id", job.id],
    ["kind", kindText(job)],
    job.kind === "process" ? paramsFact(job) : ["table", tableOf(job)],
    [
      "read",
      `${formatPercent(progress.fraction)}   ${formatCounted(progress.recordsRead, "row")}   ` +
        `${formatBytes(progress.bytesRead)} of ${totalText(job)}`,
    ],
    job.kind !== "import" || job.upload === null
      ? null
      : ["arrived", formatBytes(job.upload.bytesArrived)],
    job.parent === null ? null : ["made from", shortId(job.parent)],
    fileFact(job),
    ["balance", balanceText(job)],
    job.maxRecordsPerSecond === null
      ? null
      : ["speed", `at most ${speedText(job.maxRecordsPerSecond)}`],
    progress.recordsRejected === 0
      ? null
      : ["rejected", `sluice rejected ${shortId(job.id)} lists them`],
    timing.startedAt === null
      ? null
      : [
          "time",
          `${formatDuration(timing.runningSeconds)} running, ` +
            `${formatDuration(timing.pausedSeconds)} paused`,
        ],
    [
      "created",
      `${formatAgo(Date.parse(timing.createdAt), view.now)} by ${printable(job.createdBy)}`,
    ],
    job.failure === null ? null : ["failure", failureText(job.failure)],
    job.actions.length === 0 ? null : ["possible", job.actions.join(", ")],
  ];
  const state = isWithoutRows(job)
    ? view.style("warn", `! ${words.word}`)
    : view.style(words.tone, `${words.icon} ${words.word}`);
  return [
    `${view.style("strong", printable(job.name))}   ${state}`,
    `  ${words.line(job, view.now)}`,
    ...facts
      .filter((fact) => fact !== null)
      .map(([name, value]) => `  ${view.style("dim", name.padEnd(9))} ${value}`),
  ];
}

function totalText(job: JobView): string {
  const { bytesTotal } = job.progress;
  if (bytesTotal === null) return "a file that arrives";
  const isAbout = job.kind === "export" && job.result === null;
  return `${isAbout ? "about " : ""}${formatBytes(bytesTotal)}`;
}

type Fact = readonly [string, string] | null;

function kindText(job: JobView): string {
  switch (job.kind) {
    case "import":
      return `import, ${job.mode}, ${job.isDryRun ? "dry run" : job.delivery}`;
    case "export":
      return `export, ${job.method}, ${job.format.type}`;
    case "process":
      return `process ${printable(job.process)}, ${formatCounted(job.batchSize, "row")} a batch, ${job.hasUndo ? "with" : "without"} undo`;
    default:
      return job satisfies never;
  }
}

function paramsFact({ params }: ProcessJobView): Fact {
  const text = printable(JSON.stringify(params));
  return text === "{}" ? null : ["params", text];
}

/** How the file that a job has made is had. */
function fileFact(job: JobView): Fact {
  const file = resultFileOf(job);
  return file && ["file", `sluice result ${shortId(job.id)} -o ${printable(file.name)}`];
}

function failureText({ code, advice }: NonNullable<JobView["failure"]>): string {
  const text = adviceFor(code, advice);
  return text === null ? code : `${code}: ${printable(text)}`;
}

function balanceText(job: JobView): string {
  const { recordsRead, recordsWritten, recordsRejected, recordsFiltered } = job.progress;
  const filtered = recordsFiltered === 0 ? "" : ` + ${formatCount(recordsFiltered)} filtered`;
  return (
    `${formatCount(recordsRead)} read = ${formatCount(recordsWritten)} ${job.kind === "import" && job.isDryRun ? "fit" : "written"} + ` +
    `${formatCount(recordsRejected)} rejected${filtered}`
  );
}
