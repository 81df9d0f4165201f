/** How far a job is, how fast it goes, and what it left out. */
import type { Activity, ExportJob, ImportJob, Job, ProcessJob } from "../../api/types.ts";
import { clock } from "../../clock.ts";
import { formatBytes, formatCount, formatDuration, formatPercent } from "../../format.ts";
import { rowsOf, runningSecondsOf, timeLeftOf } from "../../jobs/figures.ts";
import { isInTable } from "../../jobs/kind-words.ts";
import {
  peakRate,
  ratePoints,
  recentRate,
  sampleCount,
  samplesOf,
} from "../../jobs/rate-samples.ts";
import { wordsOf } from "../../jobs/state-words.ts";
import { JobBar } from "../../ui/bar.tsx";
import { RejectedPart } from "./rejected-part.tsx";
import { ResultCard } from "./result-card.tsx";
import { SampleCard } from "./sample-card.tsx";
import { SpeedCard } from "./speed-card.tsx";
import { Throughput } from "./throughput.tsx";
import { useActivity } from "./use-activity.ts";

/** The first part of a job's page. */
export function Overview({ job }: { job: Job }) {
  const activity = useActivity(job);
  return (
    <>
      <Result job={job} />
      <ProgressCard job={job} activity={activity} />
      <SampleCard job={job} />
      <Throughput job={job} />
      <SpeedCard job={job} activity={activity} />
      {job.kind !== "export" && job.progress.recordsRejected > 0 && (
        <RejectedPart job={job} shown={5} />
      )}
    </>
  );
}

/** The file that the job has made, where it has. */
function Result({ job }: { job: Job }) {
  if (job.kind === "export" && job.result !== null)
    return <ResultCard jobId={job.id} file={job.result} rows={job.result.rowsExported} />;
  if (job.kind === "process" && job.result?.output != null)
    return <ResultCard jobId={job.id} file={job.result.output} rows={job.result.output.rows} />;
  return null;
}

function ProgressCard({ job, activity }: { job: Job; activity: Activity | null }) {
  const left = timeLeftOf(job);
  return (
    <section class="card" aria-label="Progress">
      <div class="row">
        {job.state !== "undone" && <strong>{formatPercent(job.progress.fraction)}</strong>}
        <span>{rowsOf(job)}</span>
        <span class="space" />
        {left !== null && (
          <span>
            {left.text} {left.range !== null && <span class="muted">({left.range})</span>}
          </span>
        )}
      </div>
      <JobBar job={job} undone={activity?.recordsUndone ?? 0} />
      {wordsOf(job)
        .lines(job, clock.value, activity)
        .map((line) => (
          <p class="muted line" key={line.slice(0, 12)}>
            <NamedTable line={line} job={job} />
          </p>
        ))}
      <Figures job={job} />
    </section>
  );
}

/** A line with the name of the table as names are written. */
function NamedTable({ line, job }: { line: string; job: Job }) {
  const name = job.kind === "import" ? job.table : null;
  if (name === null || !line.includes(name)) return <>{line}</>;
  const at = line.indexOf(name);
  return (
    <>
      {line.slice(0, at)}
      <code>{name}</code>
      {line.slice(at + name.length)}
    </>
  );
}

function Figures({ job }: { job: Job }) {
  const { timing } = job;
  return (
    <dl class="figures">
      {job.kind === "export" ? <ExportFigures job={job} /> : <RecordFigures job={job} />}
      <RateFigure job={job} />
      {job.kind !== "export" && <BytesFigure job={job} />}
      <div>
        <dt>
          running
          {timing.pausedSeconds >= 1 && ` · ${formatDuration(timing.pausedSeconds)} paused`}
        </dt>
        <dd>{formatDuration(runningSecondsOf(job))}</dd>
      </div>
    </dl>
  );
}

