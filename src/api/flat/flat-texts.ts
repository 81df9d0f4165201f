/** Every sentence of the flat API, exact to the character, and the state that it reads. */
import { fractionOf, type Job } from "../../core/job.ts";

/** Sentences that never change. */
export const FLAT_TEXTS = {
  inactive: "No active process.",
  started: "Process started successfully.",
  busy: "A file already in process. Wait till the process gets completed or try stopping the current process.",
  fileMissing: "Please attach a file. Ensure that the key is 'file'",
  alreadyPaused: "Process already paused.",
  alreadyRunning: "Process already running.",
} as const;

/** Sentences that say where the job is. */
export const FLAT_PROGRESS_TEXTS = {
  running: (job: Job) => `An active process, currently running. ${completed(job)}`,
  paused: (job: Job) => `An active process, currently paused. ${completed(job)}`,
  justPaused: (job: Job) => `Process paused. ${completed(job)}`,
  justResumed: (job: Job) => `Process resumed. ${completed(job)}`,
  stopped: (job: Job) =>
    `Process stopped at row number ${job.progress.read}. Completed ${percentOf(job)}% processing.`,
} as const;

/** What the flat API makes of a state: a job that will be paused by itself reads as paused, any other as running. */
export function flatStateOf(job: Job): "running" | "paused" {
  return job.state === "paused" || job.state === "pausing" ? "paused" : "running";
}

function completed(job: Job): string {
  return `Completed ${percentOf(job)}%, currently on row number ${job.progress.read}.`;
}

/** The committed share with two decimals, rounded down so that 100.00 means all of it. */
function percentOf(job: Job): string {
  // Shares such as 0.0113 have no exact binary form: without the detour the floor would lose a hundredth.
  const hundredths = Number(((fractionOf(job) ?? 0) * 10_000).toFixed(6));
  return (Math.floor(hundredths) / 100).toFixed(2);
}
