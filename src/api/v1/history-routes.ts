/** What a job leaves behind: its rejected records, its timeline, its receipt. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { stream } from "hono/streaming";
import type { Rejection } from "../../core/rejection.ts";
import { createRouter, type AppContext, type AppEnv, type RouteTools } from "../app-context.ts";
import { receiptView } from "../job-view.ts";
import { json, problems } from "../responses.ts";
import {
  receiptSchema,
  recordsQuerySchema,
  rejectedRecordListSchema,
  timelineQuerySchema,
  timelineSchema,
  type RejectedRecordList,
} from "../schemas/history.ts";
import { rejectedRecordView, timelineEventView } from "../views.ts";
import { jobParams } from "./job-routes.ts";
import { RECORD_FORMATS, rejectedText, type RecordFormat } from "./rejected-records.ts";

const TAGS = ["History"];
const JSON_TYPE = "application/json";
const TEXT = { type: "string" as const };

const recordsRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}/records",
  tags: TAGS,
  summary: "List the rejected records, in the order of the file",
  description:
    "JSON comes in pages; with `Accept: text/csv` or `application/x-ndjson` all records come in one stream.",
  request: { params: jobParams, query: recordsQuerySchema },
  responses: {
    200: {
      description: "The records.",
      content: {
        "application/json": { schema: rejectedRecordListSchema },
        "text/csv": { schema: TEXT },
        "application/x-ndjson": { schema: TEXT },
      },
    },
    ...problems("not_found", "invalid_request"),
  },
});

const timelineRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}/timeline",
  tags: TAGS,
  summary: "Show what happened to a job, in order",
  request: { params: jobParams, query: timelineQuerySchema },
  responses: {
    200: json("The events.", timelineSchema),
    ...problems("not_found", "invalid_request"),
  },
});

const receiptRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}/receipt",
  tags: TAGS,
  summary: "Show what became of every record",
  request: { params: jobParams },
  responses: { 200: json("The receipt, so far.", receiptSchema), ...problems("not_found") },
});

/** The routes of history. */
export function historyRoutes({ service, log }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(recordsRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    const { limit, after } = c.req.valid("query");
    await service.getJob(jobId);
    const format = RECORD_FORMATS[wantedType(c)];
    if (format) {
      setDownloadHeaders(c, jobId, format);
      return stream(
        c,
        async (out) => {
          for await (const text of rejectedText(service, format, { jobId, afterRecord: after })) {
            if (out.aborted) return;
            await out.write(text);
          }
        },
        async (error) => log("error", "a list of rejected records broke off", { jobId, error }),
      );
    }
    const rejections = await service.listRejections(jobId, { limit, afterRecord: after });
    return c.json(pageOf(rejections, limit), 200);
  });

  router.openapi(timelineRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    await service.getJob(jobId);
    const events = await service.listEvents(jobId, c.req.valid("query").after);
    return c.json({ items: events.map(timelineEventView), next: null }, 200);
  });

  router.openapi(receiptRoute, async (c) => {
    return c.json(receiptView(await service.getJob(c.req.valid("param").jobId)), 200);
  });

  return router;
}

function wantedType(c: AppContext): string {
  return accepts(c, {
    header: "Accept",
    supports: [JSON_TYPE, ...Object.keys(RECORD_FORMATS)],
    default: JSON_TYPE,
  });
}

function setDownloadHeaders(c: AppContext, jobId: string, format: RecordFormat): void {
  c.header("Content-Type", format.contentType);
  c.header("Content-Disposition", `attachment; filename="${jobId}-rejected.${format.extension}"`);
}

function pageOf(rejections: readonly Rejection[], limit: number): RejectedRecordList {
  const last = rejections.length === limit ? rejections.at(-1) : undefined;
  return {
    items: rejections.map(rejectedRecordView),
    next: last ? String(last.record) : null,
  };
}
