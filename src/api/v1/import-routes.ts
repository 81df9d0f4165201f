/** `PUT /v1/import/{table}`: upload, create and start in one request; the job begins while the body arrives. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { IMPORT_MODES, MOST_RECORDS_PER_SECOND, type Job } from "../../core/job.ts";
import type { Actor, UploadedImport } from "../../core/job-service.ts";
import { readTypePairs } from "../../core/type-pairs.ts";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { etagOf, jobView } from "../job-view.ts";
import { json, PLANNING_CODES, problems, UPLOAD_CODES } from "../responses.ts";
import { onConflictSchema } from "../schemas/import-request.ts";
import { jobSchema } from "../schemas/job.ts";
import { textSchema } from "../schemas/text.ts";
import { announcedBytes, checkBodyHeaders, requestBytes } from "../upload/request-body.ts";
import { senderName } from "../upload/sender-name.ts";

const importRoute = createRoute({
  method: "put",
  path: "/v1/import/{table}",
  tags: ["Jobs"],
  summary: "Send a CSV and import it into a table",
  description:
    "The body is the CSV. The job begins as soon as its first 4 MiB tell how it is read, and is in `GET /v1/jobs` from " +
    "then on; the answer comes when the last byte is stored. When the import is refused or stopped before that, " +
    "nothing of the file is kept. When the body breaks off, the job fails with `upload_incomplete`.",
  request: {
    params: z.strictObject({ table: textSchema(200).openapi({ example: "public.people" }) }),
    query: z.strictObject({
      mode: z.enum(IMPORT_MODES).optional(),
      key: textSchema(1000).optional().openapi({
        description:
          "Columns with commas between them: of the primary key of a new table, or by which `upsert` finds rows.",
        example: "id",
      }),
      onConflict: onConflictSchema.optional(),
      types: textSchema(10_000)
        .transform((text, context) => {
          const pairs = readTypePairs([text]);
          if ("types" in pairs) return pairs.types;
          const message = `Expected column=type, got ${JSON.stringify(pairs.fault)}.`;
          context.issues.push({ code: "custom", message, input: text });
          return z.NEVER;
        })
        .optional()
        .openapi({
          type: "string",
          description:
            "Columns of a new table and their PostgreSQL types, `column=type` with commas between them.",
          example: "zip=text,price=numeric(10,2)",
        }),
      maxRecordsPerSecond: z.coerce
        .number()
        .int()
        .min(1)
        .max(MOST_RECORDS_PER_SECOND)
        .optional()
        .openapi({ description: "At most so many rows a second; full speed when absent." }),
      waitForUpload: z.stringbool().default(false).openapi({
        type: "boolean",
        description: "Begins the job only when the last byte is stored.",
      }),
    }),
    // Only described: the body is read as it comes, and the framework leaves text/csv alone.
    body: {
      required: true,
      content: { "text/csv": { schema: { type: "string", format: "binary" } } },
    },
  },
  responses: {
    201: json("The job, which starts by itself or has begun.", jobSchema),
    ...problems(...PLANNING_CODES, ...UPLOAD_CODES, "upload_incomplete", "upload_stopped"),
  },
});

/** The route that imports a body. */
export function importRoutes(tools: RouteTools): OpenAPIHono<AppEnv> {
  const { service } = tools;
  const router = createRouter();

  router.openapi(importRoute, async (c) => {
    const { table } = c.req.valid("param");
    const { mode, key, onConflict, types, maxRecordsPerSecond, waitForUpload } =
      c.req.valid("query");
    checkBodyHeaders(c, tools.info);
    const upload: UploadedImport = {
      name: senderName(`${table}.csv`),
      source: requestBytes(c),
      bytesAnnounced: announcedBytes(c),
      request: {
        kind: "import",
        table,
        ...(mode && { mode }),
        ...(key && { key: key.split(",") }),
        ...(onConflict && { onConflict }),
        ...(types && { types }),
        ...(maxRecordsPerSecond && { maxRecordsPerSecond }),
      },
    };
    const job = waitForUpload
      ? await importStored(tools, upload, c.get("actor"))
      : await service.importUpload(upload, c.get("actor"));
    return c.json(jobView(job), 201, { Location: `/v1/jobs/${job.id}`, ETag: etagOf(job) });
  });

  return router;
}

/** Stores the body to its end, and imports it then. */
async function importStored(
  { service, log }: RouteTools,
  { name, source, request }: UploadedImport,
  actor: Actor,
): Promise<Job> {
  const file = await service.putFile(name, source);
  let job: Job | null = null;
  try {
    ({ job } = await service.createJob({ ...request, file: file.id }, actor));
    return job;
  } finally {
    if (!job)
      await service.deleteFile(file.id).catch((error: unknown) => {
        // The refusal is what the client has to hear; the file is found in the list of files.
        log("warn", "the file of a refused import was not deleted", { file: file.id, error });
      });
  }
}
