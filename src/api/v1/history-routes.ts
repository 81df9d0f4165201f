/** What a job leaves behind: its timeline and its receipt. Its records have a file of their own. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { receiptView } from "../job-view.ts";
import { json, problems } from "../responses.ts";
import { activitySchema } from "../schemas/activity.ts";
import { receiptSchema, timelineQuerySchema, timelineSchema } from "../schemas/history.ts";
import { activityView, timelineEventView } from "../views.ts";
import { jobParams } from "./job-routes.ts";

const TAGS = ["History"];

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

const activityRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}/activity",
  tags: TAGS,
  summary: "Show what a job is at: what it waits for, and how far its undo is",
  description: "As it is at the moment of the question; nothing of it is kept.",
  request: { params: jobParams },
  responses: { 200: json("What it is at.", activitySchema), ...problems("not_found") },
});

/** The routes of history. */
export function historyRoutes({ service }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(timelineRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    await service.getJob(jobId);
    const events = await service.listEvents(jobId, c.req.valid("query").after);
    return c.json({ items: events.map(timelineEventView), next: null }, 200);
  });

  router.openapi(receiptRoute, async (c) => {
    return c.json(receiptView(await service.getJob(c.req.valid("param").jobId)), 200);
  });

  router.openapi(activityRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    return c.json(activityView(jobId, await service.getActivity(jobId)), 200);
  });

  return router;
}
