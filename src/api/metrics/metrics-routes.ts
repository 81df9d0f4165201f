/** `/metrics`: figures for Prometheus. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { problems } from "../responses.ts";
import type { PrometheusWriter } from "./prometheus.ts";

const metricsRoute = createRoute({
  method: "get",
  path: "/metrics",
  tags: ["Health"],
  summary: "Show figures in the text format of Prometheus",
  responses: {
    200: {
      description: "The figures.",
      content: {
        "text/plain": {
          schema: z.string().openapi({
            example:
              '# HELP sluice_jobs Jobs that are kept.\n# TYPE sluice_jobs gauge\nsluice_jobs{kind="import",state="running"} 1\n',
          }),
        },
      },
    },
    ...problems("unauthenticated"),
  },
});

/** The route of figures. */
export function metricsRoutes({ service, info }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();
  let writer: Promise<PrometheusWriter> | null = null;
  router.openapi(metricsRoute, async (c) => {
    writer ??= import("./prometheus.ts").then((module) => module.createPrometheusWriter());
    const prometheus = await writer;
    const text = await prometheus.write({
      ...(await service.readFigures()),
      version: info.version,
    });
    return c.text(text, 200, { "Content-Type": prometheus.contentType });
  });
  return router;
}
