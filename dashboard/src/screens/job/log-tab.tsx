import { useState } from "preact/hooks";
import { listLog } from "../../api/calls.ts";
import { toApiError, type ApiError } from "../../api/request.ts";
import type { LogLine, ProcessJob } from "../../api/types.ts";
import { formatClock, formatTime } from "../../format.ts";
import { EmptyNote, ErrorNote, Waiting } from "../../ui/notes.tsx";
import { useAnswer } from "../../ui/use-answer.ts";

/** What the process has logged, in order. The service keeps the newest thousand lines. */
export function LogTab({ job }: { job: ProcessJob }) {
  const { value, error, askAgain } = useAnswer(
    () => listLog(job.id),
    [job.id, job.state, job.progress.recordsRead],
  );
  const [more, setMore] = useState<readonly LogLine[]>([]);
  const [moreError, setMoreError] = useState<ApiError | null>(null);
  const showMore = async (): Promise<void> => {
    const last = more.at(-1) ?? value?.items.at(-1);
    if (last === undefined) return;
    try {
      const page = await listLog(job.id, String(last.id));
      setMore((before) => [...before, ...page.items]);
    } catch (thrown) {
      setMoreError(toApiError(thrown));
    }
  };
  const shownError = error ?? moreError;
  if (shownError !== null)
    return (
      <ErrorNote error={shownError}>
        <button type="button" onClick={askAgain}>
          Try again
        </button>
      </ErrorNote>
    );
  if (value === null) return <Waiting />;
  if (value.items.length === 0)
    return (
      <EmptyNote title="Nothing is logged.">
        <p class="muted">
          What the process writes by <code>ctx.log</code> or <code>console.log</code> is shown here.
        </p>
      </EmptyNote>
    );
  return (
    <section class="card" aria-label="Log">
      <ol class="timeline">
        {[...value.items, ...more].map((line) => (
          <li key={line.id}>
            <time class="muted" dateTime={line.at} title={formatTime(line.at)}>
              {formatClock(line.at)}
            </time>
            <span>
              {line.message}
              {line.fields !== null && <code class="muted"> {JSON.stringify(line.fields)}</code>}
            </span>
          </li>
        ))}
      </ol>
      {value.next !== null && (
        <button type="button" onClick={() => void showMore()}>
          Show more
        </button>
      )}
    </section>
  );
}
