/** Actions on a job: pause, resume, stop, undo. Repeating one that is already true is no error. */
import { createRoute, type OpenAPIHono, type z } from "@hono/zod-openapi";
import type { ActionOutcome } from "../../core/job-service.ts";
import type { StateAction } from "../../core/job-state.ts";
import { createRouter, type AppContext, type AppEnv, type RouteTools } from "../app-context.ts";
import { etagOf, jobView } from "../job-view.ts";
import { present } from "../present.ts";
import { json, jsonBody, problems } from "../responses.ts";
import {
  pauseBodySchema,
  resumeBodySchema,
  stopBodySchema,
  undoBodySchema,
} from "../schemas/action.ts";
import { jobSchema } from "../schemas/job.ts";
import { jobParams } from "./job-routes.ts";

const TAGS = ["Actions"];

function actionRoute<Body extends z.ZodType>(action: StateAction, summary: string, body: Body) {
  return createRoute({
    method: "post",
    path: `/v1/jobs/{jobId}/${action}`,
    tags: TAGS,
    summary,
    description: "Waits for the state, for 10 s at the most; the wish is kept in any case.",
    request: { params: jobParams, body: jsonBody(body, false) },
    responses: {
      200: json("The state is reached, now or before.", jobSchema),
      202: json("The job is on its way there.", jobSchema),
      ...problems(
        "not_found",
        "transition_not_allowed",
        "undo_not_possible",
        "undo_failed",
        "keep_not_possible",
        "invalid_request",
        "malformed_request",
        "body_too_large",
      ),
    },
  });
}

const pauseRoute = actionRoute(
  "pause",
  "Pause a job after the chunk or batch in hand",
  pauseBodySchema,
);
const resumeRoute = actionRoute("resume", "Resume a job from its checkpoint", resumeBodySchema);
const stopRoute = actionRoute("stop", "Stop a job and undo what it did", stopBodySchema);
const undoRoute = actionRoute(
  "undo",
  "Undo a job that has failed, and of a process also one that has ended otherwise",
  undoBodySchema,
);

/** The routes of actions. */
export function actionRoutes({ service }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(pauseRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    return answer(
      c,
      await service.act(jobId, "pause", c.get("actor"), present(c.req.valid("json"))),
    );
  });

  router.openapi(resumeRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    return answer(
      c,
      await service.act(jobId, "resume", c.get("actor"), present(c.req.valid("json"))),
    );
  });

  router.openapi(stopRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    return answer(
      c,
      await service.act(jobId, "stop", c.get("actor"), present(c.req.valid("json"))),
    );
  });

  router.openapi(undoRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    return answer(
      c,
      await service.act(jobId, "undo", c.get("actor"), present(c.req.valid("json"))),
    );
  });

  return router;
}

function answer(c: AppContext, { outcome, job }: ActionOutcome) {
  const headers = { ETag: etagOf(job) };
  return outcome === "reached"
    ? c.json(jobView(job), 200, headers)
    : c.json(jobView(job), 202, headers);
}
