/** Requests that come again under the Idempotency-Key of a job. */
import { isDeepStrictEqual } from "node:util";
import { SluiceError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";

/**
 * The job that a repeated request has made. The settings that a resume may change are not part of the comparison. Errors:
 * `idempotency_key_reused` when the job was asked for with another body.
 */
export function repeatedJob<Known extends Job>(
  job: Known,
  request: Job["request"],
  parent: string | null,
): Known {
  const isSame = isDeepStrictEqual(withoutLimits(job.request), withoutLimits(request));
  if (isSame && job.parent === parent) return job;
  throw new SluiceError(
    "idempotency_key_reused",
    `This Idempotency-Key belongs to ${job.id}, which was asked for with another body.`,
  );
}

function withoutLimits(request: Job["request"]): object {
  return { ...request, maxRejected: null, pauseAfter: null };
}
