/** What a job is at, as JSON. */
import { z } from "@hono/zod-openapi";
import { countSchema, jobIdSchema, timeSchema } from "./text.ts";

/** What a job is at beyond its figures. */
export const activitySchema = z
  .strictObject({
    job: jobIdSchema,
    jobsAhead: countSchema.nullable().openapi({
      description:
        "Of a job that waits: how many that are at work or wait were there before it; else null.",
    }),
    workerLostAt: timeSchema.nullable().openapi({
      description: "Of a job that waits again because its worker was lost: when; else null.",
    }),
    lock: z
      .strictObject({
        pid: z.int(),
        since: timeSchema.nullable().openapi({ description: "When its transaction began." }),
        query: z.string().nullable().openapi({
          description: "The beginning of its last statement, without values.",
        }),
      })
      .nullable()
      .openapi({
        description:
          "The session that holds a lock for which a runner of the job waits; null when none does.",
      }),
    recordsUndone: countSchema.nullable().openapi({
      description:
        "While the job is being undone: rows that were removed so far, of a process those that were reversed or kept; else null.",
    }),
  })
  .openapi("Activity", {
    example: {
      job: "job_01m84qvwcgffer2s6r76fqcz25",
      jobsAhead: null,
      workerLostAt: null,
      lock: {
        pid: 4242,
        since: "2026-11-23T17:37:01.200Z",
        query: "ALTER TABLE people ADD COLUMN note text",
      },
      recordsUndone: null,
    },
  });
export type ActivityView = z.infer<typeof activitySchema>;
