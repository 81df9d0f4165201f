/** What looking at a file is asked, and what it answers. */
import { z } from "@hono/zod-openapi";
import { ERRORS, type ErrorCode } from "../../core/error-table.ts";
import {
  columnExample,
  decidedReadingSchema,
  decisions,
  plannedColumnSchema,
  readingExample,
  warningSchema,
} from "./import-request.ts";
import { recordProblemSchema } from "./record.ts";
import { countSchema, fileIdSchema } from "./text.ts";

// Keys of a const object: the list is complete and not empty.
const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** Body of `POST /v1/files/{fileId}/inspect`: what an import of the file would be told. */
export const inspectBodySchema = z
  .strictObject({
    ...decisions,
    all: z.boolean().optional().openapi({
      description: "Read a large file to its end too; otherwise its first 16 MiB.",
    }),
  })
  .openapi("InspectRequest", { example: { types: { zip: "text" } } });
export type InspectBody = z.infer<typeof inspectBodySchema>;

/** What reading the records shows. The counts hold for what was read. */
const surveySchema = z.strictObject({
  isWhole: z.boolean().openapi({ description: "Whether the file was read to its end." }),
  bytesRead: countSchema,
  recordsRead: countSchema,
  recordsRejected: countSchema,
  rejectedByCode: z.record(z.string(), countSchema),
  rejectedByColumn: z.record(z.string(), countSchema).openapi({
    description:
      "By the first column at fault, by its name in the table. Rows that are wrong as a whole are under none.",
  }),
  failure: z
    .strictObject({ code: z.enum(ERROR_CODES), message: z.string(), advice: z.string() })
    .nullable()
    .openapi({ description: "What would end the job; nothing behind it was read." }),
  lineEnds: z.strictObject({ lf: countSchema, crlf: countSchema, cr: countSchema }),
  blankLines: countSchema,
  bareQuotes: countSchema.openapi({
    description: "Records with a quote inside an unquoted field.",
  }),
});

/** What inspecting a file says. */
export const inspectionSchema = z
  .strictObject({
    file: fileIdSchema,
    name: z.string(),
    bytes: countSchema,
    packing: z
      .enum(["gzip", "zip"])
      .nullable()
      .openapi({ description: "How the file is packed; null when it is not." }),
    sourceBytes: countSchema.openapi({ description: "What the file holds, unpacked." }),
    table: z.string().openapi({ description: "Where the rows would go." }),
    tableExists: z
      .boolean()
      .openapi({ description: "Whether the database has something of that name." }),
    reading: decidedReadingSchema.extend({
      encodingReason: z.string(),
      delimiterReason: z.string(),
    }),
    columns: z.array(
      plannedColumnSchema.extend({
        examples: z.array(z.string()).openapi({ description: "Up to three different values." }),
      }),
    ),
    sample: z.array(z.array(z.string())).openapi({
      description:
        "Up to 20 records as they are in the file; of a value of more than 1000 characters the beginning and `…`.",
    }),
    survey: surveySchema,
    problems: z
      .array(recordProblemSchema)
      .openapi({ description: "The first records that would be rejected." }),
    warnings: z.array(warningSchema),
  })
  .openapi("Inspection", {
    example: {
      file: "file_01m84qvm34fc7rq4ee6xdwhyxw",
      name: "people_2026.csv",
      bytes: 19,
      packing: null,
      sourceBytes: 19,
      table: "public.people_2026",
      tableExists: false,
      reading: {
        ...readingExample,
        encodingReason: "every byte of the file is",
        delimiterReason: "no other gives more than one field",
      },
      columns: [{ ...columnExample, examples: ["02139", "94110"] }],
      sample: [["02139"], ["94110"]],
      survey: {
        isWhole: true,
        bytesRead: 19,
        recordsRead: 2,
        recordsRejected: 0,
        rejectedByCode: {},
        rejectedByColumn: {},
        failure: null,
        lineEnds: { lf: 2, crlf: 0, cr: 0 },
        blankLines: 0,
        bareQuotes: 0,
      },
      problems: [],
      warnings: [],
    },
  });
export type InspectionView = z.infer<typeof inspectionSchema>;
