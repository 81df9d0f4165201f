/** What a client may ask of jobs beside creating them: changing one, and finding them. */
import { z } from "@hono/zod-openapi";
import { JOB_STATE_NAMES } from "../../core/job-state.ts";
import { JOB_KINDS } from "../../core/job.ts";
import { maxRecordsPerSecondSchema } from "./import-request.ts";
import { listSchema, pageQuerySchema } from "./list.ts";
import { jobIdSchema, textSchema } from "./text.ts";
import { jobSchema } from "./job.ts";

/** Body of `PATCH /v1/jobs/{jobId}`. What is absent stays. */
export const changeJobBodySchema = z
  .strictObject({
    name: textSchema(200).optional(),
    maxRecordsPerSecond: maxRecordsPerSecondSchema.optional(),
  })
  .openapi("ChangeJobRequest", { example: { maxRecordsPerSecond: 5000 } });
export type ChangeJobBody = z.infer<typeof changeJobBodySchema>;

/** One page of jobs, newest first. */
export const jobListSchema = listSchema(jobSchema).openapi("JobList");
export type JobList = z.infer<typeof jobListSchema>;

/** Query of `GET /v1/jobs`. `state` takes several names with commas between. */
export const jobListQuerySchema = pageQuerySchema(jobIdSchema).extend({
  state: z
    .string()
    .transform((names) => names.split(","))
    .pipe(z.array(z.enum(JOB_STATE_NAMES)))
    .optional()
    .openapi({ type: "string", example: "queued,running" }),
  kind: z.enum(JOB_KINDS).optional(),
  parent: jobIdSchema
    .optional()
    .openapi({ description: "Only jobs that were made from this one." }),
  q: textSchema(200).optional().openapi({ description: "Words to find in the name." }),
});

/** The longest that `?wait=` waits, in seconds. */
const MAX_WAIT_SECONDS = 60;

/** Query of `GET /v1/jobs/{jobId}`. */
export const jobQuerySchema = z.strictObject({
  wait: z.coerce
    .number()
    .min(0)
    .max(MAX_WAIT_SECONDS)
    .default(0)
    .openapi({ description: "Seconds to wait for a change before the answer." }),
});
