/** Errors as JSON: `application/problem+json` of RFC 9457. */
import { z } from "@hono/zod-openapi";
import { ERRORS, type ErrorCode } from "../../core/error-table.ts";
import { ACTION_NAMES, JOB_STATE_NAMES } from "../../core/job-state.ts";

// Keys of const objects: the lists are complete and not empty.
const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** One field that is not valid. */
const fieldErrorSchema = z.strictObject({
  pointer: z.string().openapi({
    description: "JSON pointer into the body; `?name` for the query; a header by its name.",
  }),
  code: z.string(),
  detail: z.string(),
});
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** An error. Codes may add facts of their own. */
export const problemSchema = z
  .looseObject({
    type: z.string().openapi({ description: "Address of the page that explains the code." }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(ERROR_CODES),
    requestId: z.string(),
    state: z.enum(JOB_STATE_NAMES).optional(),
    actions: z.array(z.enum(ACTION_NAMES)).optional(),
    errors: z.array(fieldErrorSchema).optional(),
  })
  .openapi("Problem", {
    example: {
      type: "/docs/errors/transition_not_allowed",
      title: "The job cannot do this now",
      status: 409,
      detail: "The job succeeded. It cannot be resumed.",
      instance: "/v1/jobs/job_01m84qvwcgffer2s6r76fqcz25/resume",
      code: "transition_not_allowed",
      requestId: "req_01m84r0q5tf0gs6d0h0e6f2v9c",
      state: "succeeded",
      actions: ["rerun"],
    },
  });
export type Problem = z.infer<typeof problemSchema>;
