/** `/export`: rows of a table or a query into a file; with `?like={jobId}` as an export before. */
import { useEffect, useRef, useState } from "preact/hooks";
import { createExport, getJob } from "../../api/calls.ts";
import { makeKey } from "../../api/make-key.ts";
import { toApiError, type ApiError } from "../../api/request.ts";
import {
  draftOfExport,
  exportRequestOf,
  keepExport,
  newExport,
  recallExport,
  type ExportDraft,
} from "../../exports/draft.ts";
import { useExportPlan, type KnownExport } from "../../exports/use-export-plan.ts";
import { takeJob } from "../../jobs/store.ts";
import { goTo, place } from "../../router.ts";
import { showTitle } from "../../tab.ts";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { useAnswer } from "../../ui/use-answer.ts";
import { FilterForm } from "./filter-form.tsx";
import { FormatForm } from "./format-form.tsx";
import { PlanSummary } from "./plan-summary.tsx";
import { SourceForm } from "./source-form.tsx";

/** Waits for the export that this one is to be like. */
export function ExportScreen() {
  const like = place.value.query.get("like");
  const table = place.value.query.get("table");
  const { value, error } = useAnswer(async () => {
    const kept = recallExport(like);
    if (like === null) return kept === null || table !== null ? newExport(table) : kept;
    if (kept !== null) return kept;
    const job = await getJob(like);
    return job.kind === "export" ? draftOfExport(job) : newExport(null);
  }, [like, table]);
  useEffect(() => showTitle("Export"), []);
  if (error !== null)
    return (
      <>
        <h1>Export</h1>
        <ErrorNote error={error}>
          <a class="button" href="/export">
            Choose a table
          </a>
        </ErrorNote>
      </>
    );
  if (value === null) return <Waiting />;
  return <ExportForm key={like} like={like} first={value} />;
}

function ExportForm({ like, first }: { like: string | null; first: ExportDraft }) {
  const [draft, setDraft] = useState(first);
  const known = useExportPlan(draft);
  const change = (next: ExportDraft): void => {
    setDraft(next);
    keepExport(like, next);
  };
  return (
    <>
      <h1>Export rows into a file</h1>
      <section class="card stack">
        <SourceForm draft={draft} known={known} onChange={change} />
      </section>
      {draft.source === "table" && known.table !== null && (
        <section class="card stack">
          <FilterForm draft={draft} table={known.table} onChange={change} />
        </section>
      )}
      <section class="card stack">
        <FormatForm draft={draft} onChange={change} />
      </section>
      <section class="card" aria-label="What it will be">
        {known.error !== null && <ErrorNote error={known.error} />}
        <PlanSummary known={known} />
        <StartRow draft={draft} known={known} like={like} />
      </section>
    </>
  );
}

function StartRow({
  draft,
  known,
  like,
}: {
  draft: ExportDraft;
  known: KnownExport;
  like: string | null;
}) {
  const [error, setError] = useState<ApiError | null>(null);
  const [isStarting, setIsStarting] = useState(false);
  const key = useRef({ draft, text: makeKey() });
  const start = async (): Promise<void> => {
    const request = exportRequestOf(draft);
    if (request === null) return;
    // The same request again, after an answer that was lost, makes no second job; a changed one is another.
    if (key.current.draft !== draft) key.current = { draft, text: makeKey() };
    setIsStarting(true);
    try {
      const job = await createExport(request, key.current.text);
      takeJob(job);
      keepExport(like, null);
      goTo(`/jobs/${job.id}`);
    } catch (thrown) {
      setError(toApiError(thrown));
      setIsStarting(false);
    }
  };
  const isBlocked = known.plan === null || known.error !== null || known.isAsking;
  return (
    <>
      {error !== null && <ErrorNote error={error} />}
      <div class="row end">
        {known.error !== null && <span class="muted">Not before the error above is solved.</span>}
        <a class="button" href={like === null ? "/jobs" : `/jobs/${like}`}>
          Back
        </a>
        <button
          type="button"
          class="primary"
          disabled={isBlocked || isStarting}
          aria-busy={isStarting}
          onClick={() => void start()}
        >
          Start export
        </button>
      </div>
    </>
  );
}
