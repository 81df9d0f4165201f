/** `/processes/{name}`: run a process over a file; with `?rerun={jobId}` as a job before. */
import { useEffect, useRef, useState } from "preact/hooks";
import { getJob, getProcess, listJobs, rerunJob, runProcess } from "../../api/calls.ts";
import { makeKey } from "../../api/make-key.ts";
import { toApiError, type ApiError } from "../../api/request.ts";
import type { Job, Process } from "../../api/types.ts";
import { formatCount } from "../../format.ts";
import { takeJob } from "../../jobs/store.ts";
import {
  draftOfProcess,
  keepProcess,
  limitsOf,
  newDraft,
  recallProcess,
  type ProcessDraft,
} from "../../processes/draft.ts";
import { fieldsOf, paramsOf, type ParamField } from "../../processes/params.ts";
import { goTo, place } from "../../router.ts";
import { showTitle } from "../../tab.ts";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Ago } from "../../ui/time.tsx";
import { useAnswer } from "../../ui/use-answer.ts";
import { FileField } from "./file-field.tsx";
import { ParamsForm } from "./params-form.tsx";

const SHOWN_JOBS = 10;

/** Waits for the process, and for the job that is run again. */
export function ProcessScreen({ name }: { name: string }) {
  const rerunOf = place.value.query.get("rerun");
  const file = place.value.query.get("file");
  const { value, error } = useAnswer(async () => {
    const process = await getProcess(name);
    const fields = fieldsOf(process);
    const kept = recallProcess(name, rerunOf);
    const job = kept === null && rerunOf !== null ? await getJob(rerunOf) : null;
    const before = job?.kind === "process" ? draftOfProcess(job, fields) : null;
    return { process, fields, draft: kept ?? before ?? newDraft(file) };
  }, [name, rerunOf, file]);
  useEffect(() => showTitle(value?.process.title ?? "Process"), [value]);
  if (error !== null)
    return (
      <>
        <h1>{name}</h1>
        <ErrorNote error={error}>
          <a class="button" href="/processes">
            Processes
          </a>
        </ErrorNote>
      </>
    );
  if (value === null) return <Waiting />;
  return <ProcessPage key={rerunOf} {...value} rerunOf={rerunOf} />;
}

interface PageProps {
  readonly process: Process;
  readonly fields: readonly ParamField[];
  readonly draft: ProcessDraft;
  readonly rerunOf: string | null;
}

function ProcessPage({ process, fields, draft: first, rerunOf }: PageProps) {
  const [draft, setDraft] = useState(first);
  const [error, setError] = useState<ApiError | null>(null);
  const change = (changes: Partial<ProcessDraft>): void => {
    setDraft((before) => {
      const next = { ...before, ...changes };
      keepProcess(process.name, rerunOf, next, fields);
      return next;
    });
  };
  const isSameFile = rerunOf !== null && draft.file === first.file;
  return (
    <>
      <p>
        <a href="/processes">← Processes</a>
      </p>
      <h1>{process.title}</h1>
      <p class="muted" style={{ marginTop: "4px" }}>
        {process.description !== null && `${process.description} `}
        <code>{process.name}</code> · batches of {formatCount(process.batchSize)} ·{" "}
        {process.hasUndo ? "can be undone" : "no undo: what it does stays"}
        {process.hasOutput && " · makes a file"}
      </p>
      <section class="card stack">
        <FileField file={draft.file} onChange={(file) => change({ file })} />
        <ParamsForm
          fields={fields}
          texts={draft.texts}
          error={error}
          onChange={(texts) => change({ texts })}
        />
        <Limits draft={draft} onChange={change} />
        {error !== null && <ErrorNote error={error} />}
        <RunRow
          process={process}
          fields={fields}
          draft={draft}
          rerunOf={isSameFile ? rerunOf : null}
          onRefused={setError}
          onStarted={() => keepProcess(process.name, rerunOf, null, fields)}
        />
      </section>
      <EarlierJobs name={process.name} />
      <section class="card">
        <details>
          <summary>
            Source: <code>{process.fileName}</code>
          </summary>
          <pre tabIndex={0}>{process.source}</pre>
        </details>
      </section>
    </>
  );
}

/** When the job rests or ends by itself. */
function Limits({
  draft,
  onChange,
}: {
  draft: ProcessDraft;
  onChange: (changes: Partial<ProcessDraft>) => void;
}) {
  return (
    <div class="row">
      <label class="label">
        Pause after
        <input
          type="number"
          min={1}
          placeholder="never"
          value={draft.pauseAfter}
          onInput={(event) => onChange({ pauseAfter: event.currentTarget.value })}
        />
        rows, to look at them
      </label>
      <label class="label">
        Fail after more than
        <input
          type="text"
          size={7}
          placeholder="never"
          value={draft.maxRejected}
          onInput={(event) => onChange({ maxRejected: event.currentTarget.value })}
        />
        rejected rows, or 5%
      </label>
    </div>
  );
}

interface RunProps extends Omit<PageProps, "draft"> {
  readonly draft: ProcessDraft;
  readonly onRefused: (error: ApiError | null) => void;
  readonly onStarted: () => void;
}

function RunRow({ process, fields, draft, rerunOf, onRefused, onStarted }: RunProps) {
  const [isStarting, setIsStarting] = useState(false);
  const key = useRef({ draft, text: makeKey() });
  const run = async (): Promise<void> => {
    // The same request again, after an answer that was lost, makes no second job; a changed one is another.
    if (key.current.draft !== draft) key.current = { draft, text: makeKey() };
    setIsStarting(true);
    onRefused(null);
    try {
      const body = { params: paramsOf(fields, draft.texts), ...limitsOf(draft) };
      const job =
        rerunOf === null
          ? await runProcess(process.name, { ...body, file: draft.file }, key.current.text)
          : await rerunJob(rerunOf, body, key.current.text);
      takeJob(job);
      onStarted();
      goTo(`/jobs/${job.id}`);
    } catch (thrown) {
      onRefused(toApiError(thrown));
      setIsStarting(false);
    }
  };
  return (
    <div class="row end">
      {draft.file === "" && <span class="muted">Choose a file first.</span>}
      <button
        type="button"
        class="primary"
        disabled={draft.file === "" || isStarting}
        aria-busy={isStarting}
        onClick={() => void run()}
      >
        Run
      </button>
    </div>
  );
}

function EarlierJobs({ name }: { name: string }) {
  const { value } = useAnswer(() => listJobs({ kind: "process", limit: 200 }), [name]);
  const jobs = (value?.items ?? []).filter((job) => isOf(job, name)).slice(0, SHOWN_JOBS);
  if (jobs.length === 0) return null;
  return (
    <section class="card">
      <h2>Earlier jobs</h2>
      <table class="cards">
        <caption class="vh">Jobs of this process, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Rows</th>
            <th scope="col">Started</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <td>
                <a href={`/jobs/${job.id}`}>{job.name}</a>
              </td>
              <td>
                <StatePill job={job} />
              </td>
              <td data-label="Rows">{formatCount(job.progress.recordsWritten)}</td>
              <td data-label="Started">
                <Ago time={job.timing.startedAt ?? job.timing.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function isOf(job: Job, process: string): boolean {
  return job.kind === "process" && job.process === process;
}
