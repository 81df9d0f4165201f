/** Body of `POST /v1/jobs`: one shape for each kind of job. */
import { z } from "@hono/zod-openapi";
import { createExportBodySchema } from "./export.ts";
import { createImportBodySchema } from "./import-request.ts";
import { createProcessBodySchema } from "./process.ts";

/** What a job is made from. */
export const createJobBodySchema = z
  .discriminatedUnion("kind", [
    createImportBodySchema,
    createExportBodySchema,
    createProcessBodySchema,
  ])
  .openapi("CreateJobRequest", {
    example: { kind: "export", table: "public.flights", format: { type: "csv", gzip: true } },
  });
