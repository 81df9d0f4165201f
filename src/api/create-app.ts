/** The HTTP app: every route behind the same guard, every error through the same mapping. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { SluiceError } from "../core/errors.ts";
import { typeid } from "typeid-js";
import { guardAccess, isOpenPath, type AccessPolicy } from "./access.ts";
import { createRouter, type AppContext, type AppEnv, type RouteTools } from "./app-context.ts";
import { dashboardRoutes } from "./dashboard-routes.ts";
import { docsRoutes } from "./docs/docs-routes.ts";
import { aboutError } from "./flat/flat-answer.ts";
import { flatRoutes, isFlatPath } from "./flat/flat-routes.ts";
import { metricsRoutes } from "./metrics/metrics-routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { requireJson } from "./json-body.ts";
import { errorHeaders, notFound, problemOf, statusOf, toSluiceError } from "./problem-details.ts";
import { findUndecided } from "./route-scopes.ts";
import { actionRoutes } from "./v1/action-routes.ts";
import { correctionRoutes } from "./v1/correction-routes.ts";
import { creationRoutes } from "./v1/creation-routes.ts";
import { eventRoutes } from "./v1/event-routes.ts";
import { fileRoutes } from "./v1/file-routes.ts";
import { historyRoutes } from "./v1/history-routes.ts";
import { importRoutes } from "./v1/import-routes.ts";
import { jobRoutes } from "./v1/job-routes.ts";
import { logRoutes } from "./v1/log-routes.ts";
import { processRoutes } from "./v1/process-routes.ts";
import { recordRoutes } from "./v1/record-routes.ts";
import { resultRoutes } from "./v1/result-routes.ts";
import { sampleRoutes } from "./v1/sample-routes.ts";
import { tableRoutes } from "./v1/table-routes.ts";
import { tokenRoutes } from "./v1/token-routes.ts";
import { webhookRoutes } from "./v1/webhook-routes.ts";
import { uploadRoutes } from "./v1/upload-routes.ts";

/** What the app is made of. */
export interface AppOptions extends RouteTools {
  readonly access: AccessPolicy;
  /** Why the database is known not to run, as sentences for people; null while nothing is known. Default: null. */
  readonly outage?: () => string | null;
  /** Folder with the files of Swagger UI. Default: where the build puts them. */
  readonly docsAssets?: URL;
  /** Folder of the built dashboard. Default: where the build puts it. */
  readonly dashboardAssets?: URL;
}

/** Makes the app. It holds no state: two apps over one service answer alike. */
export function createApp(options: AppOptions): OpenAPIHono<AppEnv> {
  const { access, info } = options;
  const app = createRouter();
  app.onError((error, c) => answerError(error, c, options));
  app.notFound((c) => answerError(notFound(`There is nothing at ${c.req.path}.`), c, options));

  app.use(nameRequest);
  app.use(guardAccess(access));
  app.use("/v1/jobs/*", requireJson);
  app.use("/v1/files/:fileId/inspect", requireJson);
  app.use("/v1/tokens", requireJson);
  app.use("/v1/webhooks", requireJson);
  for (const routes of ROUTES) app.route("/", routes(options));
  app.route("/", docsRoutes(options.docsAssets));
  app.route("/", dashboardRoutes(options.dashboardAssets));
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Sluice",
      version: info.version,
      description: "Long CSV jobs over PostgreSQL that a person can pause, resume, stop and undo.",
    },
    servers: [{ url: "/" }],
    // On a loopback address nobody signs in.
    security: [{ [TOKEN_SCHEME]: [] }, {}],
  });
  app.openAPIRegistry.registerComponent("securitySchemes", TOKEN_SCHEME, {
    type: "http",
    scheme: "bearer",
    description: "A token such as slu_….",
  });
  const undecided = findUndecided(app.routes, isOpenPath);
  if (undecided.length > 0) throw new Error(`no scope was decided for ${undecided.join(", ")}`);
  return app;
}

const TOKEN_SCHEME = "token";

const ROUTES = [
  flatRoutes,
  fileRoutes,
  uploadRoutes,
  creationRoutes,
  correctionRoutes,
  jobRoutes,
  actionRoutes,
  sampleRoutes,
  recordRoutes,
  resultRoutes,
  historyRoutes,
  logRoutes,
  importRoutes,
  tableRoutes,
  processRoutes,
  eventRoutes,
  tokenRoutes,
  webhookRoutes,
  healthRoutes,
  metricsRoutes,
];

/** Gives the request an id, and the answer the headers that every answer has. */
const nameRequest: MiddlewareHandler<AppEnv> = async (c, next) => {
  const requestId = typeid("req").toString();
  c.set("requestId", requestId);
  await next();
  c.header("X-Request-Id", requestId);
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Referrer-Policy", "no-referrer");
  if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
  if (!c.res.headers.has("Content-Security-Policy"))
    c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
};

/** Adds why the database does not answer, when that is known. */
function withReason(error: SluiceError, outage: string | null): SluiceError {
  if (error.code !== "database_unavailable" || outage === null) return error;
  return new SluiceError(error.code, outage, { cause: error });
}

function answerError(thrown: unknown, c: AppContext, { log, outage }: AppOptions): Response {
  const error = withReason(toSluiceError(thrown), outage?.() ?? null);
  const requestId = c.get("requestId");
  if (c.req.raw.signal.aborted)
    // Nobody reads this answer; what was under way has been cleaned up by its owner.
    log("debug", "the client went away", { requestId, path: c.req.path });
  else if (error.code === "database_unavailable")
    // The log has it once already: clients ask again and again meanwhile.
    log("debug", "a request found no database", { requestId, path: c.req.path, error });
  else if (error.status >= 500)
    log("error", "a request failed", { requestId, path: c.req.path, code: error.code, error });
  const headers = errorHeaders(error);
  if (isFlatPath(c.req.path)) return c.json(aboutError(error), statusOf(error), headers);
  return c.body(JSON.stringify(problemOf(error, c.req.path, requestId)), statusOf(error), {
    ...headers,
    "Content-Type": "application/problem+json",
  });
}
