/** `GET /v1/events`: changes of jobs as server-sent events. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import { createRouter, endOfInterest, type AppEnv, type RouteTools } from "../app-context.ts";
import { problems } from "../responses.ts";
import { eventsQuerySchema } from "../schemas/history.ts";
import { followActiveJobs, followJob } from "./event-stream.ts";

/** How long a client waits before it connects again, in milliseconds. */
const RETRY_MS = 2000;
/** How often it is looked whether the caller's token is still valid, in milliseconds. */
const RECHECK_MS = 10_000;

const eventsRoute = createRoute({
  method: "get",
  path: "/v1/events",
  tags: ["Events"],
  summary: "Follow a job, or every active one",
  description:
    "Begins with `job`, the whole job. Then stored events under their type (`job.paused`), `job.updated` with the whole job, and `job.progress` at most four times a second. `Last-Event-ID` brings the stored events that were missed; without `job` those of all jobs, the newest 1,000, each job whole before them. A comment every 15 s keeps the connection alive.",
  request: { query: eventsQuerySchema },
  responses: {
    200: {
      description: "The stream; it never ends while the service runs.",
      content: {
        "text/event-stream": {
          schema: { type: "string" },
          example:
            'id: 1842\nevent: job.progress\ndata: {"id":"job_01m84qvwcgffer2s6r76fqcz25"}\n\n',
        },
      },
    },
    ...problems("not_found", "invalid_request"),
  },
});

/** The route of events. */
export function eventRoutes({ service, log }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(eventsRoute, async (c) => {
    const access = c.get("access");
    const jobId = c.req.valid("query").job ?? access.onlyJob ?? undefined;
    if (jobId !== undefined) await service.getJob(jobId);
    const lastEventId = eventIdOf(c.req.header("last-event-id"));
    c.header("X-Accel-Buffering", "no");
    return streamSSE(c, async (out) => {
      const gone = new AbortController();
      out.onAbort(() => gone.abort());
      const signal = AbortSignal.any([gone.signal, endOfInterest(c)]);
      const start = { lastEventId, signal };
      const messages =
        jobId === undefined ? followActiveJobs(service, start) : followJob(service, jobId, start);
      try {
        await out.write(`retry: ${RETRY_MS}\n\n`);
        let checkedAt = performance.now();
        for await (const message of messages) {
          if (signal.aborted) break;
          if (performance.now() - checkedAt >= RECHECK_MS) {
            if (!(await access.isStillValid())) break;
            checkedAt = performance.now();
          }
          if (message) await out.writeSSE(message);
          else await out.write(": alive\n\n");
        }
      } catch (error) {
        // The headers are sent, so the stream can only end; the client comes back with the id of its last message.
        log("warn", "a stream of events broke off", { requestId: c.get("requestId"), error });
      }
    });
  });

  return router;
}

function eventIdOf(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : null;
}
