import type { Job, TimelineEvent } from "../../api/types.ts";
import { formatClock, formatDuration, formatId, formatTime } from "../../format.ts";
import { speedText } from "../../jobs/speed.ts";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { useTimeline } from "./use-timeline.ts";

const TEXTS: Readonly<Record<string, string>> = {
  "job.created": "Created",
  "job.queued": "Waits for a runner",
  "job.running": "A runner works on it",
  "job.pausing": "A pause was asked for",
  "job.paused": "Paused: nothing commits after this",
  "job.stopping": "A stop was asked for",
  "job.stopped": "Stopped: it goes no further",
  "job.succeeded": "Done",
  "job.failed": "Failed",
  "job.undoing": "An undo was asked for",
  "job.undone": "Undone",
  "job.rerun": "Run again",
  "job.retried": "Rejected rows retried",
  "job.speed_changed": "Speed changed",
  "job.renamed": "Renamed",
  "job.worker_lost": "Worker lost",
};

/** Each change with who and why, the newest first. */
export function TimelineTab({ job }: { job: Job }) {
  const { events, error } = useTimeline(job);
  return (
    <section class="card" aria-label="Timeline">
      {error !== null && <ErrorNote error={error} />}
      {events.length === 0 && error === null && <Waiting />}
      <ol class="timeline" reversed>
        {events.toReversed().map((event) => (
          <li key={event.id}>
            <time class="muted" dateTime={event.at} title={formatTime(event.at)}>
              {formatClock(event.at)}
            </time>
            <EventText event={event} job={job} />
            {event.type === "job.worker_lost" && (
              <span class="muted">{takenOverText(event, events)}</span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** How long after the loss of a worker a runner had the job again. */
function takenOverText(loss: TimelineEvent, events: readonly TimelineEvent[]): string {
  const next = events.find(({ id, type }) => id > loss.id && type === "job.running");
  if (next === undefined) return " · not taken over yet";
  const seconds = (Date.parse(next.at) - Date.parse(loss.at)) / 1000;
  return ` · taken over ${formatDuration(seconds)} later`;
}

function speedsOf({ details: { from, to } }: TimelineEvent): string {
  const [before, after] = [from, to].map((limit) =>
    speedText(typeof limit === "number" ? limit : null),
  );
  return `${before} → ${after}`;
}

function EventText({ event, job }: { event: TimelineEvent; job: Job }) {
  const { reason, job: other } = event.details;
  const whom =
    event.by === null || ["local", "anybody"].includes(event.by) ? "" : ` by ${event.by}`;
  return (
    <span>
      {TEXTS[event.type] ?? event.type}
      {whom}
      {typeof reason === "string" && <span class="muted"> · {reason}</span>}
      {event.type === "job.failed" && job.failure !== null && (
        <span class="muted"> · {job.failure.message}</span>
      )}
      {event.type === "job.speed_changed" && <span class="muted"> · {speedsOf(event)}</span>}
      {typeof other === "string" && (
        <>
          {" "}
          as <a href={`/jobs/${other}`}>{formatId(other)}</a>
        </>
      )}
    </span>
  );
}
