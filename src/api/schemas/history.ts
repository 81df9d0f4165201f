/** What a job leaves behind, as JSON: timeline and receipt; and the messages of `GET /v1/events`. */
import { z } from "@hono/zod-openapi";
import { JOB_STATE_NAMES } from "../../core/job-state.ts";
import { warningSchema } from "./import-request.ts";
import { checkpointSchema, progressSchema } from "./job.ts";
import { listSchema } from "./list.ts";
import { processOutputSchema } from "./process.ts";
import { countSchema, jobIdSchema, timeSchema } from "./text.ts";

/** One line of a job's history. `id` grows. */
export const timelineEventSchema = z
  .strictObject({
    id: z.int().min(0),
    job: jobIdSchema,
    type: z.string(),
    at: timeSchema,
    by: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi("TimelineEvent", {
    example: {
      id: 1842,
      job: "job_01m84qvwcgffer2s6r76fqcz25",
      type: "job.paused",
      at: "2026-11-23T17:39:49.100Z",
      by: "dana",
      details: {},
    },
  });
export type TimelineEventView = z.infer<typeof timelineEventSchema>;

/** A job's history in order; never paged. */
export const timelineSchema = listSchema(timelineEventSchema).openapi("Timeline");
export type Timeline = z.infer<typeof timelineSchema>;

/** Query of `GET …/timeline`. */
export const timelineQuerySchema = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .openapi({ description: "Id of the last event already seen." }),
});

/** What became of the rows of an import that was undone. */
const importUndoSchema = z.strictObject({
  removed: countSchema,
  restored: countSchema,
  left: countSchema.openapi({ description: "Changed or deleted by others since." }),
  failed: countSchema.openapi({
    description: "Kept by the table, because of what refers to them.",
  }),
  failedReasons: z
    .array(z.strictObject({ reason: z.string(), rows: countSchema }))
    .openapi({ description: "Why rows failed; the ten most frequent." }),
});

/** What became of the records of a process that was undone. */
const processUndoSchema = z.strictObject({
  undone: countSchema,
  kept: countSchema,
  failed: countSchema,
  keptReasons: z
    .array(z.strictObject({ reason: z.string(), records: countSchema, firstRecord: countSchema }))
    .openapi({
      description:
        "Why records were kept, as the process says, with the number of the first one; the ten most frequent.",
    }),
});

/** What became of every record. `rows` is null until the job has ended. */
export const receiptSchema = z
  .strictObject({
    job: jobIdSchema,
    state: z.enum(JOB_STATE_NAMES),
    endedAt: timeSchema.nullable(),
    isBalanced: z.boolean().openapi({
      description:
        "read = written + rejected + filtered, and, when rows are kept, written = inserted + updated + unchanged; of a process that has ended, written = done.",
    }),
    file: z
      .strictObject({ name: z.string(), bytes: countSchema, sha256: z.string().nullable() })
      .nullable()
      .openapi({
        description:
          "The file of an import or a process; of an export its result, null until then.",
      }),
    records: z.strictObject({
      read: countSchema,
      written: countSchema,
      rejected: countSchema,
      filtered: countSchema,
    }),
    rows: z
      .strictObject({ inserted: countSchema, updated: countSchema, unchanged: countSchema })
      .nullable(),
    warnings: z.array(warningSchema).openapi({
      description: "What reading noticed and kept no record out for, so far.",
    }),
    output: processOutputSchema.openapi({
      description: "The file that a process has made; null for other kinds, and without one.",
    }),
    undo: z
      .union([importUndoSchema, processUndoSchema])
      .nullable()
      .openapi({ description: "What became of what was undone; null where nothing was." }),
  })
  .openapi("Receipt", {
    example: {
      job: "job_01m84qvwcgffer2s6r76fqcz25",
      state: "succeeded",
      endedAt: "2026-11-23T17:40:26.903Z",
      isBalanced: true,
      file: { name: "people_2026.csv", bytes: 89548392, sha256: "9f2c5e0f" },
      records: { read: 1000000, written: 999988, rejected: 12, filtered: 0 },
      rows: { inserted: 999988, updated: 0, unchanged: 0 },
      warnings: [{ code: "blank_lines", message: "3 blank lines are left out." }],
      output: null,
      undo: null,
    },
  });
export type Receipt = z.infer<typeof receiptSchema>;

/** Data of a `job.progress` message of `GET /v1/events`. */
export const progressMessageSchema = z
  .strictObject({ id: jobIdSchema, progress: progressSchema, checkpoint: checkpointSchema })
  .openapi("ProgressMessage");
export type ProgressMessage = z.infer<typeof progressMessageSchema>;

/** Query of `GET /v1/events`: one job, or every active one. */
export const eventsQuerySchema = z.strictObject({ job: jobIdSchema.optional() });
