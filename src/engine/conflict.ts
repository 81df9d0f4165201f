/** The refusal of an action that a job cannot do in its state. */
import { SluiceError } from "../core/errors.ts";
import type { StateAction } from "../core/job-state.ts";
import type { Job } from "../core/job.ts";
import { actionsOf } from "../core/job-actions.ts";

const PARTICIPLES: Readonly<Record<StateAction, string>> = {
  pause: "paused",
  resume: "resumed",
  stop: "stopped",
  undo: "undone",
};

/** `transition_not_allowed`, with the state and what is possible in it. */
export function conflict(action: StateAction, job: Job): SluiceError {
  const actions = actionsOf(job);
  const possible = actions.length === 0 ? "" : ` Possible: ${actions.join(", ")}.`;
  const isVerb = job.state === "succeeded" || job.state === "failed";
  const where =
    job.phase === "publishing"
      ? "is publishing its rows, which is one step"
      : `${isVerb ? "has" : "is"} ${job.state}`;
  return new SluiceError(
    "transition_not_allowed",
    `The job ${where}: it cannot be ${PARTICIPLES[action]}.${possible}`,
    { details: { state: job.state, actions } },
  );
}
