/** What the doors can ask of sample jobs. */
import { SluiceError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import { actionsOf } from "../core/job-actions.ts";
import type { JobService } from "../core/job-service.ts";
import type { SampleStore } from "../core/sample-ports.ts";
import type { JobStore } from "../core/store-ports.ts";
import { getJob } from "./get-job.ts";
import type { SampleKeeper } from "./sample-keeper.ts";

/** What a service keeps sample jobs with. */
export interface SampleTools {
  readonly keeper: SampleKeeper;
  readonly store: SampleStore;
}

/** The part of the job service that knows samples. Without tools no job is one. */
export function createSampleService(
  jobs: JobStore,
  samples: SampleTools | undefined,
): Pick<JobService, "killWorker" | "getWorkerLosses"> {
  return {
    killWorker: async (jobId) => {
      const job = await getJob(jobs, jobId);
      if (samples === undefined || !isSample(job)) throw noSample(job);
      await samples.keeper.kill(job);
      return getJob(jobs, jobId);
    },
    getWorkerLosses: async (jobId) => {
      const job = await getJob(jobs, jobId);
      if (samples === undefined || job.kind !== "import" || !isSample(job))
        return { losses: [], rows: null };
      const losses = await samples.store.listLosses(jobId);
      return { losses, rows: await samples.store.countRows(jobId) };
    },
  };
}

function isSample(job: Job): boolean {
  return job.kind === "import" && job.request.sample === true;
}

function noSample(job: Job): SluiceError {
  return new SluiceError(
    "transition_not_allowed",
    "The job is no sample: only those have a worker of their own that may be killed.",
    { details: { state: job.state, actions: actionsOf(job) } },
  );
}
