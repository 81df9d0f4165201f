/** `/v1/jobs`: create, list, show, delete. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import type { ExportRequest } from "../../core/export-request.ts";
import type { ImportRequest, Job } from "../../core/job.ts";
import { isEnded } from "../../core/job-state.ts";
import type { JobService } from "../../core/job-service.ts";
import {
  createRouter,
  endOfInterest,
  type AppContext,
  type AppEnv,
  type RouteTools,
} from "../app-context.ts";
import { exportPlanView } from "../export-view.ts";
import { etagOf, jobView } from "../job-view.ts";
import { present } from "../present.ts";
import { json, jsonBody, PLANNING_CODES, problems } from "../responses.ts";
import { createJobBodySchema } from "../schemas/create-job.ts";
import { exportPlanSchema, type CreateExportBody } from "../schemas/export.ts";
import { planSchema, rerunBodySchema, type CreateImportBody } from "../schemas/import-request.ts";
import { jobListQuerySchema, jobListSchema, jobQuerySchema, jobSchema } from "../schemas/job.ts";
import { jobIdSchema } from "../schemas/text.ts";
import { planView } from "../views.ts";
import { PROGRESS_INTERVAL_MS } from "./event-stream.ts";

const TAGS = ["Jobs"];
const SECOND_MS = 1000;

/** The path parameters of routes about one job. */
export const jobParams = z.strictObject({ jobId: jobIdSchema });

/** The headers of routes that create a job. */
const creationHeaders = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "Expected 1 to 255 visible ASCII characters.")
    .optional(),
});

const CREATION_CODES = [
  ...PLANNING_CODES,
  "malformed_request",
  "idempotency_key_reused",
  "shutting_down",
] as const;

const createJobRoute = createRoute({
  method: "post",
  path: "/v1/jobs",
  tags: TAGS,
  summary: "Create a job and start it",
  description:
    "With `validateOnly` everything is decided and nothing is written. With an `Idempotency-Key` a repeated request answers the first job.",
  request: {
    headers: creationHeaders,
    body: jsonBody(createJobBodySchema),
  },
  responses: {
    201: json("The job, which starts by itself.", jobSchema),
    200: json(
      "The decisions (`validateOnly`), or the job that this key made before.",
      z.union([planSchema, exportPlanSchema, jobSchema]),
    ),
    ...problems(...CREATION_CODES),
  },
});

const rerunRoute = createRoute({
  method: "post",
  path: "/v1/jobs/{jobId}/rerun",
  tags: TAGS,
  summary: "Run a job that is over again, over the same file, with corrections",
  description:
    "Creates a new job, whose `parent` is this one; this one stays as it is. A field that is given replaces that of the request before, null takes it away, so that its default holds. With `validateOnly` everything is decided and nothing is written.",
  request: {
    params: jobParams,
    headers: creationHeaders,
    body: jsonBody(rerunBodySchema, false),
  },
  responses: {
    201: json("The new job, which starts by itself.", jobSchema),
    200: json(
      "The decisions (`validateOnly`), or the job that this key made before.",
      z.union([planSchema, jobSchema]),
    ),
    ...problems(...CREATION_CODES, "transition_not_allowed"),
  },
});

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

  router.openapi(createJobRoute, async (c) => {
    const { validateOnly, ...request } = c.req.valid("json");
    const key = keyOf(c.req.valid("header"));
    const actor = c.get("actor");
    if (request.kind === "export") {
      const asked = exportOf(request);
      if (validateOnly) return c.json(exportPlanView(await service.validateExport(asked)), 200);
      return created(c, await service.createExport(asked, actor, key));
    }
    const asked = importOf(request);
    if (validateOnly) return c.json(planView(await service.validateJob(asked)), 200);
    return created(c, await service.createJob(asked, actor, key));
  });

  router.openapi(rerunRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    // From the start is the only place so far.
    const { validateOnly, from: _from, ...given } = c.req.valid("json");
    const corrections = present(given);
    if (validateOnly) return c.json(planView(await service.validateRerun(jobId, corrections)), 200);
    const key = keyOf(c.req.valid("header"));
    return created(c, await service.rerunJob(jobId, corrections, c.get("actor"), key));
  });

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

  router.openapi(deleteJobRoute, async (c) => {
    await service.deleteJob(c.req.valid("param").jobId);
    return c.body(null, 204);
  });

  return router;
}

function keyOf(headers: z.infer<typeof creationHeaders>): { readonly idempotencyKey?: string } {
  return present({ idempotencyKey: headers["idempotency-key"] });
}

function created(c: AppContext, { job, isNew }: { readonly job: Job; readonly isNew: boolean }) {
  const headers = { Location: `/v1/jobs/${job.id}`, ETag: etagOf(job) };
  return isNew ? c.json(jobView(job), 201, headers) : c.json(jobView(job), 200, headers);
}

function importOf(body: Omit<CreateImportBody, "validateOnly">): ImportRequest {
  return present(body);
}

function exportOf(body: Omit<CreateExportBody, "validateOnly">): ExportRequest {
  return present(body);
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
