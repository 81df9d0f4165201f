/** Bodies of the actions on a job. */
import { z } from "@hono/zod-openapi";
import { ROWS_ON_STOP } from "../../core/job.ts";
import { maxRejectedSchema, pauseAfterSchema } from "./import-request.ts";
import { countSchema, textSchema } from "./text.ts";

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
  .strictObject({
    reason: reasonSchema.optional(),
    validateOnly: z.boolean().optional().openapi({
      description: "Answers what undoing would come to, and writes nothing. Default false.",
    }),
  })
  .openapi("UndoRequest", { example: { reason: "wrong file" } });
export type UndoBody = z.infer<typeof undoBodySchema>;

/** What undoing a job would come to. */
export const undoPreviewSchema = z
  .strictObject({
    rowsRemoved: countSchema.openapi({
      description:
        "Rows that would be taken out of the table, discarded, or given to the process's own undo. Those that something refers to are among them.",
    }),
    rowsRestored: countSchema.openapi({
      description: "Rows that would have what they had before the job again, or come back.",
    }),
    rowsLeft: countSchema.openapi({ description: "Changed or deleted by others since." }),
    isEstimate: z.boolean().openapi({
      description: "Whether the rows were not counted, because there are too many, or no way.",
    }),
    dropsTable: z.boolean().openapi({
      description:
        "Whether the table is dropped: the job has made it, nothing else is in it, nobody depends on it.",
    }),
  })
  .openapi("UndoPreview", {
    example: {
      rowsRemoved: 401188,
      rowsRestored: 81110,
      rowsLeft: 3,
      isEstimate: false,
      dropsTable: false,
    },
  });
export type UndoPreviewView = z.infer<typeof undoPreviewSchema>;
