/** The records of a job by outcome, as JSON. */
import { z } from "@hono/zod-openapi";
import { ERRORS, type ErrorCode } from "../../core/error-table.ts";
import { RECORD_OUTCOMES } from "../../core/record-ranges.ts";
import { REJECTION_CODES, type RejectionCode } from "../../core/rejection.ts";
import { listSchema, pageQuerySchema } from "./list.ts";
import { countSchema, jobIdSchema, timeSchema } from "./text.ts";

// Keys of const objects: the lists are complete and not empty.
const REJECTION_CODE_NAMES = Object.keys(REJECTION_CODES) as [RejectionCode, ...RejectionCode[]];
const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

const place = {
  record: z.int().min(1).openapi({ description: "Number among the data records, from 1." }),
  line: z.int().min(1).openapi({ description: "Line of the file on which it starts." }),
  byte: countSchema.openapi({ description: "Offset of its first byte in the file." }),
};

const recordFields = {
  ...place,
  fields: z.array(z.string()).nullable().openapi({
    description:
      "In the order of the header, as texts and as many as the record has; null when it cannot be told where they end.",
  }),
};

/** A record as it is in the file. */
export const recordSchema = z
  .strictObject({
    ...recordFields,
    failure: z
      .strictObject({ code: z.enum(ERROR_CODES), message: z.string() })
      .optional()
      .openapi({
        description:
          "Why no record can be told from another from here on, as after a quote that is never closed: this is all the rest.",
      }),
  })
  .openapi("Record", {
    example: { record: 10482, line: 10483, byte: 912077, fields: ["10482", "Grace Hopper", "45"] },
  });
export type RecordView = z.infer<typeof recordSchema>;

const reason = {
  column: z.string().nullable(),
  value: z.string().nullable(),
  code: z.enum(REJECTION_CODE_NAMES),
  reason: z.string().openapi({ description: "The code in words, the same for all records." }),
  message: z.string(),
  raw: z.string().openapi({ description: "Its first 2 KiB, as they are in the file." }),
  rawIsTruncated: z.boolean(),
};

const PROBLEM_EXAMPLE = {
  record: 10481,
  line: 10482,
  byte: 912034,
  column: "age",
  value: "forty",
  code: "invalid_integer",
  reason: "not a whole number",
  message: '"forty" is not a whole number',
  raw: "10481,Jean Bartik,forty",
  rawIsTruncated: false,
} as const;

/** A record that an import would leave out, and why. */
export const recordProblemSchema = z
  .strictObject({ ...place, ...reason })
  .openapi("RecordProblem", { example: PROBLEM_EXAMPLE });
export type RecordProblemView = z.infer<typeof recordProblemSchema>;

const fieldSchema = z.int().min(0).nullable().openapi({
  description: "Index of the field at fault, from 0; null when it is none alone.",
});

/** What somebody has corrected a rejected record to. */
const correctionSchema = z.strictObject({
  fields: z
    .array(z.string().nullable())
    .openapi({ description: "As many as it has now; null where there is no value." }),
  fits: z.boolean(),
  field: fieldSchema,
  column: z.string().nullable(),
  value: z.string().nullable(),
  code: z.enum(REJECTION_CODE_NAMES).nullable(),
  reason: z.string().nullable(),
  message: z.string().nullable(),
  by: z.string(),
  at: timeSchema,
});

/** A record that was left out, and why. */
export const rejectedRecordSchema = z
  .strictObject({
    ...recordFields,
    ...reason,
    field: fieldSchema,
    correction: correctionSchema
      .nullable()
      .openapi({ description: "Null while nobody has corrected it." }),
    retriedBy: jobIdSchema
      .nullable()
      .openapi({ description: "The retry that has the record; null when none has." }),
  })
  .openapi("RejectedRecord", {
    example: {
      ...PROBLEM_EXAMPLE,
      fields: ["10481", "Jean Bartik", "forty"],
      field: 2,
      correction: {
        fields: ["10481", "Jean Bartik", "40"],
        fits: true,
        field: null,
        column: null,
        value: null,
        code: null,
        reason: null,
        message: null,
        by: "dana",
        at: "2026-11-23T17:45:10.118Z",
      },
      retriedBy: null,
    },
  });
export type RejectedRecordView = z.infer<typeof rejectedRecordSchema>;

/**
 * One page of records in the order of the file. `header` are the names that belong to the fields of each; they may be
 * there twice. A page with long records has fewer than `limit`.
 */
export const recordListSchema = listSchema(z.union([rejectedRecordSchema, recordSchema]))
  .extend({ header: z.array(z.string()) })
  .openapi("RecordList");
export type RecordList = z.infer<typeof recordListSchema>;

/** A page of rejected records. */
export interface RejectedRecordList extends Omit<RecordList, "items"> {
  readonly items: readonly RejectedRecordView[];
}

/** The forms in which records can be had, by the names that `format` takes. */
export const RECORD_FORMATS = ["json", "csv", "ndjson"] as const;
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** Query of `GET …/records`. */
export const recordsQuerySchema = pageQuerySchema(z.string()).extend({
  outcome: z.enum(RECORD_OUTCOMES).default("rejected").openapi({
    description:
      "`written`: they are in the table, or ready to be. `rejected`: left out for a reason. `unprocessed`: not read yet; after a stop or an undo also what was written before.",
  }),
  format: z
    .enum(RECORD_FORMATS)
    .optional()
    .openapi({ description: "The form; without it that which `Accept` prefers." }),
  cursor: z
    .string()
    .regex(/^\d{1,15}-\d{1,15}-\d{1,15}$/, "Expected `next` of the page before.")
    .optional()
    .openapi({ description: "`next` of the page before. JSON alone comes in pages." }),
  open: z.stringbool().default(false).openapi({
    type: "boolean",
    description: "Of rejected records only those that no retry has.",
  }),
  reasons: z.stringbool().default(false).openapi({
    type: "boolean",
    description:
      "CSV of rejected records begins with the columns `_line`, `_column`, `_code` and `_reason`.",
  }),
});
