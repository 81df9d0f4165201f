/** Bodies of the actions on a job. */
import { z } from "@hono/zod-openapi";
import { ROWS_ON_STOP } from "../../core/job.ts";
import { maxRejectedSchema, pauseAfterSchema } from "./import-request.ts";
import { textSchema } from "./text.ts";

const reasonSchema = textSchema(500).nullable();

/** Body of `POST …/pause`. */
export const pauseBodySchema = z
  .strictObject({
    force: z.boolean().optional().openapi({
      description:
        "Of a process: does not wait for the batch in hand, which is rolled back and done again on resume.",
    }),
    reason: reasonSchema.optional(),
  })
  .openapi("PauseRequest", { example: { reason: "wrong file?" } });
export type PauseBody = z.infer<typeof pauseBodySchema>;

/** Body of `POST …/resume`. */
export const resumeBodySchema = z
  .strictObject({
    pauseAfter: pauseAfterSchema.optional(),
    maxRejected: maxRejectedSchema.optional(),
    reason: reasonSchema.optional(),
  })
  .openapi("ResumeRequest", { example: { pauseAfter: null, maxRejected: 1000 } });
export type ResumeBody = z.infer<typeof resumeBodySchema>;

/** Body of `POST …/stop`. `undo` is the default where it is possible. */
export const stopBodySchema = z
  .strictObject({
    rows: z.enum(ROWS_ON_STOP).optional().openapi({
      description:
        "What becomes of the rows that are written so far, and of what a process has done. `keep` publishes those that are ready. Without it they are undone; what a process without `undo` has done is kept.",
    }),
    reason: reasonSchema.optional(),
  })
  .openapi("StopRequest", { example: { rows: "undo", reason: "wrong file" } });
export type StopBody = z.infer<typeof stopBodySchema>;

/** Body of `POST …/undo`. */
export const undoBodySchema = z
  .strictObject({ reason: reasonSchema.optional() })
  .openapi("UndoRequest", { example: { reason: "wrong file" } });
export type UndoBody = z.infer<typeof undoBodySchema>;
