/** `/import/{fileId}`: the second step, the columns; with `?rerun={jobId}` of a job that is run again. */
import { useEffect, useRef, useState } from "preact/hooks";
import { createJob, getFile, getJob, rerunJob } from "../../api/calls.ts";
import { toApiError, type ApiError } from "../../api/request.ts";
import type { StoredFile } from "../../api/types.ts";
import {
  declareDates,
  draftOfJob,
  keepDraft,
  newDraft,
  recallDraft,
  requestOf,
  type Draft,
} from "../../imports/draft.ts";
import { recallMapping, rememberMapping } from "../../imports/remembered.ts";
import { headersAsFound, useImportPlan, type ImportPlan } from "../../imports/use-import-plan.ts";
import { takeJob } from "../../jobs/store.ts";
import { goTo, place } from "../../router.ts";
import { showTitle } from "../../tab.ts";
import { formatDay } from "../../format.ts";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { makeKey } from "../../api/make-key.ts";
import { useAnswer } from "../../ui/use-answer.ts";
import { CheckSummary } from "./check-summary.tsx";
import { FileFacts } from "./file-facts.tsx";
import { MappingTable } from "./mapping-table.tsx";
import { ReadingForm } from "./reading-form.tsx";
import { Steps } from "./steps.tsx";
import { Suspicions } from "./suspicions.tsx";
import { isTaken, Limits, TargetForm } from "./target-form.tsx";

/** Waits for the file, and for the job that is run again. */
export function ImportScreen({ fileId }: { fileId: string }) {
  const rerunOf = place.value.query.get("rerun");
  const { value, error } = useAnswer(async () => {
    const [file, job] = await Promise.all([
      getFile(fileId),
      rerunOf === null ? null : getJob(rerunOf),
    ]);
    const kept = recallDraft(fileId, rerunOf);
    const draft = kept ?? (job?.kind === "import" ? draftOfJob(job) : null);
    if (draft === null) throw new Error("There is neither a file nor a job to start from.");
    return { file, draft };
  }, [fileId, rerunOf]);
  useEffect(() => showTitle(value === null ? "Import" : `Import ${value.file.name}`), [value]);
  if (error !== null)
    return (
      <>
        <h1>Import</h1>
        <ErrorNote error={error}>
          <a class="button" href="/import">
            Choose another file
          </a>
        </ErrorNote>
      </>
    );
  if (value === null) return <Waiting />;
  return <ColumnsStep key={rerunOf} file={value.file} rerunOf={rerunOf} first={value.draft} />;
}

interface ColumnsProps {
  readonly file: StoredFile;
  readonly rerunOf: string | null;
  readonly first: Draft;
}

function ColumnsStep({ file, rerunOf, first }: ColumnsProps) {
  const [draft, setDraft] = useState(first);
  const known = useImportPlan(file.id, draft);
  const change = (next: Draft): void => {
    setDraft(next);
    keepDraft(file.id, rerunOf, next);
  };
  useEffect(() => {
    // Only where a person has said nothing yet.
    if (known.found === null || draft !== newDraft()) return;
    const used = recallMapping(headersOf(known), draft);
    if (used !== null) change(used);
  }, [known.found]);
  const { error, inspection } = known;
  return (
    <>
      <div class="row">
        <h1>{rerunOf === null ? `Import ${file.name}` : `Run ${file.name} again`}</h1>
        <span class="space" />
        <FileFacts file={file} known={known} />
      </div>
      <Steps at="Columns" />
      <section class="card stack">
        {error !== null && NO_TEXT.has(error.code) ? (
          <ErrorNote error={error}>
            <p>Sluice reads CSV, TSV and other delimited text, plain or as .gz or .zip.</p>
            <a class="button primary" href="/import">
              Choose another file
            </a>
          </ErrorNote>
        ) : (
          <>
            <TargetForm draft={draft} known={known} onChange={change} />
            <ReadingForm draft={draft} known={known} onChange={change} />
            {draft.usedOf !== null && (
              <p>
                Used the mapping of {formatDay(draft.usedOf)}.{" "}
                <button type="button" class="link" onClick={() => change({ ...newDraft() })}>
                  Reset
                </button>
              </p>
            )}
            {error !== null && (
              <PlanError error={error} draft={draft} onChange={change} onRetry={known.askAgain} />
            )}
            <Suspicions draft={draft} known={known} onChange={change} />
            {known.found === null && error === null && <Waiting text="Looking at the file" />}
            {known.found !== null && <MappingTable draft={draft} known={known} onChange={change} />}
            {error === null && inspection !== null && <CheckSummary inspection={inspection} />}
            <Limits draft={draft} onChange={change} />
            <StartRow file={file} rerunOf={rerunOf} draft={draft} known={known} />
          </>
        )}
      </section>
    </>
  );
}

