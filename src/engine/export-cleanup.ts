/**
 * Files of exports and processes that are over. A stop removes them before it is answered; what a process that died, or a disk that
 * failed, has left is found by its folder. The result file goes first: while the folder is there, there may be one.
 */
import type { ExportFiles } from "../core/export-ports.ts";
import { isActive } from "../core/job-state.ts";
import type { Job } from "../core/job.ts";
import type { JobStore } from "../core/store-ports.ts";
import type { Control } from "./control.ts";

/** What cleaning works with. */
export interface CleanupTools {
  readonly jobs: Pick<JobStore, "findJob" | "findFile">;
  readonly files: ExportFiles;
}

/**
 * Removes the files of a job that nothing goes on with: it was stopped or undone, or has its result. A job that is not
 * known may be one of another database over the same folder, and is left alone.
 */
async function cleanExport({ jobs, files }: CleanupTools, jobId: string): Promise<void> {
  const job = await jobs.findJob(jobId);
  if (job === null || job.kind === "import" || mayGoOn(job)) return;
  const { resultFile } = job.plan;
  // The result of a process that was undone stays when a job reads it: then its row is there.
  const isNeeded = job.state === "succeeded" || (await jobs.findFile(resultFile)) !== null;
  await files.removeJob(jobId, isNeeded ? null : resultFile);
}

/** Whether pieces of the result are still wanted. What is being undone comes to no result any more. */
function mayGoOn(job: Job): boolean {
  if (job.phase === "undoing") return false;
  return isActive(job.state) || job.state === "failed";
}

/** Does that for every job that has left something. */
export async function cleanExports(tools: CleanupTools): Promise<void> {
  for (const jobId of await tools.files.listJobs()) await cleanExport(tools, jobId);
}

/** Control that has removed the files of an export when it answers that the job is stopped or undone. */
export function withCleanup(control: Control, tools: CleanupTools): Control {
  return {
    ...control,
    act: async (jobId, action, actor, options) => {
      const outcome = await control.act(jobId, action, actor, options);
      if (action === "stop" || action === "undo") await cleanExport(tools, jobId);
      return outcome;
    },
    settle: async (jobId, signal) => {
      await control.settle(jobId, signal);
      if (signal === "stop") await cleanExport(tools, jobId);
    },
  };
}
