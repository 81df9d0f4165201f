/** What may be asked of a job now, by its kind, its state, and what has become of its rows. */
import { isDryRun } from "./dry-run.ts";
import { allowedActions, type Action, type JobSituation } from "./job-state.ts";
import type { Job, JobKind } from "./job.ts";

/** The actions that would change something now. */
export function actionsOf(job: Job): readonly Action[] {
  return allowedActions(situationOf(job)).filter((action) => isForKind(action, job.kind));
}

/** Whether records of it may still be read: it has a speed. */
export function mayStillRead(job: Job): boolean {
  const isOnItsWay = ["queued", "running", "pausing", "paused"].includes(job.state);
  return isOnItsWay || actionsOf(job).includes("resume");
}

/** What decides what may be asked of a job. */
export function situationOf(job: Job): JobSituation {
  const { state, phase } = job;
  const retry = { isGivenBack: job.retry?.isGivenBack === true, hasRetriable: hasRetriable(job) };
  return { state, phase, ...retry, undo: undoOf(job) };
}

/** Whether its work is kept and has left records out that no retry has. */
function hasRetriable(job: Job): boolean {
  const { kind, state, result, progress, retries } = job;
  if (isDryRun(job)) return false;
  const isKept =
    state === "succeeded" || (state === "stopped" && kind !== "export" && isKeptResult(result));
  return kind !== "export" && isKept && progress.rejected > retries.recordsRetried;
}

function isKeptResult(result: Job["result"]): boolean {
  return result !== null && "rows" in result && result.rows === "kept";
}

/**
 * A process can be reversed by its `undo`, also after it has ended and its work was kept; without one never. Rows that an
 * import has left can be taken out for some days.
 */
function undoOf(job: Job): JobSituation["undo"] {
  switch (job.kind) {
    case "process": {
      const { plan, result, state } = job;
      if (!plan.hasUndo) return "never";
      const isKept = state === "succeeded" || (state === "stopped" && result?.rows === "kept");
      return isKept ? "after_end" : undefined;
    }
    case "import":
      return job.kept?.refusal === null ? "after_end" : undefined;
    case "export":
      return undefined;
    default:
      return job satisfies never;
  }
}

/** Whether jobs of a kind have an action at all. An export is asked for again by its request. */
function isForKind(action: Action, kind: JobKind): boolean {
  return kind !== "export" || action !== "rerun";
}
