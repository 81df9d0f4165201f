/** What a client may change of a job that is run again. Fields that are not listed are refused. */
import { z } from "@hono/zod-openapi";
import { DELIVERIES, IMPORT_MODES } from "../../core/job.ts";
import {
  dryRunSchema,
  keySchema,
  maxRecordsPerSecondSchema,
  maxRejectedSchema,
  onConflictSchema,
  pauseAfterSchema,
} from "./import-request.ts";
import { paramsSchema } from "./process.ts";
import { readingSchema } from "./reading.ts";
import { mapSchema, textSchema } from "./text.ts";

/** A field of a rerun: null takes that of the job before away. */
function correction<Value extends z.ZodType>(value: Value) {
  return value.nullable().optional();
}

/** A map, as a field of a rerun. */
function mapCorrection<Value extends z.ZodType>(value: Value) {
  return correction(mapSchema(value)).openapi({ type: ["object", "null"] });
}

/** Body of `POST …/rerun`: what is to be other than in the job before. A map replaces the whole map. */
export const rerunBodySchema = z
  .strictObject({
    table: correction(textSchema(200)),
    mode: correction(z.enum(IMPORT_MODES)),
    columns: mapCorrection(textSchema(200).nullable()),
    types: mapCorrection(textSchema(200)),
    key: correction(keySchema),
    params: correction(paramsSchema).openapi({
      type: ["object", "null"],
      description:
        "Of a process; with it only `maxRejected`, `pauseAfter`, `maxRecordsPerSecond` and `name` are taken.",
    }),
    reading: correction(readingSchema),
    delivery: correction(z.enum(DELIVERIES)),
    onConflict: correction(onConflictSchema),
    maxRejected: maxRejectedSchema.optional(),
    pauseAfter: pauseAfterSchema.optional(),
    maxRecordsPerSecond: maxRecordsPerSecondSchema.optional(),
    name: correction(textSchema(200)),
    startPaused: correction(z.boolean()),
    from: z
      .enum(["start"])
      .optional()
      .openapi({ description: "Where the new job begins to read." }),
    dryRun: correction(dryRunSchema).openapi({
      description: "Of an import. Never taken from the job before: a rerun of a dry run imports.",
    }),
    validateOnly: z.boolean().optional(),
  })
  .openapi("RerunRequest", {
    example: { table: "public.people_2", types: { zip: "text" }, columns: null },
  });
export type RerunBody = z.infer<typeof rerunBodySchema>;