/** Errors of files that no way of reading helps. */
const NO_TEXT = new Set(["unsupported_format", "nested_compression", "empty_file"]);

function headersOf({ found }: ImportPlan): readonly string[] {
  return (found ?? []).map(({ header }) => header);
}

/** What is wrong, with the cure where the service proposes one. */
function PlanError({
  error,
  draft,
  onChange,
  onRetry,
}: {
  error: ApiError;
  draft: Draft;
  onChange: (draft: Draft) => void;
  onRetry: () => void;
}) {
  const { proposal: encoding } = error;
  if (error.code === "service_unreachable")
    return (
      <ErrorNote error={error}>
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      </ErrorNote>
    );
  if (error.dates !== null) {
    const { column, formats } = error.dates;
    return (
      <ErrorNote error={error}>
        {formats.map((format) => (
          <button
            type="button"
            key={format}
            onClick={() => onChange(declareDates(draft, column, format))}
          >
            Read {column} as {format}
          </button>
        ))}
      </ErrorNote>
    );
  }
  if (encoding === undefined) return <ErrorNote error={error} />;
  return (
    <ErrorNote error={error}>
      <button
        type="button"
        class="primary"
        onClick={() => onChange({ ...draft, reading: { ...draft.reading, encoding } })}
      >
        Read it as {encoding}
      </button>
    </ErrorNote>
  );
}

/** Why it cannot start yet, beside the button; null when it can. */
function blockOf(draft: Draft, known: ImportPlan): string | null {
  if (known.error !== null) return `${known.error.title}.`;
  if (isTaken(draft, known)) return "The table exists already.";
  if (draft.mode !== "create" && draft.table === "") return "Choose a table.";
  return known.inspection === null || known.isAsking ? "" : null;
}

function StartRow({
  file,
  rerunOf,
  draft,
  known,
}: Omit<ColumnsProps, "first"> & { draft: Draft; known: ImportPlan }) {
  const [error, setError] = useState<ApiError | null>(null);
  const [isStarting, setIsStarting] = useState(false);
  const key = useRef({ draft, text: makeKey() });
  const start = async (): Promise<void> => {
    // The same request again, after an answer that was lost, makes no second job; a changed one is another.
    if (key.current.draft !== draft) key.current = { draft, text: makeKey() };
    setIsStarting(true);
    try {
      const request = requestOf(draft, known.columns);
      const job =
        rerunOf === null
          ? await createJob({ ...request, kind: "import", file: file.id }, key.current.text)
          : // What the job before had is there until it is taken away.
            await rerunJob(rerunOf, { key: null, ...request }, key.current.text);
      takeJob(job);
      keepDraft(file.id, rerunOf, null);
      // A file that cannot be read as it is found is not looked up either.
      rememberMapping(headersOf(known), draft, () => headersAsFound(file.id)).catch(
        () => undefined,
      );
      goTo(`/jobs/${job.id}`);
    } catch (thrown) {
      setError(toApiError(thrown));
      setIsStarting(false);
    }
  };
  const block = blockOf(draft, known);
  return (
    <>
      {error !== null && <ErrorNote error={error} />}
      <div class="row end">
        <span class="muted">{block}</span>
        <a class="button" href={rerunOf === null ? "/import" : `/jobs/${rerunOf}`}>
          Back
        </a>
        <button
          type="button"
          class="primary"
          disabled={block !== null || isStarting}
          aria-busy={isStarting}
          onClick={() => void start()}
        >
          Start import
        </button>
      </div>
    </>
  );
}
