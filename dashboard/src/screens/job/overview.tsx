/** How far a job is, how fast it goes, and what it left out. */
import type { Job } from "../../api/types.ts";
import { clock } from "../../clock.ts";
import { formatBytes, formatCount, formatDuration, formatPercent } from "../../format.ts";
import { rowsOf, runningSecondsOf, timeLeftOf } from "../../jobs/figures.ts";
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
import { Throughput } from "./throughput.tsx";

/** The first part of a job's page. */
export function Overview({ job }: { job: Job }) {
  return (
    <>
      <ProgressCard job={job} />
      <Throughput job={job} />
      {job.progress.recordsRejected > 0 && <RejectedPart job={job} shown={5} />}
    </>
  );
}

function ProgressCard({ job }: { job: Job }) {
  const left = timeLeftOf(job);
  return (
    <section class="card" aria-label="Progress">
      <div class="row">
        <strong>{formatPercent(job.progress.fraction)}</strong>
        <span>{rowsOf(job)}</span>
        <span class="space" />
        {left !== null && (
          <span>
            {left.text} {left.range !== null && <span class="muted">({left.range})</span>}
          </span>
        )}
      </div>
      <JobBar job={job} />
      {wordsOf(job)
        .lines(job, clock.value)
        .map((line) => (
          <p class="muted" key={line.slice(0, 12)}>
            {line}
          </p>
        ))}
      <Figures job={job} />
    </section>
  );
}

function Figures({ job }: { job: Job }) {
  const { progress, timing, result } = job;
  return (
    <dl class="figures">
      <div>
        <dt>{writtenWords(job)}</dt>
        <dd>{formatCount(result?.rowsInserted ?? progress.recordsWritten)}</dd>
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
      <RateFigure job={job} />
      <div>
        <dt>
          {progress.bytesTotal === null ? "read" : `of ${formatBytes(progress.bytesTotal)} read`}
          {job.upload !== null && ` · ${formatBytes(job.upload.bytesArrived)} have arrived`}
        </dt>
        <dd>{formatBytes(progress.bytesRead)}</dd>
      </div>
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

function writtenWords(job: Job): string {
  if (job.result?.rows === "kept") return "written";
  if (job.delivery === "direct" && job.result === null) return "written, visible as they are saved";
  if (job.timing.endedAt === null || job.actions.includes("undo"))
    return "ready, visible at the end";
  return "were ready and are discarded";
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
