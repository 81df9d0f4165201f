/** Tables and views of the database as JSON. */
import { z } from "@hono/zod-openapi";
import { RELATION_KINDS, readTableCursor } from "../../core/table-catalog.ts";
import { listSchema, pageQuerySchema } from "./list.ts";
import { countSchema, textSchema } from "./text.ts";

const summaryFields = {
  table: z.string().openapi({
    description: "`schema.table` as requests take it: in double quotes where a name has a point.",
  }),
  kind: z.enum(RELATION_KINDS),
  rows: countSchema
    .nullable()
    .openapi({ description: "By the statistics of the database: about. Null when unknown." }),
  bytes: countSchema.openapi({ description: "Size of the table itself, without its indexes." }),
};

const SUMMARY = { table: "public.flights", kind: "table" as const, rows: 50000, bytes: 3604480 };

/** A table or view of a list. */
export const tableSummarySchema = z
  .strictObject(summaryFields)
  .openapi("TableSummary", { example: SUMMARY });

/** One page of tables, in the order of their names. */
export const tableListSchema = listSchema(tableSummarySchema).openapi("TableList");
export type TableList = z.infer<typeof tableListSchema>;

/** A table or view with what a form about it needs. */
export const tableSchema = z
  .strictObject({
    ...summaryFields,
    columns: z.array(
      z.strictObject({
        name: z.string(),
        sqlType: z.string(),
        isNullable: z.boolean(),
        writtenAs: z.enum(["boolean", "number", "time", "json", "text"]).openapi({
          description: "An export takes `from` and `to` by a column of numbers or times.",
        }),
      }),
    ),
    key: z
      .array(z.string())
      .nullable()
      .openapi({ description: "The key that an export reads by; null without one." }),
    uniqueKeys: z.array(z.array(z.string())).openapi({
      description: "The keys by which an import of mode `upsert` can find rows.",
    }),
    lastExportRows: countSchema
      .nullable()
      .openapi({ description: "Rows of its last export that succeeded." }),
  })
  .openapi("Table", {
    example: {
      ...SUMMARY,
      columns: [{ name: "id", sqlType: "bigint", isNullable: false, writtenAs: "number" }],
      key: ["id"],
      uniqueKeys: [["id"]],
      lastExportRows: 2000,
    },
  });
export type TableView = z.infer<typeof tableSchema>;

const cursorSchema = z.string().refine((text) => readTableCursor(text) !== null);

/** Query of `GET /v1/tables`. */
export const tableListQuerySchema = pageQuerySchema(cursorSchema);

/** Path of `GET /v1/tables/{table}`. */
export const tableParams = z.strictObject({
  table: textSchema(200).openapi({ example: "public.flights" }),
});
