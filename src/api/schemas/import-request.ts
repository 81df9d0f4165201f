/** What a client may ask of an import, and what deciding it answers. Fields that are not listed are refused. */
import { z } from "@hono/zod-openapi";
import { DELIVERIES, IMPORT_MODES, JOB_KINDS } from "../../core/job.ts";
import { COLUMN_TYPES } from "../../core/import-plan.ts";
import { readingSchema } from "./reading.ts";
import { countSchema, fileIdSchema, textSchema } from "./text.ts";

/** A map whose keys come from outside. `__proto__` is refused, because JavaScript would drop it in silence. */
function mapSchema<Value extends z.ZodType>(value: Value) {
  return z.preprocess(
    (input, context) => {
      if (typeof input === "object" && input !== null && Object.hasOwn(input, "__proto__"))
        context.issues.push({
          code: "custom",
          message: 'Expected another name than "__proto__".',
          input,
        });
      return input;
    },
    z.record(textSchema(1000), value),
  );
}

const decisions = {
  table: textSchema(200)
    .optional()
    .openapi({ description: "`table` or `schema.table`; made from the file's name when absent." }),
  mode: z.enum(IMPORT_MODES).optional(),
  columns: mapSchema(textSchema(200).nullable())
    .optional()
    .openapi({
      type: "object",
      additionalProperties: { type: ["string", "null"] },
      description: "Header, or `#3` for the third column, to a column's name; null leaves it out.",
    }),
  types: mapSchema(textSchema(200))
    .optional()
    .openapi({
      type: "object",
      additionalProperties: { type: "string" },
      description: "Column to a PostgreSQL type, for new tables.",
    }),
  reading: readingSchema.optional(),
};

/** Body of `POST /v1/files/{fileId}/inspect`: what an import of the file would be told. */
export const inspectBodySchema = z
  .strictObject(decisions)
  .openapi("InspectRequest", { example: { types: { zip: "text" } } });
export type InspectBody = z.infer<typeof inspectBodySchema>;

/** More rejections than this fail the job; null: never. */
export const maxRejectedSchema = z.int().min(0).nullable();
/** Pauses the job after exactly this many records; null: never. */
export const pauseAfterSchema = z.int().min(1).nullable();

/** Body of `POST /v1/jobs`. With `validateOnly` everything is decided and nothing is written. */
export const createJobBodySchema = z
  .strictObject({
    kind: z.enum(JOB_KINDS),
    file: fileIdSchema,
    ...decisions,
    delivery: z.enum(DELIVERIES).optional(),
    maxRejected: maxRejectedSchema.optional(),
    pauseAfter: pauseAfterSchema.optional(),
    name: textSchema(200).optional(),
    startPaused: z.boolean().optional(),
    validateOnly: z.boolean().optional(),
  })
  .openapi("CreateJobRequest", {
    example: {
      kind: "import",
      file: "file_01m84qvm34fc7rq4ee6xdwhyxw",
      table: "public.people",
      mode: "append",
      columns: { "Full Name": "name", Notes: null },
      maxRejected: 1000,
    },
  });
export type CreateJobBody = z.infer<typeof createJobBodySchema>;

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
    reading: correction(readingSchema),
    delivery: correction(z.enum(DELIVERIES)),
    maxRejected: maxRejectedSchema.optional(),
    pauseAfter: pauseAfterSchema.optional(),
    name: correction(textSchema(200)),
    startPaused: correction(z.boolean()),
    from: z
      .enum(["start"])
      .optional()
      .openapi({ description: "Where the new job begins to read." }),
    validateOnly: z.boolean().optional(),
  })
  .openapi("RerunRequest", {
    example: { table: "public.people_2", types: { zip: "text" }, columns: null },
  });
export type RerunBody = z.infer<typeof rerunBodySchema>;

/** One column that the file fills. */
const plannedColumnSchema = z.strictObject({
  header: z.string(),
  column: z.string(),
  type: z.enum(COLUMN_TYPES),
  sqlType: z.string(),
  isRequired: z.boolean(),
  reason: z.string().openapi({ description: "Why this type." }),
});

const warningSchema = z.strictObject({ code: z.string(), message: z.string() });

/** How the file is read, as it was decided. */
const decidedReadingSchema = z.strictObject({
  delimiter: z.string(),
  quote: z.string(),
  escape: z.string(),
  encoding: z.string(),
  firstRecordLine: z
    .int()
    .min(1)
    .openapi({ description: "Line on which the first record starts." }),
});

const columnExample = {
  header: "ZIP",
  column: "zip",
  type: "text" as const,
  sqlType: "text",
  isRequired: false,
  reason: "leading zeros",
};
const readingExample = {
  delimiter: ",",
  quote: '"',
  escape: '"',
  encoding: "utf-8",
  firstRecordLine: 2,
};

/** What `validateOnly` answers: the decisions of an import that was not created. */
export const planSchema = z
  .strictObject({
    validateOnly: z.literal(true),
    table: z.string(),
    mode: z.enum(IMPORT_MODES),
    reading: decidedReadingSchema,
    columns: z.array(plannedColumnSchema),
    warnings: z.array(warningSchema),
  })
  .openapi("Plan", {
    example: {
      validateOnly: true,
      table: "public.people",
      mode: "create",
      reading: readingExample,
      columns: [columnExample],
      warnings: [],
    },
  });
export type PlanView = z.infer<typeof planSchema>;

/** What inspecting a file says. `sample` holds up to 20 records as they are in the file. */
export const inspectionSchema = z
  .strictObject({
    file: fileIdSchema,
    name: z.string(),
    bytes: countSchema,
    reading: decidedReadingSchema,
    columns: z.array(
      plannedColumnSchema.extend({
        examples: z.array(z.string()).openapi({ description: "Up to three different values." }),
      }),
    ),
    sample: z.array(z.array(z.string())),
    warnings: z.array(warningSchema),
  })
  .openapi("Inspection", {
    example: {
      file: "file_01m84qvm34fc7rq4ee6xdwhyxw",
      name: "people_2026.csv",
      bytes: 89548392,
      reading: readingExample,
      columns: [{ ...columnExample, examples: ["02139", "94110"] }],
      sample: [["02139"], ["94110"]],
      warnings: [],
    },
  });
export type InspectionView = z.infer<typeof inspectionSchema>;
