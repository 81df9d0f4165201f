/** Changing a job while it runs. See `JobService.changeJob`. */
import { SluiceError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import { actionsOf, mayStillRead } from "../core/job-actions.ts";
import type { JobService } from "../core/job-service.ts";
import type { JobStore } from "../core/store-ports.ts";
import { getJob } from "./get-job.ts";

/** Carries a change out. `nudge`: parts that were read one after the other may be taken side by side. */
export async function changeJob(
  { jobs, nudge }: { readonly jobs: JobStore; readonly nudge: () => void },
  ...[jobId, change, { by }, options = {}]: Parameters<JobService["changeJob"]>
): Promise<Job> {
  if (change.maxRecordsPerSecond !== undefined) refuseSpeed(await getJob(jobs, jobId));
  const outcome = await jobs.changeJob(jobId, change, {
    by,
    ifVersion: options.ifVersion ?? null,
  });
  if (outcome === "version_conflict")
    throw new SluiceError(
      "version_conflict",
      "The job has changed since the version that `If-Match` names.",
    );
  nudge();
  return getJob(jobs, jobId);
}

function refuseSpeed(job: Job): void {
  if (mayStillRead(job)) return;
  const isVerb = job.state === "succeeded" || job.state === "failed";
  throw new SluiceError(
    "transition_not_allowed",
    `The job ${isVerb ? "has" : "is"} ${job.state}: it has no speed any more.`,
    { details: { state: job.state, actions: actionsOf(job) } },
  );
}
