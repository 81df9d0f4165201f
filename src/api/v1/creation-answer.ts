/** What routes that create a job have in common. */
import { z } from "@hono/zod-openapi";
import type { Job } from "../../core/job.ts";
import type { AppContext } from "../app-context.ts";
import { etagOf, jobView } from "../job-view.ts";
import { present } from "../present.ts";
import { PLANNING_CODES } from "../responses.ts";

/** The headers of routes that create a job. */
export const creationHeaders = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "Expected 1 to 255 visible ASCII characters.")
    .optional(),
});

/** Codes of creating a job. */
export const CREATION_CODES = [
  ...PLANNING_CODES,
  "process_not_found",
  "process_broken",
  "malformed_request",
  "idempotency_key_reused",
  "shutting_down",
] as const;

/** The key of a request as the service takes it. */
export function keyOf(headers: z.infer<typeof creationHeaders>): {
  readonly idempotencyKey?: string;
} {
  return present({ idempotencyKey: headers["idempotency-key"] });
}

/** Answers with a job: 201 for one that was created now. */
export function created(
  c: AppContext,
  { job, isNew }: { readonly job: Job; readonly isNew: boolean },
) {
  const headers = { Location: `/v1/jobs/${job.id}`, ETag: etagOf(job) };
  return isNew ? c.json(jobView(job), 201, headers) : c.json(jobView(job), 200, headers);
}
