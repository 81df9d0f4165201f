/** `PUT /v1/import/{table}`: upload, create and start in one request. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { IMPORT_MODES, type Job } from "../../core/job.ts";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { etagOf, jobView } from "../job-view.ts";
import { json, PLANNING_CODES, problems, UPLOAD_CODES } from "../responses.ts";
import { jobSchema } from "../schemas/job.ts";
import { textSchema } from "../schemas/text.ts";
import { checkBodyHeaders, requestBytes } from "../upload/request-body.ts";
import { senderName } from "../upload/sender-name.ts";

const importRoute = createRoute({
  method: "put",
  path: "/v1/import/{table}",
  tags: ["Jobs"],
  summary: "Send a CSV and import it into a table",
  description: "The body is the CSV. When the import is refused, the file is deleted again.",
  request: {
    params: z.strictObject({ table: textSchema(200).openapi({ example: "public.people" }) }),
    query: z.strictObject({ mode: z.enum(IMPORT_MODES).optional() }),
    // Only described: the body is read as it comes, and the framework leaves text/csv alone.
    body: {
      required: true,
      content: { "text/csv": { schema: { type: "string", format: "binary" } } },
    },
  },
  responses: {
    201: json("The job, which starts by itself.", jobSchema),
    ...problems(...PLANNING_CODES, ...UPLOAD_CODES),
  },
});

/** The route that imports a body. */
export function importRoutes(tools: RouteTools): OpenAPIHono<AppEnv> {
  const { service, log } = tools;
  const router = createRouter();

  router.openapi(importRoute, async (c) => {
    const { table } = c.req.valid("param");
    const { mode } = c.req.valid("query");
    checkBodyHeaders(c, tools.info);
    const file = await service.putFile(senderName(`${table}.csv`), requestBytes(c));
    let job: Job | null = null;
    try {
      const request = { kind: "import", file: file.id, table, ...(mode && { mode }) } as const;
      ({ job } = await service.createJob(request, c.get("actor")));
    } finally {
      if (!job)
        await service.deleteFile(file.id).catch((error: unknown) => {
          // The refusal is what the client has to hear; the file is found in the list of files.
          log("warn", "the file of a refused import was not deleted", { file: file.id, error });
        });
    }
    return c.json(jobView(job), 201, { Location: `/v1/jobs/${job.id}`, ETag: etagOf(job) });
  });

  return router;
}
