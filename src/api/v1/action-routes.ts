/** Actions on a job: pause, resume, stop, undo. Repeating one that is already true is no error. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
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
  undoPreviewSchema,
} from "../schemas/action.ts";
import { jobSchema } from "../schemas/job.ts";
import { jobParams } from "./job-routes.ts";

const TAGS = ["Actions"];

function actionRoute<Body extends z.ZodType, Answer extends z.ZodType = typeof jobSchema>(
  action: StateAction,
  summary: string,
  body: Body,
  reached: { readonly schema: Answer; readonly text: string },
) {
  return createRoute({
    method: "post",
    path: `/v1/jobs/{jobId}/${action}`,
    tags: TAGS,
    summary,
    description: "Waits for the state, for 10 s at the most; the wish is kept in any case.",
    request: { params: jobParams, body: jsonBody(body, false) },
    responses: {
      200: json(reached.text, reached.schema),
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

const REACHED = { schema: jobSchema, text: "The state is reached, now or before." };

const pauseRoute = actionRoute(
  "pause",
  "Pause a job after the chunk or batch in hand",
  pauseBodySchema,
  REACHED,
);
const resumeRoute = actionRoute(
  "resume",
  "Resume a job from its checkpoint",
  resumeBodySchema,
  REACHED,
);
const stopRoute = actionRoute(
  "stop",
  "Stop a job, and undo or keep what it did",
  stopBodySchema,
  REACHED,
);
const undoRoute = actionRoute("undo", "Undo a job that has ended", undoBodySchema, {
  schema: z.union([jobSchema, undoPreviewSchema]),
  text: "The state is reached, now or before; or what undoing would come to (`validateOnly`).",
});

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
    const { validateOnly = false, ...body } = c.req.valid("json");
    if (validateOnly) return c.json({ ...(await service.previewUndo(jobId)) }, 200);
    return answer(c, await service.act(jobId, "undo", c.get("actor"), present(body)));
  });

  return router;
}

function answer(c: AppContext, { outcome, job }: ActionOutcome) {
  const headers = { ETag: etagOf(job) };
  return outcome === "reached"
    ? c.json(jobView(job), 200, headers)
    : c.json(jobView(job), 202, headers);
}
