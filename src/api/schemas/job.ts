/** Jobs as JSON, and the bodies of actions. */
import { z } from "@hono/zod-openapi";
import { ERRORS, type ErrorCode } from "../../core/error-table.ts";
import { ACTION_NAMES, JOB_STATE_NAMES, PHASES } from "../../core/job-state.ts";
import { DELIVERIES, IMPORT_MODES, ON_CONFLICT } from "../../core/job.ts";
import { UNDO_REFUSALS, type UndoRefusal } from "../../core/undo.ts";
import { exportResultSchema, exportExample, exportFields } from "./export.ts";
import { importResultSchema } from "./import-result.ts";
import {
  maxRecordsPerSecondSchema,
  maxRejectedSchema,
  pauseAfterSchema,
} from "./import-request.ts";
import { processResultSchema, processExample, processFields } from "./process.ts";
import { readingSchema } from "./reading.ts";
import { countSchema, fileIdSchema, jobIdSchema, timeSchema } from "./text.ts";

// Keys of a const object: the list is complete and not empty.
const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** Committed progress. Always: recordsRead = recordsWritten + recordsRejected + recordsFiltered. */
export const progressSchema = z
  .strictObject({
    recordsRead: countSchema,
    recordsWritten: countSchema,
    recordsRejected: countSchema,
    recordsFiltered: countSchema,
    recordsTotal: countSchema
      .nullable()
      .openapi({ description: "Null before anything is known of it." }),
    totalIsEstimate: z.boolean(),
    bytesRead: countSchema,
    bytesTotal: countSchema.nullable().openapi({
      description: "Null while the file arrives and its sender has not announced its length.",
    }),
    fraction: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .openapi({ description: "1 when the job has succeeded; null while `bytesTotal` is." }),
    recordsPerSecond: z
      .number()
      .min(0)
      .nullable()
      .openapi({ description: "Mean over the running time; null while unknown." }),
    etaSeconds: countSchema
      .nullable()
      .openapi({ description: "Null when nothing runs, or too little is known." }),
  })
  .openapi("Progress");
export type ProgressView = z.infer<typeof progressSchema>;

/** The last committed position. `at` is null before the first commit. */
export const checkpointSchema = z.strictObject({
  recordsRead: countSchema,
  at: timeSchema.nullable(),
});

// Keys of a const object: the list is complete and not empty.
const REFUSALS = Object.keys(UNDO_REFUSALS) as [UndoRefusal, ...UndoRefusal[]];

const jobFields = {
  id: jobIdSchema,
  name: z.string(),
  state: z.enum(JOB_STATE_NAMES),
  phase: z.enum(PHASES).nullable(),
  stateReason: z.strictObject({
    code: z.string(),
    by: z.string().nullable(),
    at: timeSchema,
  }),
  progress: progressSchema,
  checkpoint: checkpointSchema,
  timing: z.strictObject({
    createdAt: timeSchema,
    startedAt: timeSchema.nullable(),
    endedAt: timeSchema.nullable(),
    runningSeconds: z.number().min(0),
    pausedSeconds: z.number().min(0),
  }),
  maxRecordsPerSecond: maxRecordsPerSecondSchema,
  actions: z.array(z.enum(ACTION_NAMES)).openapi({ description: "What may be asked of it now." }),
  failure: z
    .strictObject({ code: z.enum(ERROR_CODES), message: z.string(), advice: z.string() })
    .nullable(),
  undo: z.strictObject({
    possible: z.boolean(),
    until: timeSchema.nullable().openapi({
      description: "Of an import that has ended with its rows kept; null where no time is set.",
    }),
    reason: z.enum(REFUSALS).nullable().openapi({ description: "Why not; null when possible." }),
  }),
  parent: jobIdSchema.nullable().openapi({
    description: "The job that this one was made from. It may have been forgotten since.",
  }),
  createdBy: z.string(),
  links: z.strictObject({
    self: z.string(),
    events: z.string(),
    records: z.string(),
    parent: z.string().nullable(),
    children: z.string().openapi({ description: "The jobs that were made from this one." }),
  }),
};

/** What jobs have that reject records. */
const retryFields = {
  isRetry: z.boolean().openapi({ description: "Whether it retries rejected records of `parent`." }),
  retries: z.strictObject({
    recordsOpen: countSchema.openapi({ description: "Rejected records that no retry has." }),
    recordsFixed: countSchema.openapi({
      description: "Rejected records that retries have written.",
    }),
  }),
};

const RETRY_EXAMPLE = { isRetry: false, retries: { recordsOpen: 12, recordsFixed: 0 } };

