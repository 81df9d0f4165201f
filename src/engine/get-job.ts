/** Reading the job that a request names. */
import { SluiceError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { JobStore } from "../core/store-ports.ts";

/** The job as it is now. Errors: `not_found`. */
export async function getJob(jobs: Pick<JobStore, "findJob">, jobId: string): Promise<Job> {
  const job = await jobs.findJob(jobId);
  if (job === null) throw new SluiceError("not_found", `There is no job ${jobId}.`);
  return job;
}
