/** Records that were left out, by reason, as cards of a page and as a tab. */
import { useState } from "preact/hooks";
import { listRejected, rejectedCsvPath } from "../../api/calls.ts";
import { toApiError, type ApiError } from "../../api/request.ts";
import type { Job, RejectedRecord } from "../../api/types.ts";
import { formatCell, formatCount } from "../../format.ts";
import { DownloadLink } from "../../ui/download-link.tsx";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { useAnswer } from "../../ui/use-answer.ts";
import { reasonsOf, type Reason } from "../../jobs/reasons.ts";

/** How many are fetched at once: the most that the service gives. */
const PAGE = 200;
/** New rejections of a job that runs are fetched at most this often, by their count. */
const STEP = 100;

interface Rejected {
  readonly items: readonly RejectedRecord[];
  readonly next: string | null;
  readonly error: ApiError | null;
  readonly more: () => void;
}

/** The rejected rows; at most `shown` of them, all that are loaded when it is null. */
export function RejectedPart({ job, shown }: { job: Job; shown: number | null }) {
  const { items, next, error, more } = useRejected(job);
  const [chosen, setChosen] = useState<string | null>(null);
  const reasons = reasonsOf(items);
  const fitting = items.filter((item) => chosen === null || reasonKey(item) === chosen);
  const count = job.progress.recordsRejected;
  return (
    <section class="card">
      <div class="row">
        <h2>Rejected rows ({formatCount(count)})</h2>
        <span class="space" />
        <DownloadLink path={rejectedCsvPath(job.id)} name="rejected.csv" text="Download CSV" />
      </div>
      {error !== null && <ErrorNote error={error} />}
      <ReasonChips reasons={reasons} chosen={chosen} onChoose={setChosen} />
      {items.length > 0 ? (
        <RejectedTable items={shown === null ? fitting : fitting.slice(0, shown)} />
      ) : (
        error === null && <Waiting />
      )}
      <div class="row">
        {shown !== null && count > shown && (
          <a href={`/jobs/${job.id}/rejected`}>See all {formatCount(count)}</a>
        )}
        {shown === null && next !== null && (
          <button type="button" onClick={more}>
            Show more
          </button>
        )}
        {next !== null && (
          <span class="muted small">
            The reasons are counted over the first {formatCount(items.length)}.
          </span>
        )}
      </div>
    </section>
  );
}

function reasonKey({ column, code }: RejectedRecord): string {
  return `${column ?? ""} ${code}`;
}

function useRejected(job: Job): Rejected {
  const [extra, setExtra] = useState<readonly RejectedRecord[]>([]);
  const [cursor, setCursor] = useState<string | null | undefined>(undefined);
  const [moreError, setMoreError] = useState<ApiError | null>(null);
  const count = job.progress.recordsRejected;
  const stage =
    job.timing.endedAt === null ? Math.min(count, STEP * Math.ceil(count / STEP)) : count;
  const { value, error } = useAnswer(
    () => listRejected(job.id, { limit: PAGE }),
    [job.id, stage, job.timing.endedAt],
  );
  const next = cursor === undefined ? (value?.next ?? null) : cursor;
  const more = async (): Promise<void> => {
    if (next === null) return;
    try {
      const page = await listRejected(job.id, { limit: PAGE, cursor: next });
      setExtra((before) => [...before, ...page.items]);
      setCursor(page.next);
      setMoreError(null);
    } catch (thrown) {
      setMoreError(toApiError(thrown));
    }
  };
  return {
    items: [...(value?.items ?? []), ...extra],
    next,
    error: error ?? moreError,
    more: () => void more(),
  };
}

function ReasonChips({
  reasons,
  chosen,
  onChoose,
}: {
  reasons: readonly Reason[];
  chosen: string | null;
  onChoose: (key: string | null) => void;
}) {
  if (reasons.length < 2) return null;
  return (
    <div class="row" role="group" aria-label="Reasons">
      {reasons.map(({ key, text, count }) => (
        <button
          type="button"
          key={key}
          class="pill bad"
          aria-pressed={chosen === key}
          onClick={() => onChoose(chosen === key ? null : key)}
        >
          {text} {formatCount(count)}
        </button>
      ))}
    </div>
  );
}

function RejectedTable({ items }: { items: readonly RejectedRecord[] }) {
  return (
    <div class="scroll">
      <table class="cards">
        <caption class="vh">Rejected rows with the reason for each</caption>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Column</th>
            <th scope="col">Value</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.byte}>
              <td data-label="Line">{formatCount(item.line)}</td>
              <td data-label="Column">{item.column ?? "–"}</td>
              <td data-label="Value">
                {item.column === null ? "–" : <span class="cellbad">{formatCell(item.value)}</span>}
              </td>
              <td>
                {item.message}
                <details>
                  <summary class="muted small">The row in the file</summary>
                  <pre class="raw">
                    {item.raw}
                    {item.rawIsTruncated ? "…" : ""}
                  </pre>
                </details>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
