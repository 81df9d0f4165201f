/** `GET /v1/jobs/{jobId}/log`: what the process of a job has logged, as JSON in pages or as NDJSON in one answer. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import type { JobService } from "../../core/job-service.ts";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { logLineView } from "../process-view.ts";
import { problems } from "../responses.ts";
import { MAX_PAGE_SIZE } from "../schemas/list.ts";
import { logQuerySchema, logSchema } from "../schemas/process.ts";
import { jobParams } from "./job-routes.ts";

const JSON_TYPE = "application/json";
const NDJSON_TYPE = "application/x-ndjson";

const logRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}/log",
  tags: ["History"],
  summary: "Show what the process of a job has logged, in order",
  description:
    "Of a job the newest 1,000 lines are kept. JSON comes in pages; NDJSON has all of them, one object a line. The jobs of other kinds have no log.",
  request: { params: jobParams, query: logQuerySchema },
  responses: {
    200: {
      description: "The lines.",
      content: {
        [JSON_TYPE]: { schema: logSchema },
        [NDJSON_TYPE]: { schema: { type: "string" as const } },
      },
    },
    ...problems("not_found", "invalid_request"),
  },
});

/** The route of logs. */
export function logRoutes({ service }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(logRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    const { format, limit, cursor } = c.req.valid("query");
    const after = cursor === undefined ? 0 : Number(cursor);
    const type = accepts(c, {
      header: "Accept",
      supports: [JSON_TYPE, NDJSON_TYPE],
      default: JSON_TYPE,
    });
    if (format === "ndjson" || (format === undefined && type === NDJSON_TYPE)) {
      await service.getJob(jobId); // told here, while the answer can still be an error
      c.header("Content-Type", `${NDJSON_TYPE}; charset=utf-8`);
      // Of the forms that the route declares the types know one.
      return c.body(streamOf(service, jobId, after), 200) as never;
    }
    // One more than wanted tells whether there is a next page.
    const lines = await service.listLog(jobId, { limit: limit + 1, after });
    const shown = lines.slice(0, limit);
    const last = shown.at(-1);
    const next = lines.length > limit && last !== undefined ? String(last.id) : null;
    return c.json({ items: shown.map(logLineView), next }, 200);
  });

  return router;
}

/** The lines behind `after`, a page at a time. More may come meanwhile; the answer ends where nothing follows. */
function streamOf(service: JobService, jobId: string, after: number): ReadableStream<Uint8Array> {
  let from = after;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const lines = await service.listLog(jobId, { limit: MAX_PAGE_SIZE, after: from });
        const text = lines.map((line) => `${JSON.stringify(logLineView(line))}\n`).join("");
        if (text !== "") controller.enqueue(ENCODER.encode(text));
        from = lines.at(-1)?.id ?? from;
        if (lines.length < MAX_PAGE_SIZE) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

const ENCODER = new TextEncoder();
