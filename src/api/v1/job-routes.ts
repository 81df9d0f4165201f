/** `/v1/jobs`: list, show, change, delete. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import type { Job } from "../../core/job.ts";
import { isEnded } from "../../core/job-state.ts";
import type { JobService } from "../../core/job-service.ts";
import { createRouter, endOfInterest, type AppEnv, type RouteTools } from "../app-context.ts";
import { etagOf, jobView, versionOf } from "../job-view.ts";
import { present } from "../present.ts";
import { json, jsonBody, problems } from "../responses.ts";
import {
  changeJobBodySchema,
  jobListQuerySchema,
  jobListSchema,
  jobQuerySchema,
} from "../schemas/job-request.ts";
import { jobSchema } from "../schemas/job.ts";
import { jobIdSchema } from "../schemas/text.ts";
import { PROGRESS_INTERVAL_MS } from "./event-stream.ts";

const TAGS = ["Jobs"];
const SECOND_MS = 1000;

/** The path parameters of routes about one job. */
export const jobParams = z.strictObject({ jobId: jobIdSchema });

const listJobsRoute = createRoute({
  method: "get",
  path: "/v1/jobs",
  tags: TAGS,
  summary: "List the jobs, newest first",
  request: { query: jobListQuerySchema },
  responses: { 200: json("A page of jobs.", jobListSchema), ...problems("invalid_request") },
});

const getJobRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}",
  tags: TAGS,
  summary: "Show a job, when wished after its next change",
  description:
    "With `wait` the answer comes when the job changes from what `If-None-Match` names, or from now without it; after `wait` seconds at the latest. A job that has ended is only waited for with `If-None-Match`.",
  request: {
    params: jobParams,
    query: jobQuerySchema,
    headers: z.object({ "if-none-match": z.string().optional() }),
  },
  responses: {
    200: {
      ...json("The job.", jobSchema),
      headers: z.object({ ETag: z.string().openapi({ example: 'W/"12-43201126"' }) }),
    },
    304: { description: "It is still as `If-None-Match` says." },
    ...problems("not_found", "invalid_request"),
  },
});

const changeJobRoute = createRoute({
  method: "patch",
  path: "/v1/jobs/{jobId}",
  tags: TAGS,
  summary: "Change the name or the speed of a job, also while it runs",
  description:
    "A speed holds from the next chunk or batch on. With `If-Match` nothing is changed when the job is another than that `ETag` says; that it has come further is no change.",
  request: {
    params: jobParams,
    headers: z.object({ "if-match": z.string().optional() }),
    body: jsonBody(changeJobBodySchema),
  },
  responses: {
    200: json("The job.", jobSchema),
    ...problems(
      "not_found",
      "transition_not_allowed",
      "version_conflict",
      "invalid_request",
      "malformed_request",
      "body_too_large",
    ),
  },
});

const deleteJobRoute = createRoute({
  method: "delete",
  path: "/v1/jobs/{jobId}",
  tags: TAGS,
  summary: "Forget an ended job",
  request: { params: jobParams },
  responses: {
    204: { description: "It is forgotten." },
    ...problems("not_found", "transition_not_allowed"),
  },
});

/** The routes of jobs. */
export function jobRoutes(tools: RouteTools): OpenAPIHono<AppEnv> {
  const { service } = tools;
  const router = createRouter();

  router.openapi(listJobsRoute, async (c) => {
    const { state, ...filter } = c.req.valid("query");
    const page = await service.listJobs(present({ ...filter, states: state }));
    return c.json({ items: page.items.map(jobView), next: page.next }, 200);
  });

  router.openapi(getJobRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    const { wait } = c.req.valid("query");
    const seen = c.req.valid("header")["if-none-match"];
    let job = await service.getJob(jobId);
    const isWaiting = wait > 0 && (seen === undefined ? !isEnded(job.state) : seen === etagOf(job));
    if (isWaiting) job = await waitForNews(service, job, wait * SECOND_MS, endOfInterest(c));
    const etag = etagOf(job);
    if (seen === etag) return c.body(null, 304, { ETag: etag });
    return c.json(jobView(job), 200, { ETag: etag });
  });

  router.openapi(changeJobRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    const ifMatch = c.req.valid("header")["if-match"];
    const change = present(c.req.valid("json"));
    const how = ifMatch === undefined || ifMatch === "*" ? {} : { ifVersion: versionOf(ifMatch) };
    const job = await service.changeJob(jobId, change, c.get("actor"), how);
    return c.json(jobView(job), 200, { ETag: etagOf(job) });
  });

  router.openapi(deleteJobRoute, async (c) => {
    await service.deleteJob(c.req.valid("param").jobId);
    return c.body(null, 204);
  });

  return router;
}

/** Waits for a new state or, as an event stream does, for new figures that are not told too often. */
async function waitForNews(
  service: JobService,
  job: Job,
  waitMs: number,
  signal: AbortSignal,
): Promise<Job> {
  const quietMs = Math.min(waitMs, PROGRESS_INTERVAL_MS);
  const how = { signal, ignoresProgress: true };
  const now = await service.waitForChange(job.id, job, quietMs, how);
  if (etagOf(now) !== etagOf(job)) return now;
  return service.waitForChange(job.id, job, waitMs - quietMs, { signal });
}
