/** What the doors can ask about processes: the user's recipes, and jobs that run them. */
import type { ProcessCorrections } from "./correct-request.ts";
import type { Actor } from "./job-service.ts";
import type { Job } from "./job.ts";
import type { ProcessPlan, ProcessRequest } from "./process-plan.ts";
import type { BrokenProcess, ProcessDescription } from "./process-ports.ts";
import type { ProcessLogLine } from "./process-store-ports.ts";

/** The part of the job service that is about processes. */
export interface ProcessService {
  /**
   * As `createJob`, for a process. Errors also: `process_not_found`, `process_broken`, and `invalid_request` with a pointer
   * below `/params` for what its schema refuses.
   */
  createProcess(
    request: ProcessRequest,
    actor: Actor,
    options?: { readonly idempotencyKey?: string },
  ): Promise<{ readonly job: Job; readonly isNew: boolean }>;
  /** Decides everything that `createProcess` would decide, and writes nothing. */
  validateProcess(request: ProcessRequest): Promise<ProcessPlan>;
  /** Decides everything that `rerunJob` of a process would decide, and writes nothing. */
  validateProcessRerun(jobId: string, corrections: ProcessCorrections): Promise<ProcessPlan>;
  /** The processes of the folder, and the files of it that are none. */
  listProcesses(): Promise<{
    readonly processes: readonly ProcessDescription[];
    readonly broken: readonly BrokenProcess[];
  }>;
  /** Errors: `process_not_found`, `process_broken`. */
  getProcess(name: string): Promise<ProcessDescription>;
  /**
   * What the process of a job has logged, the newest thousand lines, in order: at most `limit` behind the line `after`.
   * Errors: `not_found`.
   */
  listLog(
    jobId: string,
    page: { readonly limit: number; readonly after?: number },
  ): Promise<readonly ProcessLogLine[]>;
}
