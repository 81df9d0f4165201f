/** What a client may ask of an import, and what deciding it answers. Fields that are not listed are refused. */
import { z } from "@hono/zod-openapi";
import { DELIVERIES, IMPORT_MODES, ON_CONFLICT, MOST_RECORDS_PER_SECOND } from "../../core/job.ts";
import { COLUMN_TYPES } from "../../core/import-plan.ts";
import { PERCENTAGE } from "../../core/rejection-limit.ts";
import { readingSchema } from "./reading.ts";
import { fileIdSchema, mapSchema, textSchema } from "./text.ts";

/** Columns of the primary key of a new table, or what rows are matched by. */
export const keySchema = z.array(textSchema(200)).min(1).max(32).openapi({
  description:
    "Columns by name, header or `#3`. With `create` those of the new table's primary key: rows whose key an earlier row has are rejected. With `upsert`, which needs them, those of a unique index: a row whose key the table has updates that row, and of rows with one key the last is taken, the others are rejected.",
});

/** What a client may decide of how a file is read and where it goes. */
export const decisions = {
  table: textSchema(200)
    .optional()
    .openapi({ description: "`table` or `schema.table`; made from the file's name when absent." }),
  mode: z.enum(IMPORT_MODES).optional().openapi({
    description:
      "`create`, the default: a new table. `append`: more rows for a table; a taken key is rejected. `upsert`: rows of a table that have the `key` are updated in the columns of the file, the others are added. `replace`: the table has the rows of the file instead of its own.",
  }),
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
  key: keySchema.optional(),
  reading: readingSchema.optional(),
};

/** What becomes of rows whose key is taken. */
export const onConflictSchema = z.enum(ON_CONFLICT).openapi({
  description:
    "What `append` does with a row whose key the table or an earlier row of the file has: `reject`, the default, or `skip` it and count it as unchanged.",
});

const REJECTION_LIMIT_ERROR = "Expected a whole number, or a percentage like 5%.";

/** More rejections than this fail the job; null: never. */
export const maxRejectedSchema = z
  .union(
    [z.int().min(0), z.string().regex(PERCENTAGE, REJECTION_LIMIT_ERROR)],
    REJECTION_LIMIT_ERROR,
  )
  .nullable()
  .openapi({
    description:
      "More rejected rows than this fail the job; `5%` is a share of the file's rows; null, the default: never.",
  });
/** Pauses the job after exactly this many records; null: never. */
export const pauseAfterSchema = z.int().min(1).nullable();

/** How many records a second are read at the most; null: as many as can be. */
export const maxRecordsPerSecondSchema = z
  .int()
  .min(1)
  .max(MOST_RECORDS_PER_SECOND)
  .nullable()
  .openapi({
    description:
      "At most so many rows a second, with the parts of the job read one after the other; null, the default: full speed.",
  });

/** Asks for a job that says what an import would do. */
export const dryRunSchema = z.boolean().openapi({
  description:
    "The job reads and checks the whole file as an import does, then counts what would become of the table instead of changing it: `result.dryRun`. A rerun of it is the import itself. Not with direct delivery.",
});

/** Body of `POST /v1/jobs` for an import. With `validateOnly` everything is decided and nothing is written. */
export const createImportBodySchema = z
  .strictObject({
    kind: z.literal("import"),
    file: fileIdSchema,
    ...decisions,
    delivery: z.enum(DELIVERIES).optional(),
    onConflict: onConflictSchema.optional(),
    maxRejected: maxRejectedSchema.optional(),
    pauseAfter: pauseAfterSchema.optional(),
    maxRecordsPerSecond: maxRecordsPerSecondSchema.optional(),
    name: textSchema(200).optional(),
    startPaused: z.boolean().optional(),
    sample: z.boolean().optional().openapi({
      description:
        'Only for the dashboard\'s "Try with sample data": the job runs in a worker that the service keeps for it alone, so that it may be killed by `POST /v1/jobs/{jobId}/kill-worker`. For new tables with staged delivery.',
    }),
    dryRun: dryRunSchema.optional(),
    validateOnly: z.boolean().optional(),
  })
  .openapi("CreateImportRequest", {
    example: {
      kind: "import",
      file: "file_01m84qvm34fc7rq4ee6xdwhyxw",
      table: "public.people",
      mode: "append",
      columns: { "Full Name": "name", Notes: null },
      maxRejected: 1000,
    },
  });
export type CreateImportBody = z.infer<typeof createImportBodySchema>;

const spelling = {
  decimal: z.literal(",").optional(),
  group: z.string().optional(),
  dateFormat: z.string().optional(),
  timeZone: z.string().optional(),
};

/** One column that the file fills. */
export const plannedColumnSchema = z.strictObject({
  number: z
    .int()
    .min(1)
    .openapi({ description: "Its place in the file, from 1: `#3` names the third." }),
  header: z.string(),
  column: z.string(),
  type: z.enum(COLUMN_TYPES),
  sqlType: z.string(),
  isRequired: z.boolean(),
  reason: z.string().openapi({ description: "Why this type." }),
  spelling: z
    .strictObject(spelling)
    .optional()
    .openapi({ description: "How its values are written, where that is declared." }),
  offers: z
    .array(z.strictObject({ type: z.enum(COLUMN_TYPES), ...spelling, reason: z.string() }))
    .optional()
    .openapi({
      description:
        "Types that it could have if somebody says so. Two of one type are a question that the file does not answer.",
    }),
});

/** Something to know before the start. */
export const warningSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  columns: z
    .array(z.string())
    .optional()
    .openapi({ description: "The columns that it is about, by their names in the table." }),
  values: z
    .array(z.string())
    .optional()
    .openapi({ description: "The words that it is about, or the number of the line." }),
});

/** How the file is read, as it was decided. */
export const decidedReadingSchema = z.strictObject({
  delimiter: z.string(),
  quote: z.string(),
  escape: z.string(),
  encoding: z.string(),
  firstRecordLine: z
    .int()
    .min(1)
    .openapi({ description: "Line on which the first record starts." }),
});

/** A column, for examples. */
export const columnExample = {
  number: 1,
  header: "ZIP",
  column: "zip",
  type: "text" as const,
  sqlType: "text",
  isRequired: false,
  reason: "leading zeros",
};
/** How a file is read, for examples. */
export const readingExample = {
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
    key: z.array(z.string()).openapi({
      description: "Columns of the primary key that it gets, or by which rows are updated.",
    }),
    warnings: z.array(warningSchema),
  })
  .openapi("Plan", {
    example: {
      validateOnly: true,
      table: "public.people",
      mode: "create",
      reading: readingExample,
      columns: [columnExample],
      key: [],
      warnings: [],
    },
  });
export type PlanView = z.infer<typeof planSchema>;