function ExportFigures({ job }: { job: ExportJob }) {
  const { recordsWritten, bytesRead } = job.progress;
  const isPacked = job.format.compression !== "none";
  const isGone = job.state === "stopped" || job.state === "undone";
  return (
    <>
      <div>
        <dt>
          {job.result !== null
            ? "rows in the file"
            : isGone
              ? "rows were written and are deleted"
              : "rows written so far"}
        </dt>
        <dd>{formatCount(recordsWritten)}</dd>
      </div>
      <div>
        <dt>
          {isPacked ? `written, ${job.format.compression}` : "written"}
          {job.result === null &&
            !isPacked &&
            !isGone &&
            ` of about ${formatBytes(job.estimate.bytes)}`}
        </dt>
        <dd>{formatBytes(job.result?.bytes ?? bytesRead)}</dd>
      </div>
    </>
  );
}

function RecordFigures({ job }: { job: ImportJob | ProcessJob }) {
  const { progress } = job;
  return (
    <>
      <div>
        <dt>
          {writtenWords(job)}
          {job.kind === "import" && outcomeOf(job)}
        </dt>
        <dd>{formatCount(writtenCount(job))}</dd>
      </div>
      <div>
        <dt>
          rejected
          {progress.recordsRejected > 0 && (
            <>
              {" "}
              · <a href={`/jobs/${job.id}/rejected`}>see rows</a>
            </>
          )}
        </dt>
        <dd class={progress.recordsRejected > 0 ? "bad" : ""}>
          {formatCount(progress.recordsRejected)}
        </dd>
      </div>
    </>
  );
}

function BytesFigure({ job }: { job: ImportJob | ProcessJob }) {
  const { progress } = job;
  return (
    <div>
      <dt>
        {progress.bytesTotal === null ? "read" : `of ${formatBytes(progress.bytesTotal)} read`}
        {job.kind === "import" &&
          job.upload !== null &&
          ` · ${formatBytes(job.upload.bytesArrived)} have arrived`}
      </dt>
      <dd>{formatBytes(progress.bytesRead)}</dd>
    </div>
  );
}

function writtenWords(job: ImportJob | ProcessJob): string {
  if (job.kind === "process") return job.result?.rows === "undone" ? "were done" : "done";
  if (job.result?.rows === "kept") return "written";
  if (job.isDryRun) return "fit";
  if (job.delivery === "direct" && job.result === null) return "written, visible as they are saved";
  if (job.timing.endedAt === null || job.actions.includes("undo"))
    return "ready, visible at the end";
  return isInTable(job) ? "removed again" : "were ready and are discarded";
}

/** What the written rows came to, or would, where that is not one new row for each. */
function outcomeOf({ mode, result }: ImportJob): string {
  if (result === null || result.rows === "undone") return "";
  const { rowsInserted, rowsUpdated, rowsUnchanged, rowsReplaced } = result.dryRun ?? result;
  if (mode === "replace") return ` in the place of ${formatCount(rowsReplaced)}`;
  if (mode !== "upsert" && rowsUnchanged === 0) return "";
  return ` · ${formatCount(rowsInserted)} new, ${formatCount(rowsUpdated)} updated, ${formatCount(rowsUnchanged)} unchanged`;
}

/** What `writtenWords` is said of. */
function writtenCount(job: ImportJob | ProcessJob): number {
  if (job.kind === "process" || job.result === null) return job.progress.recordsWritten;
  if (job.result.rows === "kept") return job.progress.recordsWritten;
  return isInTable(job) ? job.result.rowsRemoved : job.progress.recordsWritten;
}

function RateFigure({ job }: { job: Job }) {
  void sampleCount.value; // the samples are no signals
  const samples = samplesOf(job.id);
  const isRunning = job.state === "running";
  const recent = isRunning ? recentRate(samples) : null;
  const peak = peakRate(ratePoints(samples));
  const rate = recent ?? job.progress.recordsPerSecond;
  return (
    <div>
      <dt>
        {recent === null ? "on average" : "last 10 s"}
        {peak !== null && ` · peak ${formatCount(Math.max(peak, rate ?? 0))}/s`}
      </dt>
      <dd>{rate === null ? "–" : `${formatCount(rate)}/s`}</dd>
    </div>
  );
}
