/** `/healthz` and `/readyz`, for what watches over the service. Open to all. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { createRouter, type AppEnv, type RouteTools } from "./app-context.ts";
import { json, problems } from "./responses.ts";

const TAGS = ["Health"];

const healthRoute = createRoute({
  method: "get",
  path: "/healthz",
  tags: TAGS,
  summary: "Say that the service is alive",
  responses: {
    200: json(
      "It is alive.",
      z
        .strictObject({ status: z.literal("ok"), version: z.string() })
        .openapi("Health", { example: { status: "ok", version: "1.0.0" } }),
    ),
  },
});

const readyRoute = createRoute({
  method: "get",
  path: "/readyz",
  tags: TAGS,
  summary: "Say whether the service can work now",
  responses: {
    200: json(
      "It can: the database answers.",
      z.strictObject({ status: z.literal("ready") }).openapi("Readiness", {
        example: { status: "ready" },
      }),
    ),
    503: problems("database_unavailable")[503],
  },
});

/** The routes of health. */
export function healthRoutes({ service, info }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();
  router.openapi(healthRoute, (c) => c.json({ status: "ok" as const, version: info.version }, 200));
  router.openapi(readyRoute, async (c) => {
    await service.checkReady();
    return c.json({ status: "ready" as const }, 200);
  });
  return router;
}
