/** What every route of the app can rely on. */
import type { IncomingMessage } from "node:http";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { AccessTokens } from "../core/access-tokens.ts";
import type { LogLevel } from "../core/line-log.ts";
import type { Actor, JobService } from "../core/job-service.ts";
import type { JudgeUrl, WebhookStore } from "../core/webhooks.ts";
import type { CallerAccess } from "./access.ts";
import { validationError } from "./problem-details.ts";

/**
 * Writes one line of the log. `fields` hold no secret, and at `info` or above no cell value. An `error` field may be
 * any thrown value.
 */
export type Log = (
  level: LogLevel,
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** Facts about the service that its answers name. */
export interface AppInfo {
  readonly version: string;
  /**
   * A request that announces more bytes than this is refused before its body is read. Absent: only the file store
   * refuses, when the bytes have come.
   */
  readonly maxUploadBytes?: number;
  /** What `POST /create` starts: `import`, or the name of a process. Default: `import`. */
  readonly create?: string;
}

/** What a route needs to do its work. */
export interface RouteTools {
  readonly service: JobService;
  readonly tokens: AccessTokens;
  readonly webhooks: WebhookStore;
  /** Why a webhook may not have an address, or null. */
  readonly judgeUrl: JudgeUrl;
  readonly info: AppInfo;
  readonly log: Log;
}

/** The environment of a request: what the server binds, and what middleware adds before a route runs. */
export interface AppEnv {
  Bindings: {
    /** The request of Node; absent when the app is called without a server. */
    readonly incoming?: IncomingMessage;
    /** Aborted when the server stops: answers that wait or stream end soon. */
    readonly stopping?: AbortSignal;
  };
  Variables: { requestId: string; actor: Actor; access: CallerAccess };
}

/** The context of a request. */
export type AppContext = Context<AppEnv>;

/** A router whose requests are checked by their schemas: a bad id is `not_found`, the rest `invalid_request`. */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      // The validator hands over what was sent, which its types only name for a success.
      const sent: unknown = "data" in result ? result.data : undefined;
      throw validationError(result.target, result.error, sent);
    },
  });
}

/** Aborted when the client goes away or the server stops. */
export function endOfInterest(c: AppContext): AbortSignal {
  // Without a server there are no bindings at all, whatever the type says.
  const stopping = (c.env as AppEnv["Bindings"] | undefined)?.stopping;
  return stopping ? AbortSignal.any([c.req.raw.signal, stopping]) : c.req.raw.signal;
}
