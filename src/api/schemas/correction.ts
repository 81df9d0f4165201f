/** Corrections of rejected records, and the body of a retry. Fields that are not listed are refused. */
import { z } from "@hono/zod-openapi";
import { CORRECTIONS_AT_ONCE } from "../../core/correction.ts";
import { rejectedRecordSchema } from "./record.ts";
import { countSchema, fileIdSchema, mapSchema } from "./text.ts";

/** PostgreSQL takes no more columns, and a record that is corrected to have more does not fit. */
const MOST_FIELDS = 1600;

const valueSchema = z
  .string()
  .refine((text) => !text.includes("\0"), "Expected text without NUL characters.")
  .nullable();

/** What a record is to hold. */
const valuesSchema = z
  .union([z.array(valueSchema).min(1).max(MOST_FIELDS), mapSchema(valueSchema)])
  .openapi({
    type: ["array", "object"],
    description:
      "A list of all fields in order, or a map of those that change, by header or by number as `#3`. Null: no value. A text reads as it would in the file without quotes, but for the empty text, which is a text. An empty map takes the record as it is.",
  });

/** Body of `PUT …/records/{recordNumber}`. */
export const correctionBodySchema = z
  .strictObject({ values: valuesSchema })
  .openapi("CorrectionRequest", { example: { values: { age: "40" } } });

/** Body of `PUT …/records`. */
export const correctionsBodySchema = z
  .strictObject({
    items: z
      .array(z.strictObject({ record: z.int().min(1), values: valuesSchema }))
      .min(1)
      .max(CORRECTIONS_AT_ONCE)
      .refine(
        (items) => new Set(items.map(({ record }) => record)).size === items.length,
        "Expected each record once.",
      ),
  })
  .openapi("CorrectionsRequest", {
    example: { items: [{ record: 10481, values: { age: "40" } }] },
  });
export type CorrectionsBody = z.infer<typeof correctionsBodySchema>;

/** What was corrected, in the order of the request. */
export const correctedListSchema = z.strictObject({ items: z.array(rejectedRecordSchema) });
export type CorrectedList = z.infer<typeof correctedListSchema>;

/** How far the corrections of a job are. */
export const correctionCountsSchema = z
  .strictObject({
    recordsOpen: countSchema.openapi({ description: "Rejected records that no retry has." }),
    recordsCorrected: countSchema.openapi({ description: "Those of them with a correction." }),
    recordsFitting: countSchema.openapi({ description: "Those whose correction fits." }),
  })
  .openapi("CorrectionCounts", {
    example: { recordsOpen: 12, recordsCorrected: 11, recordsFitting: 10 },
  });
export type CorrectionCountsView = z.infer<typeof correctionCountsSchema>;

/** Body of `POST …/retry`. */
export const retryBodySchema = z
  .strictObject({
    file: fileIdSchema.optional().openapi({
      description:
        "A corrected file: the CSV of the rejected records, edited. Without it the stored corrections that fit are taken.",
    }),
  })
  .openapi("RetryRequest", { example: { file: "file_01m84qvm34fc7rq4ee6xdwhyxw" } });
export type RetryBody = z.infer<typeof retryBodySchema>;
