/** What is told of sample jobs, as JSON. */
import { z } from "@hono/zod-openapi";
import { countSchema, jobIdSchema, timeSchema } from "./text.ts";

/** The workers that a sample job has lost, and its rows as the database has them now. */
export const workerLossesSchema = z
  .strictObject({
    job: jobIdSchema,
    losses: z.array(
      z.strictObject({
        lostAt: timeSchema,
        pid: z.int(),
        takenOverAt: timeSchema.nullable().openapi({
          description: "When a runner had a part of the job again; null until then.",
        }),
      }),
    ),
    rows: z
      .strictObject({
        where: z.enum(["staging", "target"]),
        recordsWritten: countSchema.openapi({ description: "What the parts have counted." }),
        rowsStored: countSchema.openapi({ description: "Rows of the table now." }),
        rowsLost: countSchema,
        rowsWrittenTwice: countSchema,
        isLedgerWhole: z.boolean().openapi({
          description:
            "Whether the chunks of each part cover its bytes up to the checkpoint, without gap or overlap.",
        }),
      })
      .nullable()
      .openapi({
        description:
          "Counted in one snapshot, chunk by chunk: each row carries the transaction that wrote it. What somebody changes in the table after the end counts too. Null when the job has no rows, and for jobs that are no sample.",
      }),
  })
  .openapi("WorkerLosses", {
    example: {
      job: "job_01m84qvwcgffer2s6r76fqcz25",
      losses: [
        {
          lostAt: "2026-11-23T14:02:11.320Z",
          pid: 4711,
          takenOverAt: "2026-11-23T14:02:13.105Z",
        },
      ],
      rows: {
        where: "staging",
        recordsWritten: 81250,
        rowsStored: 81250,
        rowsLost: 0,
        rowsWrittenTwice: 0,
        isLedgerWhole: true,
      },
    },
  });
export type WorkerLossesView = z.infer<typeof workerLossesSchema>;
