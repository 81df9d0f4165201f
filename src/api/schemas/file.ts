/** Stored files as JSON. */
import { z } from "@hono/zod-openapi";
import { listSchema } from "./list.ts";
import { countSchema, fileIdSchema, timeSchema } from "./text.ts";

/** A stored file. `sha256` is lower-case hexadecimal. */
export const fileSchema = z
  .strictObject({
    id: fileIdSchema,
    name: z.string().openapi({ description: "The sender's name for the file; only shown." }),
    bytes: countSchema,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    createdAt: timeSchema,
  })
  .openapi("File", {
    example: {
      id: "file_01m84qvm34fc7rq4ee6xdwhyxw",
      name: "people_2026.csv",
      bytes: 89548392,
      sha256: "9f2c5e0f7a6b4c3d2e1f00112233445566778899aabbccddeeff001122334455",
      createdAt: "2026-11-23T17:39:30.004Z",
    },
  });
export type FileView = z.infer<typeof fileSchema>;

/** One page of files, newest first. */
export const fileListSchema = listSchema(fileSchema).openapi("FileList");
export type FileList = z.infer<typeof fileListSchema>;