/** What examples of all kinds have. */
const COMMON_EXAMPLE = {
  id: "job_01m84qvwcgffer2s6r76fqcz25",
  state: "running" as const,
  phase: "reading" as const,
  stateReason: { code: "resumed", by: "dana", at: "2026-11-23T17:39:51.220Z" },
  progress: {
    recordsRead: 482310,
    recordsWritten: 482298,
    recordsRejected: 12,
    recordsFiltered: 0,
    recordsTotal: 1000000,
    totalIsEstimate: true,
    bytesRead: 43201126,
    bytesTotal: 89548392,
    fraction: 0.482,
    recordsPerSecond: 21480,
    etaSeconds: 24,
  },
  checkpoint: { recordsRead: 482310, at: "2026-11-23T17:40:01.904Z" },
  timing: {
    createdAt: "2026-11-23T17:39:38.512Z",
    startedAt: "2026-11-23T17:39:38.640Z",
    endedAt: null,
    runningSeconds: 22.4,
    pausedSeconds: 2.1,
  },
  maxRecordsPerSecond: null,
  actions: ["pause" as const, "stop" as const],
  failure: null,
  undo: { possible: true, until: null, reason: null },
  parent: null,
  createdBy: "dana",
  links: {
    self: "/v1/jobs/job_01m84qvwcgffer2s6r76fqcz25",
    events: "/v1/events?job=job_01m84qvwcgffer2s6r76fqcz25",
    records: "/v1/jobs/job_01m84qvwcgffer2s6r76fqcz25/records",
    parent: null,
    children: "/v1/jobs?parent=job_01m84qvwcgffer2s6r76fqcz25",
  },
};

const IMPORT_EXAMPLE = {
  ...COMMON_EXAMPLE,
  kind: "import" as const,
  name: "people_2026.csv → public.people",
  file: "file_01m84qvm34fc7rq4ee6xdwhyxw",
  upload: null,
  table: "public.people",
  mode: "append" as const,
  columns: { "Full Name": "name", Notes: null },
  types: { zip: "text" },
  reading: {},
  isSample: false,
  isDryRun: false,
  key: null,
  delivery: "staged" as const,
  onConflict: "reject" as const,
  maxRejected: null,
  pauseAfter: null,
  ...RETRY_EXAMPLE,
  result: null,
};

/** A job that reads a file into a table. */
export const importJobSchema = z
  .strictObject({
    kind: z.literal("import"),
    file: fileIdSchema,
    upload: z
      .strictObject({
        bytesArrived: countSchema,
        bytesAnnounced: countSchema.nullable().openapi({ description: "The `Content-Length`." }),
      })
      .nullable()
      .openapi({
        description: "How much of the file is there while it arrives; null when it is whole.",
      }),
    table: z.string(),
    mode: z.enum(IMPORT_MODES),
    columns: z.record(z.string(), z.string().nullable()),
    types: z.record(z.string(), z.string()),
    reading: readingSchema.openapi({ description: "What was said about how the file is read." }),
    isSample: z.boolean().openapi({
      description: "Whether it runs in a worker of its own that may be killed.",
    }),
    isDryRun: z.boolean().openapi({ description: "Whether it only says what it would do." }),
    key: z.array(z.string()).nullable(),
    delivery: z.enum(DELIVERIES),
    onConflict: z.enum(ON_CONFLICT),
    maxRejected: maxRejectedSchema,
    pauseAfter: pauseAfterSchema,
    result: importResultSchema,
    ...retryFields,
    ...jobFields,
  })
  .openapi("ImportJob", { example: IMPORT_EXAMPLE });
export type ImportJobView = z.infer<typeof importJobSchema>;

/** A job that writes rows to a file. Its progress counts bytes of the file. */
export const exportJobSchema = z
  .strictObject({
    kind: z.literal("export"),
    ...exportFields,
    result: exportResultSchema,
    ...jobFields,
    links: jobFields.links.extend({ result: z.string() }),
  })
  .openapi("ExportJob", {
    example: {
      ...COMMON_EXAMPLE,
      kind: "export",
      name: "public.flights → flights.csv",
      ...exportExample,
      result: null,
      links: { ...COMMON_EXAMPLE.links, result: `${COMMON_EXAMPLE.links.self}/result` },
    },
  });
export type ExportJobView = z.infer<typeof exportJobSchema>;

/** A job that runs a process over a file. Its rows are the records of the file. */
export const processJobSchema = z
  .strictObject({
    kind: z.literal("process"),
    ...processFields,
    file: fileIdSchema,
    maxRejected: maxRejectedSchema,
    pauseAfter: pauseAfterSchema,
    result: processResultSchema,
    ...retryFields,
    ...jobFields,
    links: jobFields.links.extend({
      result: z.string().nullable().openapi({ description: "Null when it makes no file." }),
      log: z.string(),
    }),
  })
  .openapi("ProcessJob", {
    example: {
      ...COMMON_EXAMPLE,
      kind: "process",
      name: "teams.csv → Create teams",
      ...processExample,
      file: "file_01m84qvm34fc7rq4ee6xdwhyxw",
      maxRejected: null,
      pauseAfter: null,
      ...RETRY_EXAMPLE,
      result: null,
      links: { ...COMMON_EXAMPLE.links, result: null, log: `${COMMON_EXAMPLE.links.self}/log` },
    },
  });
export type ProcessJobView = z.infer<typeof processJobSchema>;

/** A job, whole. */
export const jobSchema = z
  .discriminatedUnion("kind", [importJobSchema, exportJobSchema, processJobSchema])
  .openapi("Job", { example: IMPORT_EXAMPLE });
export type JobView = z.infer<typeof jobSchema>;
