/** Creating jobs: `POST /v1/jobs` for each kind, and running a job again with corrections. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import type { SluiceError } from "../../core/errors.ts";
import type { ExportRequest } from "../../core/export-request.ts";
import type { ImportRequest } from "../../core/job.ts";
import type { ProcessRequest } from "../../core/process-plan.ts";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { exportPlanView } from "../export-view.ts";
import { present } from "../present.ts";
import { invalidRequest } from "../problem-details.ts";
import { processPlanView } from "../process-view.ts";
import { json, jsonBody, problems } from "../responses.ts";
import { createJobBodySchema } from "../schemas/create-job.ts";
import { exportPlanSchema, type CreateExportBody } from "../schemas/export.ts";
import { planSchema, type CreateImportBody } from "../schemas/import-request.ts";
import { jobSchema } from "../schemas/job.ts";
import { processPlanSchema, type CreateProcessBody } from "../schemas/process.ts";
import { rerunBodySchema } from "../schemas/rerun.ts";
import { planView } from "../views.ts";
import { created, CREATION_CODES, creationHeaders, keyOf } from "./creation-answer.ts";
import { jobParams } from "./job-routes.ts";

const TAGS = ["Jobs"];

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
      z.union([planSchema, exportPlanSchema, processPlanSchema, jobSchema]),
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
      z.union([planSchema, processPlanSchema, jobSchema]),
    ),
    ...problems(...CREATION_CODES, "transition_not_allowed"),
  },
});

/** The routes that create jobs. */
export function creationRoutes({ service }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(createJobRoute, async (c) => {
    const { validateOnly, ...request } = c.req.valid("json");
    const key = keyOf(c.req.valid("header"));
    const actor = c.get("actor");
    switch (request.kind) {
      case "import": {
        const asked = importOf(request);
        if (validateOnly) return c.json(planView(await service.validateJob(asked)), 200);
        return created(c, await service.createJob(asked, actor, key));
      }
      case "export": {
        const asked = exportOf(request);
        if (validateOnly) return c.json(exportPlanView(await service.validateExport(asked)), 200);
        return created(c, await service.createExport(asked, actor, key));
      }
      case "process": {
        const asked = processOf(request);
        if (validateOnly) return c.json(processPlanView(await service.validateProcess(asked)), 200);
        return created(c, await service.createProcess(asked, actor, key));
      }
      default:
        return request satisfies never;
    }
  });

  router.openapi(rerunRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    // From the start is the only place so far.
    const { validateOnly, from: _from, ...given } = c.req.valid("json");
    const { params, ...rest } = present(given);
    const { kind } = await service.getJob(jobId);
    if (kind === "process") {
      const corrections = present({ ...rest, params });
      if (validateOnly)
        return c.json(processPlanView(await service.validateProcessRerun(jobId, corrections)), 200);
      const key = keyOf(c.req.valid("header"));
      return created(c, await service.rerunJob(jobId, corrections, c.get("actor"), key));
    }
    if (params !== undefined) throw noParams();
    if (validateOnly) return c.json(planView(await service.validateRerun(jobId, rest)), 200);
    const key = keyOf(c.req.valid("header"));
    return created(c, await service.rerunJob(jobId, rest, c.get("actor"), key));
  });

  return router;
}

function importOf(body: Omit<CreateImportBody, "validateOnly">): ImportRequest {
  const request = present(body);
  const isNewTable = (body.mode ?? "create") === "create" && body.delivery !== "direct";
  if (body.sample !== true || isNewTable) return request;
  const detail = "A sample makes a new table, with staged delivery. Leave `sample` out.";
  throw invalidRequest([{ pointer: "/sample", code: "invalid_value", detail }]);
}

function exportOf(body: Omit<CreateExportBody, "validateOnly">): ExportRequest {
  return present(body);
}

function processOf(body: Omit<CreateProcessBody, "validateOnly">): ProcessRequest {
  return present(body);
}

function noParams(): SluiceError {
  const detail = "Only a process has params. Leave it out.";
  return invalidRequest([{ pointer: "/params", code: "unknown_field", detail }]);
}
