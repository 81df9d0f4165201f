/** Rows a second since the page knows of the job, with its pauses. */
import { useEffect, useState } from "preact/hooks";
import type { Job } from "../../api/types.ts";
import { formatClock, formatCount, formatDuration } from "../../format.ts";
import { ratePoints, sampleCount, samplesOf, type RatePoint } from "../../jobs/rate-samples.ts";
import { pausesOf, type Pause } from "../../jobs/pauses.ts";
import { useTimeline } from "./use-timeline.ts";
import { RateChart } from "./rate-chart.tsx";

const FEWEST_POINTS = 2;
const TABLE_STEP_MS = 10_000;

/** The plot, with a summary in words and a table for those who do not see it. */
export function Throughput({ job }: { job: Job }) {
  void sampleCount.value; // the samples are no signals
  const { events } = useTimeline(job);
  const points = ratePoints(samplesOf(job.id));
  if (points.length < FEWEST_POINTS) return null;
  const pauses = pausesOf(events, Date.now());
  return (
    <section class="card">
      <div class="row">
        <h2>Throughput</h2>
        <span class="muted small">rows a second, since this page was opened</span>
      </div>
      <RateChart points={points} pauses={pauses} summary={summaryOf(points)} />
      <RateTable points={points} pauses={pauses} />
    </section>
  );
}

function summaryOf(points: readonly RatePoint[]): string {
  const rates = points.map((point) => point.perSecond);
  const first = points[0]?.at ?? 0;
  const seconds = ((points.at(-1)?.at ?? first) - first) / 1000;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
  return `Rows per second over the last ${formatDuration(seconds)}: average ${formatCount(mean)}, lowest ${formatCount(Math.min(...rates))}, highest ${formatCount(Math.max(...rates))}`;
}

function RateTable({ points, pauses }: { points: readonly RatePoint[]; pauses: readonly Pause[] }) {
  const [isOpen, setIsOpen] = useState(false);
  const [rows, setRows] = useState<readonly RatePoint[]>([]);
  useEffect(() => {
    if (isOpen) setRows(everyStep(points));
  }, [isOpen, points.length]);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary class="muted">As a table</summary>
      <div class="scroll">
        <table>
          <caption class="vh">Rows per second by time</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Rows a second</th>
              <th scope="col">Paused</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ at, perSecond }) => (
              <tr key={at}>
                <td>{formatClock(at)}</td>
                <td>{formatCount(perSecond)}</td>
                <td>{pauses.some((pause) => pause.from <= at && at <= pause.to) ? "yes" : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function everyStep(points: readonly RatePoint[]): readonly RatePoint[] {
  let last = 0;
  return points.filter(({ at }) => {
    if (at - last < TABLE_STEP_MS) return false;
    last = at;
    return true;
  });
}
