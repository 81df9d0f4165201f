import type { Job } from "../api/types.ts";
import { formatCount, formatCounted } from "../format.ts";
import { barText } from "../jobs/figures.ts";
import { wordsOf, type Tone } from "../jobs/state-words.ts";

/**
 * The bar of a job: written, then rejected, of the bytes of the file. Without an end while that is not known. While the job
 * is being undone it counts down by what is `undone`, to nothing.
 */
export function JobBar({
  job,
  undone = 0,
  isSmall = false,
}: {
  job: Job;
  undone?: number;
  isSmall?: boolean;
}) {
  const { fraction, recordsRead, recordsWritten, recordsRejected } = job.progress;
  const left =
    job.state === "undone"
      ? 0
      : recordsWritten === 0
        ? 1
        : 1 - Math.min(1, undone / recordsWritten);
  const done = (fraction ?? 1) * left;
  const rejected = recordsRead === 0 ? 0 : (done * recordsRejected) / recordsRead;
  const { tone } = wordsOf(job);
  return (
    <div
      class={`bar${isSmall ? " small" : ""}${fraction === null ? " open" : ""}`}
      role="progressbar"
      aria-label={`Progress of ${job.name}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={fraction === null ? undefined : Math.floor(done * 100)}
      aria-valuetext={
        undone === 0
          ? barText(job)
          : `${formatCount(undone)} of ${formatCounted(recordsWritten, "row")} undone`
      }
    >
      <i class={tone} style={{ width: `${(done - rejected) * 100}%` }} />
      {rejected > 0 && <i class="rejected" style={{ width: `${rejected * 100}%` }} />}
    </div>
  );
}

/** A bar of anything that has a share. */
export function PlainBar({
  fraction,
  label,
  tone = "run",
}: {
  fraction: number;
  label: string;
  tone?: Tone;
}) {
  const percent = Math.floor(fraction * 100);
  return (
    <div
      class="bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <i class={tone} style={{ width: `${fraction * 100}%` }} />
    </div>
  );
}
