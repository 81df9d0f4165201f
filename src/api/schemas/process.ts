/** Processes, what a client may ask of one, and what deciding it answers. Fields that are not listed are refused. */
import { z } from "@hono/zod-openapi";
import {
  decidedReadingSchema,
  maxRecordsPerSecondSchema,
  maxRejectedSchema,
  pauseAfterSchema,
  readingExample,
} from "./import-request.ts";
import { jsonObjectSchema } from "./json-value.ts";
import { listSchema, pageQuerySchema } from "./list.ts";
import { readingSchema } from "./reading.ts";
import { countSchema, fileIdSchema, textSchema, timeSchema } from "./text.ts";

/** The name of a process, as a request names it. */
export const processNameSchema = textSchema(200).openapi({ example: "create-teams" });

/** What the process's own schema takes. */
export const paramsSchema = jsonObjectSchema.openapi({
  type: "object",
  additionalProperties: true,
  description: "What the schema of the process takes; see `params` of `GET /v1/processes`.",
});

/** Body of `POST /v1/jobs` for a process. With `validateOnly` everything is decided and nothing is written. */
export const createProcessBodySchema = z
  .strictObject({
    kind: z.literal("process"),
    process: processNameSchema,
    file: fileIdSchema,
    params: paramsSchema.optional(),
    reading: readingSchema.optional(),
    maxRejected: maxRejectedSchema.optional(),
    pauseAfter: pauseAfterSchema.optional(),
    maxRecordsPerSecond: maxRecordsPerSecondSchema.optional(),
    name: textSchema(200).optional(),
    startPaused: z.boolean().optional(),
    validateOnly: z.boolean().optional(),
  })
  .openapi("CreateProcessRequest", {
    example: {
      kind: "process",
      process: "create-teams",
      file: "file_01m84qvm34fc7rq4ee6xdwhyxw",
      params: { baseUrl: "https://teams.example.com/api" },
    },
  });
export type CreateProcessBody = z.infer<typeof createProcessBodySchema>;

/** The decisions of a process, in the plan and in the job. */
export const processFields = {
  process: z.string(),
  title: z.string(),
  params: z.record(z.string(), z.unknown()).openapi({
    description:
      "What was asked for; secrets are `…`, by the schema of the process and by their names.",
  }),
  batchSize: z.int().min(1).openapi({ description: "Records of a batch, which commit together." }),
  hasUndo: z.boolean().openapi({
    description: "Whether what it does can be reversed, by its own `undo`.",
  }),
  fileName: z
    .string()
    .nullable()
    .openapi({ description: "Name of the file that it makes; null when it makes none." }),
};

/** The decisions, for examples. */
export const processExample = {
  process: "create-teams",
  title: "Create teams",
  params: { baseUrl: "https://teams.example.com/api" },
  batchSize: 200,
  hasUndo: true,
  fileName: null,
};

/** What `validateOnly` answers: the decisions of a process that was not started. */
export const processPlanSchema = z
  .strictObject({
    validateOnly: z.literal(true),
    kind: z.literal("process"),
    ...processFields,
    reading: decidedReadingSchema,
    fields: z
      .array(z.string())
      .openapi({ description: "The names by which a record knows its values." }),
    outputColumns: z
      .array(z.string())
      .nullable()
      .openapi({ description: "The header of the file that it makes; null when it makes none." }),
  })
  .openapi("ProcessPlan", {
    example: {
      validateOnly: true,
      kind: "process",
      ...processExample,
      reading: readingExample,
      fields: ["name"],
      outputColumns: null,
    },
  });
export type ProcessPlanView = z.infer<typeof processPlanSchema>;

/** The file that a process has made: a stored file like an upload; it may be deleted. */
export const processOutputSchema = z
  .strictObject({
    file: fileIdSchema,
    name: z.string(),
    bytes: countSchema,
    sha256: z.string(),
    rows: countSchema.openapi({ description: "Records in it, the header not counted." }),
  })
  .nullable();

/** What a process came to. */
export const processResultSchema = z
  .strictObject({
    rows: z.enum(["kept", "undone"]),
    recordsDone: countSchema.openapi({ description: "Run and committed." }),
    recordsUndone: countSchema.openapi({ description: "Reversed by `undo`." }),
    recordsKept: countSchema.openapi({ description: "Left as they are by `undo`." }),
    recordsFailed: countSchema.openapi({ description: "Of batches whose `undo` failed." }),
    output: processOutputSchema.openapi({
      description: "The file that it made; null when it makes none, and after a stop or an undo.",
    }),
  })
  .nullable()
  .openapi({ description: "Null until the job has ended." });

const PROCESS_EXAMPLE = {
  name: "create-teams",
  title: "Create teams",
  description: "Makes a team for each record.",
  fileName: "create-teams.ts",
  params: { type: "object", properties: { baseUrl: { type: "string", format: "uri" } } },
  batchSize: 200,
  hasUndo: true,
  hasOutput: false,
  source: 'export default defineProcess({ name: "create-teams", … });\n',
};

/** A process of the folder. */
export const processSchema = z
  .strictObject({
    name: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    fileName: z.string().openapi({ description: "In the folder of processes." }),
    params: z.record(z.string(), z.unknown()).nullable().openapi({
      description:
        "JSON Schema of its params; null when it takes none, or when its schema cannot be told in this way.",
    }),
    batchSize: z.int().min(1),
    hasUndo: z.boolean(),
    hasOutput: z.boolean().openapi({ description: "Whether it makes a file." }),
    source: z.string().openapi({ description: "The text of its file." }),
  })
  .openapi("Process", {
    example: PROCESS_EXAMPLE,
  });
export type ProcessView = z.infer<typeof processSchema>;

/** A file of the folder that is no process that can be run. */
const brokenProcessSchema = z.strictObject({
  name: z.string(),
  fileName: z.string(),
  message: z.string().openapi({ example: "create-teams.ts line 14: record is missing" }),
  line: z.int().min(1).nullable(),
});

/** The processes of the folder by name; never paged. */
export const processListSchema = listSchema(processSchema)
  .extend({
    broken: z
      .array(brokenProcessSchema)
      .openapi({ description: "Files that do not load, or hold no process." }),
  })
  .openapi("ProcessList", {
    example: {
      items: [PROCESS_EXAMPLE],
      broken: [
        {
          name: "welcome",
          fileName: "welcome.ts",
          message: "welcome.ts line 14: record is not defined",
          line: 14,
        },
      ],
      next: null,
    },
  });
export type ProcessList = z.infer<typeof processListSchema>;

/** A line that a process has logged. `id` grows. */
export const logLineSchema = z
  .strictObject({
    id: z.int().min(0),
    at: timeSchema,
    message: z.string(),
    fields: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi("LogLine", {
    example: {
      id: 118,
      at: "2026-11-23T17:39:49.100Z",
      message: "Teams made",
      fields: { teams: 200 },
    },
  });
export type LogLineView = z.infer<typeof logLineSchema>;

/** One page of a job's log, in order. */
export const logSchema = listSchema(logLineSchema).openapi("Log");
export type LogPage = z.infer<typeof logSchema>;

/** Query of `GET …/log`. */
export const logQuerySchema = pageQuerySchema(z.string()).extend({
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, "Expected `next` of the page before, or the id of a line.")
    .optional()
    .openapi({
      description: "`next` of the page before, or the id of the last line that was seen.",
    }),
  format: z
    .enum(["json", "ndjson"])
    .optional()
    .openapi({ description: "The form; without it that which `Accept` prefers." }),
});
