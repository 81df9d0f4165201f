/** What an import came to. */
import { z } from "@hono/zod-openapi";
import { SHOWN_CHANGES, SHOWN_CHARACTERS, SHOWN_COLUMNS } from "../../core/dry-run.ts";
import { countSchema } from "./text.ts";

const valueSchema = z.string().nullable();

/** What an import would do to its table. */
export const dryRunOutcomeSchema = z
  .strictObject({
    rowsInserted: countSchema.openapi({ description: "Rows that would be new." }),
    rowsUpdated: countSchema.openapi({ description: "Rows of the table that would change." }),
    rowsUnchanged: countSchema.openapi({
      description: "Records that are in the table already, or would be skipped.",
    }),
    rowsReplaced: countSchema.openapi({
      description: "Rows of the table that `replace` would take away.",
    }),
    changes: z
      .array(
        z.strictObject({
          record: z.int().min(1),
          key: z.record(z.string(), valueSchema),
          columns: z.array(
            z.strictObject({ column: z.string(), before: valueSchema, after: valueSchema }),
          ),
          moreColumns: countSchema.openapi({
            description: "Columns that would change and are not shown.",
          }),
        }),
      )
      .openapi({
        description: `The first ${SHOWN_CHANGES} rows that would change, in the order of the file, with ${SHOWN_COLUMNS} columns at the most. Values are text, cut to ${SHOWN_CHARACTERS} characters.`,
      }),
  })
  .openapi("DryRunOutcome", {
    example: {
      rowsInserted: 12000,
      rowsUpdated: 340,
      rowsUnchanged: 88000,
      rowsReplaced: 0,
      changes: [
        {
          record: 7,
          key: { id: "7" },
          columns: [{ column: "city", before: "Rome", after: "Paris" }],
          moreColumns: 0,
        },
      ],
    },
  });

/** What rows of an import became of; null before its end. */
export const importResultSchema = z
  .strictObject({
    rows: z
      .enum(["kept", "undone", "none"])
      .openapi({ description: "`none`: a dry run, which leaves the table as it is." }),
    rowsInserted: countSchema.openapi({ description: "New rows." }),
    rowsUpdated: countSchema.openapi({ description: "Rows of the table that were changed." }),
    rowsUnchanged: countSchema.openapi({
      description: "Records that were in the table already, and left as they are.",
    }),
    rowsReplaced: countSchema.openapi({
      description: "Rows that the table had before `replace`.",
    }),
    rowsRemoved: countSchema.openapi({ description: "Taken out of the table by an undo." }),
    rowsRestored: countSchema.openapi({
      description: "Given what they had before the job by an undo, or put back.",
    }),
    rowsLeft: countSchema.openapi({
      description: "Left by an undo: somebody has changed or deleted them since.",
    }),
    rowsFailed: countSchema.openapi({
      description: "Left by an undo: the table refused, because something refers to them.",
    }),
    dryRun: dryRunOutcomeSchema
      .nullable()
      .openapi({ description: "What a dry run has counted; null for others." }),
    isTableDropped: z.boolean().openapi({
      description: "Whether an undo has dropped the table, which the job had made.",
    }),
  })
  .nullable()
  .openapi({ description: "Null until rows are visible, or the job has ended without." });
