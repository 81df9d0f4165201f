import type { Action, Job } from "../api/types.ts";
import { ACTION_WORDS, askedActions, begin } from "../jobs/actions.ts";

/** A button of what may be asked of a job now. */
export function ActionButton({
  action,
  job,
  isPrimary = false,
  isIcon = false,
}: {
  action: Action;
  job: Job;
  isPrimary?: boolean;
  isIcon?: boolean;
}) {
  const { text, icon } = ACTION_WORDS[action];
  const asked = askedActions.value.get(job.id);
  const tone = isPrimary ? "primary" : action === "stop" || action === "undo" ? "danger" : "";
  return (
    <button
      type="button"
      class={isIcon ? "" : tone}
      disabled={asked !== undefined}
      aria-busy={asked === action}
      aria-label={isIcon ? `${text} ${job.name}` : undefined}
      onClick={() => begin(action, job)}
    >
      <span aria-hidden="true">{icon}</span>
      {!isIcon && ` ${text}`}
    </button>
  );
}
