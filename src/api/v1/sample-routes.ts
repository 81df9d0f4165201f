/** The worker of a sample job: killing it, and what that cost. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { etagOf, jobView } from "../job-view.ts";
import { json, problems } from "../responses.ts";
import { jobSchema } from "../schemas/job.ts";
import { workerLossesSchema } from "../schemas/sample.ts";
import { jobParams } from "./job-routes.ts";

const TAGS = ["Samples"];

const killRoute = createRoute({
  method: "post",
  path: "/v1/jobs/{jobId}/kill-worker",
  tags: TAGS,
  summary: "Kill the worker of a sample job",
  description:
    "Sends SIGKILL to the process that the service keeps for this job, and answers when it is dead. Another one is started, and the job is rescued as any other.",
  request: { params: jobParams },
  responses: {
    200: json("The worker is dead.", jobSchema),
    ...problems("not_found", "transition_not_allowed"),
  },
});

const lossesRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}/worker-losses",
  tags: TAGS,
  summary: "Show which workers a sample job has lost, and count its rows",
  request: { params: jobParams },
  responses: {
    200: json("The losses, and the rows now.", workerLossesSchema),
    ...problems("not_found"),
  },
});

/** The routes of samples. */
export function sampleRoutes({ service }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(killRoute, async (c) => {
    const job = await service.killWorker(c.req.valid("param").jobId);
    return c.json(jobView(job), 200, { ETag: etagOf(job) });
  });

  router.openapi(lossesRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    const { losses, rows } = await service.getWorkerLosses(jobId);
    const shown = losses.map(({ lostAt, pid, takenOverAt }) => ({
      lostAt: lostAt.toISOString(),
      pid,
      takenOverAt: takenOverAt?.toISOString() ?? null,
    }));
    return c.json({ job: jobId, losses: shown, rows: rows && { ...rows } }, 200);
  });

  return router;
}
