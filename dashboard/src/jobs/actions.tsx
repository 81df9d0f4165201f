/**
 * What a person asks of jobs. Which buttons there are comes from the job's own `actions`. Nothing is shown before the service
 * has answered but that it was asked: a pause that is only hoped for would be a lie.
 */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { announce } from "../announce.ts";
import { act } from "../api/calls.ts";
import { toApiError, type ApiError } from "../api/request.ts";
import type { Action, Job } from "../api/types.ts";
import { formatCounted } from "../format.ts";
import { goTo } from "../router.ts";
import { Question } from "../ui/dialog.tsx";
import { shortNameOf } from "./figures.ts";
import { findJob, takeJob } from "./store.ts";

/** An action that is on its way, by the id of the job. */
export const askedActions = signal<ReadonlyMap<string, Action>>(new Map());

/** Why the last action on a job was refused, by the id of the job. */
export const refusals = signal<ReadonlyMap<string, ApiError>>(new Map());

/** The question that is asked before an action, or null. */
const question = signal<{
  readonly action: "stop" | "undo";
  readonly ids: readonly string[];
} | null>(null);

/** What an action is called on its button, and its icon. */
export const ACTION_WORDS: Readonly<
  Record<Action, { readonly text: string; readonly icon: string }>
> = {
  pause: { text: "Pause", icon: "❚❚" },
  resume: { text: "Resume", icon: "▶" },
  stop: { text: "Stop…", icon: "■" },
  undo: { text: "Undo…", icon: "↶" },
  rerun: { text: "Run again…", icon: "↻" },
};

function changed<Value>(
  map: ReadonlyMap<string, Value>,
  id: string,
  value: Value | null,
): ReadonlyMap<string, Value> {
  const next = new Map(map);
  if (value === null) next.delete(id);
  else next.set(id, value);
  return next;
}

/** Does an action, or asks before it where it cannot be taken back. */
export function begin(action: Action, job: Job): void {
  if (action === "rerun") goTo(`/import/${job.file}?rerun=${job.id}`);
  else if (action === "stop" || action === "undo") question.value = { action, ids: [job.id] };
  else void ask(action, job);
}

/** Asks whether jobs are to be stopped. */
export function askToStop(jobs: readonly Job[]): void {
  question.value = { action: "stop", ids: jobs.map((job) => job.id) };
}

/** Asks the service. What it refuses is kept in `refusals`, with what the job can do instead. True when it was taken. */
async function ask(
  action: Exclude<Action, "rerun">,
  job: Job,
  body: { readonly rows?: Rows } = {},
): Promise<boolean> {
  askedActions.value = changed(askedActions.value, job.id, action);
  refusals.value = changed(refusals.value, job.id, null);
  try {
    takeJob(await act(job.id, action, body));
    return true;
  } catch (thrown) {
    const error = toApiError(thrown);
    refusals.value = changed(refusals.value, job.id, error);
    return false;
  } finally {
    askedActions.value = changed(askedActions.value, job.id, null);
  }
}

/** Asks the same of several jobs; each answers for itself. */
export async function askAll(
  action: "pause" | "resume" | "stop",
  jobs: readonly Job[],
): Promise<void> {
  const able = jobs.filter((job) => job.actions.includes(action));
  const taken = await Promise.all(able.map((job) => ask(action, job)));
  const done = taken.filter(Boolean).length;
  const rest = jobs.length - done;
  const verb = { pause: "Paused", resume: "Resumed", stop: "Stopped" }[action];
  const others =
    rest === 0 ? "" : ` ${formatCounted(rest, "job")} could not be ${verb.toLowerCase()}.`;
  groupAnswer.value = `${verb} ${formatCounted(done, "job")}.${others}`;
  announce(groupAnswer.value);
}

/** What became of the last action on several jobs. */
export const groupAnswer = signal("");

/** The question before an action, where one is open. */
export function OpenQuestion() {
  if (question.value === null) return null;
  const { action, ids } = question.value;
  // The jobs go on meanwhile, and so do the counts.
  const jobs = ids.map((id) => findJob(id)?.value).filter((job) => job !== undefined);
  const close = (): void => {
    question.value = null;
  };
  const job = jobs[0];
  if (job === undefined) return null;
  if (jobs.length > 1)
    return (
      <Question
        title={`Stop ${formatCounted(jobs.length, "job")}?`}
        keep="Keep running"
        act="Stop and undo"
        onClose={close}
        onAct={() => void askAll("stop", jobs)}
      >
        <p>What they have written is undone. Their tables are as they were before.</p>
      </Question>
    );
  return <OneQuestion key={job.id} action={action} job={job} onClose={close} />;
}

/** What becomes of rows that are there already. Kept can only be what is visible: staged rows are not yet anything. */
type Rows = "undo" | "keep";

function OneQuestion({
  action,
  job,
  onClose,
}: {
  action: "stop" | "undo";
  job: Job;
  onClose: () => void;
}) {
  const [rows, setRows] = useState<Rows>("undo");
  const isStop = action === "stop";
  const hasChoice = isStop && job.delivery === "direct";
  return (
    <Question
      title={isStop ? `Stop this ${job.kind}?` : `Undo this ${job.kind}?`}
      keep={!isStop ? "Leave it" : job.state === "paused" ? "Keep it paused" : "Keep running"}
      act={!isStop ? "Undo" : rows === "keep" ? "Stop and keep rows" : "Stop and undo"}
      onClose={onClose}
      onAct={() => void ask(action, job, hasChoice ? { rows } : {})}
    >
      {job.delivery === "direct" ? <VisibleRows job={job} /> : <StagedRows job={job} />}
      {hasChoice && <RowsChoice rows={rows} onChoose={setRows} />}
    </Question>
  );
}

function RowsChoice({ rows, onChoose }: { rows: Rows; onChoose: (rows: Rows) => void }) {
  return (
    <fieldset>
      <legend class="vh">What happens to rows that are written already</legend>
      <label>
        <input
          type="radio"
          name="rows"
          checked={rows === "undo"}
          onChange={() => onChoose("undo")}
        />{" "}
        <strong>Undo them.</strong> Rows that nobody has changed since are deleted again.
      </label>
      <label>
        <input
          type="radio"
          name="rows"
          checked={rows === "keep"}
          onChange={() => onChoose("keep")}
        />{" "}
        <strong>Keep them.</strong> The rest of the file is not imported.
      </label>
    </fieldset>
  );
}

/** What is in the table already of a job that writes directly. */
function VisibleRows({ job }: { job: Job }) {
  const { recordsWritten } = job.progress;
  return (
    <p>
      {formatCounted(recordsWritten, "row")} of {shortNameOf(job)}{" "}
      {recordsWritten === 1 ? "is" : "are"} already in <code>{job.table}</code>.
    </p>
  );
}

/** What happens to the rows of a job that wait in staging. */
function StagedRows({ job }: { job: Job }) {
  const { recordsWritten } = job.progress;
  const after =
    job.mode === "create" ? `${job.table} is not made.` : `${job.table} stays as it was.`;
  return (
    <>
      <p>
        {formatCounted(recordsWritten, "row")} of {shortNameOf(job)}{" "}
        {recordsWritten === 1 ? "is" : "are"} ready. Nothing is visible in <code>{job.table}</code>{" "}
        yet.
      </p>
      <p>
        <strong>Undo: discard them.</strong> {after} The file is kept, so that it can be imported
        again without an upload.
      </p>
    </>
  );
}
