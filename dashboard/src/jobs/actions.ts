/**
 * What a person asks of jobs. Which buttons there are comes from the job's own `actions`. Nothing is shown before the service
 * has answered but that it was asked: a pause that is only hoped for would be a lie.
 */
import { signal } from "@preact/signals";
import { announce } from "../announce.ts";
import { act } from "../api/calls.ts";
import { toApiError, type ApiError } from "../api/request.ts";
import type { Action, Job } from "../api/types.ts";
import { formatCounted } from "../format.ts";
import { goTo } from "../router.ts";
import { takeJob } from "./store.ts";

/** An action that is on its way, by the id of the job. */
export const askedActions = signal<ReadonlyMap<string, Action>>(new Map());

/** Why the last action on a job was refused, by the id of the job. */
export const refusals = signal<ReadonlyMap<string, ApiError>>(new Map());

/** The question that is asked before an action, or null. */
export const question = signal<{
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
  retry: { text: "Fix and retry", icon: "✎" },
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
  if (action === "retry") goTo(`/jobs/${job.id}/fix`);
  else if (action === "rerun") {
    if (job.kind === "import") goTo(`/import/${job.file}?rerun=${job.id}`);
    if (job.kind === "process") goTo(`/processes/${job.process}?rerun=${job.id}`);
  } else if (action === "stop" || action === "undo") question.value = { action, ids: [job.id] };
  else void ask(action, job);
}

/** Pauses a process without waiting for its batch, which is done again on resume. */
export function forcePause(job: Job): void {
  void ask("pause", job, { force: true });
}

/** Asks whether jobs are to be stopped. */
export function askToStop(jobs: readonly Job[]): void {
  question.value = { action: "stop", ids: jobs.map((job) => job.id) };
}

/** What becomes of rows that are there already. Kept can only be what is visible: staged rows are not yet anything. */
export type Rows = "undo" | "keep";

/** Asks the service. What it refuses is kept in `refusals`, with what the job can do instead. True when it was taken. */
export async function ask(
  action: Exclude<Action, "rerun" | "retry">,
  job: Job,
  body: { readonly rows?: Rows; readonly force?: true } = {},
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
