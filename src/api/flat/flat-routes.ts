/** The flat API at the root: one active file at a time. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { methodNotAllowed } from "../problem-details.ts";
import { aboutJob, aboutNoJob, flatAnswerSchema } from "./flat-answer.ts";
import { controlFlat, FLAT_ACTIONS, type FlatAction } from "./flat-control.ts";
import { createFlat } from "./flat-create.ts";
import { FLAT_PROGRESS_TEXTS, FLAT_TEXTS, flatStateOf } from "./flat-texts.ts";

const FLAT_PATHS = new Set(["/status", "/create", ...FLAT_ACTIONS.map((action) => `/${action}`)]);
/** Methods of the paths that do not take both. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  "/status": ["GET"],
  "/create": ["POST"],
};
const TAGS = ["Flat API"];

/** Whether a path belongs to the flat API, whose errors have its own form. */
export function isFlatPath(path: string): boolean {
  return FLAT_PATHS.has(path);
}

function answer(description: string) {
  return { description, content: { "application/json": { schema: flatAnswerSchema } } };
}

const FAILURES = {
  401: answer("A token is needed."),
  500: answer("Something went wrong inside Sluice."),
  503: answer("The database does not answer."),
};

const statusRoute = createRoute({
  method: "get",
  path: "/status",
  tags: TAGS,
  summary: "Say where the active process is",
  responses: { 200: answer("Where it is, or that there is none."), ...FAILURES },
});

const startRoute = createRoute({
  method: "post",
  path: "/create",
  tags: TAGS,
  summary: "Send a CSV and start importing it, or a process over it",
  description:
    "What starts is the setting `create`: an import, unless told otherwise. `table` asks for an import, `process` for a process. The table is named after the file unless `table` says otherwise. It is made when it does not exist; otherwise rows are added to it.",
  responses: {
    201: answer("The process runs."),
    400: answer("The form cannot be read."),
    403: answer("One is active already, or no file came under the key `file`."),
    409: answer("Another job makes the same table."),
    413: answer("The file is too large."),
    415: answer("It is not a CSV."),
    422: answer("The file or a field is not valid."),
    507: answer("There is no space left."),
    ...FAILURES,
  },
});

const FORM = {
  required: true,
  content: {
    "multipart/form-data": {
      schema: {
        type: "object" as const,
        required: ["file"],
        properties: {
          file: { type: "string" as const, format: "binary" },
          table: { type: "string" as const, example: "public.people" },
          process: { type: "string" as const, example: "swap-columns" },
          params: {
            type: "string" as const,
            description: "What the process takes, as JSON.",
            example: '{"country":"IN"}',
          },
        },
      },
    },
  },
};

const CONTROL_SUMMARIES: Readonly<Record<FlatAction, string>> = {
  pause: "Pause the active process",
  resume: "Resume the paused process",
  stop: "Stop the active process and undo it",
};

function controlRoute(action: FlatAction, method: "get" | "post") {
  return createRoute({
    method,
    path: `/${action}`,
    tags: TAGS,
    summary: CONTROL_SUMMARIES[action],
    description: "Answers when the state is reached, after 10 s at the latest.",
    responses: {
      200: answer("Done, and where the process is."),
      403: answer("None is active, or it is so already."),
      409: answer(
        "Rows are being published, which is one step; or what was done cannot be undone.",
      ),
      ...FAILURES,
    },
  });
}

/** The routes of the flat API. */
export function flatRoutes(tools: RouteTools): OpenAPIHono<AppEnv> {
  const { service } = tools;
  const router = createRouter();

  router.openapi(statusRoute, async (c) => {
    const job = await service.findFlatJob();
    if (!job) return c.json(await aboutNoJob(service), 200);
    return c.json(aboutJob(FLAT_PROGRESS_TEXTS[flatStateOf(job)](job), job), 200);
  });

  // The form is read as it comes, so the route does not let the framework parse it and is described here.
  router.openAPIRegistry.registerPath({ ...startRoute, request: { body: FORM } });
  router.post("/create", async (c) => {
    const outcome = await createFlat(c, tools);
    switch (outcome.kind) {
      case "started":
        return c.json(aboutJob(FLAT_TEXTS.started, outcome.job), 201);
      case "busy":
        return c.json({ Details: FLAT_TEXTS.busy }, 403);
      case "file_missing":
        return c.json({ Details: FLAT_TEXTS.fileMissing }, 403);
      default:
        return outcome satisfies never;
    }
  });

  for (const action of FLAT_ACTIONS)
    for (const method of ["get", "post"] as const)
      router.openapi(controlRoute(action, method), async (c) => {
        const reply = await controlFlat(service, action, c.get("actor"));
        return c.json(reply.answer, reply.status);
      });

  // What has not matched above has come by another method.
  for (const path of FLAT_PATHS)
    router.all(path, () => {
      throw methodNotAllowed(path, METHODS[path] ?? ["GET", "POST"]);
    });

  return router;
}
