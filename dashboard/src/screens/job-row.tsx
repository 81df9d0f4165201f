/** One job of the list. */
import type { Action, Job } from "../api/types.ts";
import { clock } from "../clock.ts";
import {
  formatAgo,
  formatCount,
  formatCounted,
  formatDuration,
  formatPercent,
  formatShort,
} from "../format.ts";
import { refusals } from "../jobs/actions.ts";
import { destinationOf, shortNameOf, timeLeftOf } from "../jobs/figures.ts";
import { findJob } from "../jobs/store.ts";
import { ActionButton } from "../ui/action-button.tsx";
import { JobBar } from "../ui/bar.tsx";
import { StatePill } from "../ui/pill.tsx";
import { Ago } from "../ui/time.tsx";

/** The one action of a row, the first of these that the job allows. */
const ROW_ACTIONS: readonly Action[] = ["pause", "resume", "rerun"];

/** A job as a row; it is drawn anew when this job changes, and no other. */
export function JobRow({
  id,
  isSelected,
  onToggle,
}: {
  id: string;
  isSelected: boolean;
  onToggle: () => void;
}) {
  const job = findJob(id)?.value;
  if (job === undefined) return null;
  const action = ROW_ACTIONS.find((name) => job.actions.includes(name));
  const refusal = refusals.value.get(id);
  return (
    <tr class={isSelected ? "selected" : ""}>
      <td>
        <input
          type="checkbox"
          aria-label={`Select ${job.name}`}
          checked={isSelected}
          onChange={onToggle}
        />
      </td>
      <td>
        <a href={`/jobs/${job.id}`} data-job={job.id}>
          {shortNameOf(job)}
        </a>
        <br />
        <span class="muted">
          {job.kind} → {destinationOf(job)}
        </span>
      </td>
      <td>
        <StatePill job={job} />
      </td>
      <td>
        <RowProgress job={job} />
        {refusal !== undefined && <span class="cellbad">{refusal.message}</span>}
      </td>
      <td data-label="Rows">{formatCount(rowsMade(job))}</td>
      <td data-label="Rejected">{formatCount(job.progress.recordsRejected)}</td>
      <td data-label="Started">
        <Ago time={job.timing.startedAt ?? job.timing.createdAt} />
      </td>
      <td>{action !== undefined && <ActionButton action={action} job={job} isIcon />}</td>
    </tr>
  );
}

function RowProgress({ job }: { job: Job }) {
  if (job.timing.endedAt !== null) return <span class="muted">{endOf(job)}</span>;
  return (
    <>
      <JobBar job={job} isSmall />
      <span class="muted">{stretchOf(job).join(" · ")}</span>
    </>
  );
}

function endOf(job: Job): string {
  const rows = formatCounted(job.progress.recordsRead, "row");
  if (job.state === "failed") return `after ${rows}: ${job.failure?.message ?? "it failed"}`;
  if (job.state === "succeeded")
    return `${formatCounted(job.progress.recordsWritten, "row")} in ${formatDuration(Math.max(0.1, job.timing.runningSeconds))}`;
  return `after ${rows}${whatBecame(job)}`;
}

/** What became of the rows of a job that was stopped or undone. */
function whatBecame(job: Job): string {
  if (job.kind === "export") return ": no file";
  return job.result === null ? "" : `, ${job.result.rows}`;
}

/** Rows that a job has made, or kept where it was stopped. */
function rowsMade(job: Job): number {
  const isUndone = job.kind !== "export" && job.result?.rows === "undone";
  return isUndone ? 0 : job.progress.recordsWritten;
}

function stretchOf(job: Job): readonly string[] {
  const percent =
    formatPercent(job.progress.fraction) || formatCounted(job.progress.recordsRead, "row");
  if (job.state === "paused") {
    const { by, at } = job.stateReason;
    const whom = by === null || by === "local" || by === "anybody" ? "" : ` by ${by}`;
    return [percent, `paused ${formatAgo(at, clock.value)}${whom}`];
  }
  const left = timeLeftOf(job);
  const rate = job.progress.recordsPerSecond;
  return [
    percent,
    ...(left === null ? [] : [left.text]),
    ...(job.state === "running" && rate !== null ? [`${formatShort(rate)} rows/s`] : []),
  ];
}
