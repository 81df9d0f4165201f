/** `/v1/processes`: what the folder of processes holds. It is looked at anew when its files have changed. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { SluiceError } from "../../core/errors.ts";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { notFound } from "../problem-details.ts";
import { processListView, processView } from "../process-view.ts";
import { json, problems } from "../responses.ts";
import { processListSchema, processNameSchema, processSchema } from "../schemas/process.ts";

const TAGS = ["Processes"];

const listProcessesRoute = createRoute({
  method: "get",
  path: "/v1/processes",
  tags: TAGS,
  summary: "List the processes of the folder, and its files that do not load",
  responses: { 200: json("All of them, by name.", processListSchema), ...problems() },
});

const getProcessRoute = createRoute({
  method: "get",
  path: "/v1/processes/{name}",
  tags: TAGS,
  summary: "Show a process with its params and its source",
  request: { params: z.strictObject({ name: processNameSchema }) },
  responses: {
    200: json("The process.", processSchema),
    ...problems("not_found", "process_broken"),
  },
});

/** The routes of processes. */
export function processRoutes({ service }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(listProcessesRoute, async (c) =>
    c.json(processListView(await service.listProcesses()), 200),
  );

  router.openapi(getProcessRoute, async (c) => {
    try {
      return c.json(processView(await service.getProcess(c.req.valid("param").name)), 200);
    } catch (error) {
      // Here the name is the address, and no part of a request that is otherwise in order.
      if (error instanceof SluiceError && error.code === "process_not_found")
        throw notFound(error.message);
      throw error;
    }
  });

  return router;
}
