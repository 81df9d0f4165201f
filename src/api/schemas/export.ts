/** What a client may ask of an export, and what deciding it answers. Fields that are not listed are refused. */
import { z } from "@hono/zod-openapi";
import {
  COMPRESSIONS,
  EXPORT_METHODS,
  EXPORT_QUOTES,
  EXPORT_TYPES,
  LINE_ENDS,
} from "../../core/export-plan.ts";
import { maxRecordsPerSecondSchema, warningSchema } from "./import-request.ts";
import { asciiCharacterSchema, countSchema, fileIdSchema, textSchema } from "./text.ts";

const columnSchema = textSchema(200);

/** One end of a filter by a date or number column. */
const rangeSchema = z.strictObject({
  column: columnSchema,
  value: z.union([textSchema(200), z.number()]),
});

/** What the result file is to look like. */
const formatSchema = z.strictObject({
  type: z.enum(EXPORT_TYPES).optional(),
  delimiter: asciiCharacterSchema.optional(),
  quotes: z
    .enum(EXPORT_QUOTES)
    .optional()
    .openapi({ description: "Which fields are quoted: those that need it (default), or all." }),
  null: z
    .string()
    .max(100)
    .refine((text) => !text.includes("\0"), "Expected text without NUL characters.")
    .optional()
    .openapi({ description: "What stands for NULL; nothing when absent." }),
  header: z.boolean().optional(),
  lineEnd: z.enum(LINE_ENDS).optional(),
  gzip: z.boolean().optional(),
  zstd: z.boolean().optional().openapi({ description: "Where the service's Node can write it." }),
  spreadsheetSafe: z.boolean().optional().openapi({
    description:
      "Puts ' before texts that a spreadsheet would take for a formula, and a byte order mark first. Changes values.",
  }),
});

/** Body of `POST /v1/jobs` for an export. With `validateOnly` everything is decided and nothing is written. */
export const createExportBodySchema = z
  .strictObject({
    kind: z.literal("export"),
    table: textSchema(200)
      .optional()
      .openapi({ description: "`table` or `schema.table`; or `sql`, one of the two." }),
    sql: textSchema(100_000).optional().openapi({ description: "A query that only reads." }),
    columns: z.array(columnSchema).max(1600).optional(),
    where: textSchema(10_000).optional().openapi({ description: "A condition in SQL." }),
    from: rangeSchema.optional().openapi({ description: "Rows from this value on." }),
    to: rangeSchema.optional().openapi({ description: "Rows before this value." }),
    orderBy: z
      .array(columnSchema)
      .max(32)
      .optional()
      .openapi({ description: "Default: the key of the table." }),
    method: z.enum(EXPORT_METHODS).optional().openapi({
      description:
        "`keyed`: by ranges of the key, with what others change before the reading gets there; `snapshot`: all of one moment, from a copy.",
    }),
    format: formatSchema.optional(),
    maxRecordsPerSecond: maxRecordsPerSecondSchema.optional(),
    name: textSchema(200).optional(),
    startPaused: z.boolean().optional(),
    validateOnly: z.boolean().optional(),
  })
  .openapi("CreateExportRequest", {
    example: {
      kind: "export",
      table: "public.flights",
      from: { column: "date", value: "2001-01-01" },
      to: { column: "date", value: "2001-02-01" },
      format: { type: "csv", gzip: true },
    },
  });
export type CreateExportBody = z.infer<typeof createExportBodySchema>;

/** What an export will come to. */
const estimateSchema = z.strictObject({
  rows: countSchema,
  bytes: countSchema,
  seconds: z.number().min(0),
});

const rangeEndSchema = z.strictObject({ column: z.string(), value: z.string() }).nullable();

/** The decisions of an export, in the plan and in the job. */
export const exportFields = {
  table: z.string().nullable().openapi({ description: "Null for a query." }),
  sql: z.string().nullable(),
  method: z.enum(EXPORT_METHODS),
  methodReason: z
    .string()
    .openapi({ description: "What the method means while others write, for people." }),
  columns: z.array(z.strictObject({ name: z.string(), sqlType: z.string() })),
  where: z.string().nullable(),
  from: rangeEndSchema,
  to: rangeEndSchema,
  orderBy: z.array(z.string()),
  format: z.strictObject({
    type: z.enum(EXPORT_TYPES),
    delimiter: z.string(),
    quotes: z.enum(EXPORT_QUOTES),
    null: z.string(),
    header: z.boolean(),
    lineEnd: z.enum(LINE_ENDS),
    compression: z.enum(COMPRESSIONS),
    spreadsheetSafe: z.boolean(),
  }),
  fileName: z.string(),
  estimate: estimateSchema.openapi({ description: "From the statistics of the database: about." }),
  warnings: z.array(warningSchema),
};

/** The decisions, for examples. */
export const exportExample = {
  table: "public.flights",
  sql: null,
  method: "keyed" as const,
  methodReason: "The rows are read by ranges of the key (id) up to the last one at the start.",
  columns: [
    { name: "id", sqlType: "bigint" },
    { name: "date", sqlType: "timestamp with time zone" },
  ],
  where: null,
  from: { column: "date", value: "2001-01-01" },
  to: { column: "date", value: "2001-02-01" },
  orderBy: ["id"],
  format: {
    type: "csv" as const,
    delimiter: ",",
    quotes: "needed" as const,
    null: "",
    header: true,
    lineEnd: "lf" as const,
    compression: "none" as const,
    spreadsheetSafe: false,
  },
  fileName: "flights.csv",
  estimate: { rows: 2000000, bytes: 96000000, seconds: 4.2 },
  warnings: [],
};

/** What `validateOnly` answers: the decisions of an export that was not created. */
export const exportPlanSchema = z
  .strictObject({
    validateOnly: z.literal(true),
    kind: z.literal("export"),
    ...exportFields,
    preview: z.array(z.array(z.string().nullable())).nullable().openapi({
      description:
        "The first 50 rows, values as the database writes them and cut at 200 characters; null when they were not found in a second.",
    }),
  })
  .openapi("ExportPlan", {
    example: {
      validateOnly: true,
      kind: "export",
      ...exportExample,
      preview: [["1", "2001-01-01 00:01:00+00"]],
    },
  });
export type ExportPlanView = z.infer<typeof exportPlanSchema>;

/** The file that an export ended with. */
export const exportResultSchema = z
  .strictObject({
    file: fileIdSchema.openapi({ description: "A stored file like an upload; it may be deleted." }),
    name: z.string(),
    bytes: countSchema,
    sha256: z.string(),
    rowsExported: countSchema,
  })
  .nullable()
  .openapi({ description: "Null until the file is complete." });
