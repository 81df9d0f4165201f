/** `/import/{fileId}`: the second step, the columns; with `?rerun={jobId}` of a job that is run again. */
import { useEffect, useRef, useState } from "preact/hooks";
import { createJob, getFile, getJob, rerunJob } from "../../api/calls.ts";
import { toApiError, type ApiError } from "../../api/request.ts";
import type { StoredFile } from "../../api/types.ts";
import {
  draftOfJob,
  keepDraft,
  mappingOf,
  recallDraft,
  requestOf,
  type Draft,
} from "../../imports/draft.ts";
import { useImportPlan, type ImportPlan } from "../../imports/use-import-plan.ts";
import { takeJob } from "../../jobs/store.ts";
import { goTo, place } from "../../router.ts";
import { showTitle } from "../../tab.ts";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { makeKey } from "../../api/make-key.ts";
import { useAnswer } from "../../ui/use-answer.ts";
import { CheckSummary } from "./check-summary.tsx";
import { FileFacts } from "./file-facts.tsx";
import { MappingTable } from "./mapping-table.tsx";
import { ReadingForm } from "./reading-form.tsx";
import { Steps } from "./steps.tsx";
import { TargetForm } from "./target-form.tsx";

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
  const [readsAll, setReadsAll] = useState(false);
  const known = useImportPlan(file.id, rerunOf, draft, readsAll);
  const change = (next: Draft): void => {
    setDraft(next);
    setReadsAll(false);
    keepDraft(file.id, rerunOf, next);
  };
  return (
    <>
      <div class="row">
        <h1>{rerunOf === null ? `Import ${file.name}` : `Run ${file.name} again`}</h1>
        <span class="space" />
        <FileFacts file={file} known={known} />
      </div>
      <Steps at="Columns" />
      <section class="card">
        <TargetForm draft={draft} known={known} onChange={change} />
        <ReadingForm draft={draft} known={known} onChange={change} />
        {known.error !== null && <ErrorNote error={known.error} />}
        {known.plan?.warnings.map(({ code, message }) => (
          <p class="note warn" key={code}>
            {message}
          </p>
        ))}
        {known.plan === null && known.error === null && <Waiting text="Looking at the file" />}
        {known.plan !== null && (
          <MappingTable
            draft={draft}
            columns={mappingOf(draft, known.plan, known.inspection)}
            known={known}
            onChange={change}
          />
        )}
        <CheckSummary known={known} readsAll={readsAll} onReadAll={() => setReadsAll(true)} />
        <StartRow file={file} rerunOf={rerunOf} draft={draft} known={known} />
      </section>
    </>
  );
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
      const request = requestOf(draft);
      const job =
        rerunOf === null
          ? await createJob({ ...request, kind: "import", file: file.id }, key.current.text)
          : await rerunJob(rerunOf, request, key.current.text);
      takeJob(job);
      keepDraft(file.id, rerunOf, null);
      goTo(`/jobs/${job.id}`);
    } catch (thrown) {
      setError(toApiError(thrown));
      setIsStarting(false);
    }
  };
  const isBlocked = known.error !== null || known.plan === null || known.isAsking;
  return (
    <>
      {error !== null && <ErrorNote error={error} />}
      <div class="row end">
        {known.error !== null && <span class="muted">Not before the error above is solved.</span>}
        <a class="button" href={rerunOf === null ? "/import" : `/jobs/${rerunOf}`}>
          Back
        </a>
        <button
          type="button"
          class="primary"
          disabled={isBlocked || isStarting}
          aria-busy={isStarting}
          onClick={() => void start()}
        >
          Start import
        </button>
      </div>
    </>
  );
}
