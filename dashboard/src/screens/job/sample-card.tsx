/** Of a sample: the offer to kill its worker, and what that came to, counted by the service. */
import { useState } from "preact/hooks";
import { announce } from "../../announce.ts";
import { getWorkerLosses, killWorker } from "../../api/calls.ts";
import { toApiError, type ApiError } from "../../api/request.ts";
import type { Job, WorkerLosses } from "../../api/types.ts";
import { formatClock, formatCount, formatDuration } from "../../format.ts";
import { takeJob } from "../../jobs/store.ts";
import { ErrorNote } from "../../ui/notes.tsx";
import { useAnswer } from "../../ui/use-answer.ts";
import { useTimeline } from "./use-timeline.ts";

/** Nothing for a job that is no sample, and for one whose worker nobody has killed and nobody can any more. */
export function SampleCard({ job }: { job: Job }) {
  return job.kind === "import" && job.isSample ? <Worker job={job} /> : null;
}

function Worker({ job }: { job: Job }) {
  const [isAsked, setIsAsked] = useState(false);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  // Every loss and every taking over is an event, and the end of the job moves the rows.
  const newest = useTimeline(job).events.at(-1)?.id;
  const { value } = useAnswer((signal) => getWorkerLosses(job.id, signal), [job.id, newest]);
  const kill = async (): Promise<void> => {
    setIsAsked(true);
    setRefusal(null);
    try {
      takeJob(await killWorker(job.id));
      announce("The worker is dead.");
    } catch (thrown) {
      setRefusal(toApiError(thrown));
    } finally {
      setIsAsked(false);
    }
  };
  const isRunning = job.state === "running";
  const losses = value?.losses ?? [];
  if (!isRunning && losses.length === 0) return null;
  return (
    <section class="card" aria-label="Worker" aria-busy={isAsked}>
      {isRunning && (
        <div class="row">
          <button type="button" disabled={isAsked} onClick={() => void kill()}>
            Prove it: kill the worker
          </button>
          <span class="muted">
            {isAsked
              ? "Killing…"
              : "This job runs in a process of its own, which is ended by force. The job goes on at its checkpoint."}
          </span>
        </div>
      )}
      {losses.map((loss) => (
        <p key={loss.lostAt}>{lossLine(loss, value?.rows ?? null)}</p>
      ))}
      {refusal !== null && <ErrorNote error={refusal} />}
    </section>
  );
}

/** What one loss came to: when, for how long, and what became of the rows. */
export function lossLine(
  { lostAt, takenOverAt }: WorkerLosses["losses"][number],
  rows: WorkerLosses["rows"],
): string {
  const parts = [`Worker lost at ${formatClock(lostAt)}`];
  if (takenOverAt === null) parts.push("not taken over yet");
  else {
    const seconds = (Date.parse(takenOverAt) - Date.parse(lostAt)) / 1000;
    parts.push(`taken over ${formatDuration(seconds)} later`);
  }
  if (rows !== null)
    parts.push(
      `${formatCount(rows.rowsLost)} ${rows.rowsLost === 1 ? "row" : "rows"} lost, ${formatCount(rows.rowsWrittenTwice)} written twice`,
    );
  if (rows?.isLedgerWhole === false) parts.push("the ledger has a gap");
  return parts.join(" · ");
}
