/** What a rerun may change of the request of a job, and the request that comes of it. */
import type { ImportJob, ImportRequest, ProcessJob } from "./job.ts";
import type { ProcessRequest } from "./process-plan.ts";

/** What a rerun changes: a field replaces that of the request before, null takes it away, an absent one stays. */
export type ImportCorrections = {
  readonly [Field in Exclude<keyof ImportRequest, "kind" | "file">]?: Exclude<
    ImportRequest[Field],
    undefined
  > | null;
};

/** What a rerun of a process may change. */
export const PROCESS_CORRECTIONS = [
  "params",
  "maxRejected",
  "pauseAfter",
  "maxRecordsPerSecond",
  "name",
] as const;

/** As `ImportCorrections`, of a process. */
export type ProcessCorrections = {
  readonly [Field in (typeof PROCESS_CORRECTIONS)[number]]?: Exclude<
    ProcessRequest[Field],
    undefined
  > | null;
};

/**
 * The request of a job with corrections. What was changed while the job ran holds instead of what was asked for first: its
 * speed is the one that was set last. A dry run is asked for each time: what comes after one is the import itself, unless
 * the corrections say otherwise.
 */
export function correctRequest<Request extends ImportRequest | ProcessRequest>(
  job: Pick<ImportJob | ProcessJob, "maxRecordsPerSecond"> & { readonly request: Request },
  corrections: Readonly<Record<string, unknown>>,
): Request {
  const { request, maxRecordsPerSecond } = job;
  const merged = Object.entries({
    ...request,
    dryRun: null,
    maxRecordsPerSecond,
    ...corrections,
  });
  // A request whose optional fields are absent where they were null; null means the same as absent everywhere.
  return Object.fromEntries(merged.filter(([, value]) => value != null)) as unknown as Request;
}
