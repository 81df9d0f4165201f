/**
 * Who may call, and what.
 *
 * On a loopback address nobody signs in, so the browser is the danger: any page that a person visits can send requests
 * to this machine. Three checks keep them out: `Host` must name this machine (against a name that somebody rebinds to
 * it), `Origin`, when there is one, must be the service itself, and what a browser marks as sent from another site is
 * refused. With tokens every request names its own, and a browser adds none by itself.
 *
 * Open to all are only answers that are the same for everybody: health, the documentation, and the page and files of
 * the dashboard. A link from elsewhere may lead to that page: it acts on nothing before a person does.
 */
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { SCOPES, type AccessTokens, type TokenHolder } from "../core/access-tokens.ts";
import { SluiceError } from "../core/errors.ts";
import type { Actor } from "../core/job-service.ts";
import type { AppContext, AppEnv } from "./app-context.ts";
import { isDashboardPage, isDashboardPath } from "./dashboard-routes.ts";
import { jobRouteKind, scopeFor } from "./route-scopes.ts";

/**
 * How callers are told apart. `loopback`: programs of this machine, unnamed. `open`: everybody who reaches the port.
 * `token`: `verify` answers null for a token that is unknown, expired or revoked, in the same time as for a good one.
 */
export type AccessPolicy =
  | { readonly kind: "loopback" }
  | { readonly kind: "open" }
  | { readonly kind: "token"; readonly verify: AccessTokens["verify"] };

const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
const BEARER = /^Bearer +([^\s]+)$/i;
const OPEN_PATHS = new Set(["/healthz", "/readyz", "/openapi.json", "/docs"]);

/** What a route may know of the caller beside the name. */
export interface CallerAccess {
  /** The only job that the caller may see; null: all. */
  readonly onlyJob: string | null;
  /** Whether the caller may still see what is sent: a stream goes on after a token has ended. */
  readonly isStillValid: () => Promise<boolean>;
  /** Whether tokens and webhooks may be managed: not by everybody who reaches an open port. */
  readonly mayAdminister: boolean;
}

interface Caller {
  readonly actor: Actor;
  readonly access: CallerAccess;
}

const WHOLE_ACCESS: CallerAccess = {
  onlyJob: null,
  isStillValid: () => Promise.resolve(true),
  mayAdminister: true,
};
const ANYBODY: Caller = {
  actor: { by: "anybody" },
  access: { ...WHOLE_ACCESS, mayAdminister: false },
};

/** Refuses who may not call, and names the caller for the route. Errors: `forbidden`, `unauthenticated`. */
export function guardAccess(policy: AccessPolicy): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const { actor, access } = await callerOf(policy, c);
    c.set("actor", actor);
    c.set("access", access);
    await next();
  };
}

async function callerOf(policy: AccessPolicy, c: AppContext): Promise<Caller> {
  switch (policy.kind) {
    case "loopback":
      refuseOtherSites(c);
      return { actor: { by: "local" }, access: WHOLE_ACCESS };
    case "open":
      return ANYBODY;
    case "token":
      if (isOpenPath(c.req.path)) return ANYBODY;
      return holderOf(policy.verify, c);
    default:
      return policy satisfies never;
  }
}

function refuseOtherSites(c: AppContext): void {
  const host = c.req.header("host") ?? new URL(c.req.url).host;
  if (!OWN_HOST.test(host))
    throw new SluiceError(
      "forbidden",
      "Expected the Host localhost, 127.0.0.1 or [::1]. Call the service by one of these names.",
    );
  const origin = c.req.header("origin");
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    throw new SluiceError(
      "forbidden",
      "Expected a request from the service's own pages, but it came from a page of another origin.",
    );
  if (isFollowedLink(c)) return;
  const site = c.req.header("sec-fetch-site") ?? "none";
  // `same-site` is another port of this machine: another program's page.
  if (site !== "none" && site !== "same-origin")
    throw new SluiceError(
      "forbidden",
      `Expected a request from the service's own pages, but the browser says that it is ${site === "cross-site" ? "cross-site" : "from another origin"}.`,
    );
}

/** Whether a person follows a link to the dashboard, in a window of its own; no page can read what comes. */
function isFollowedLink(c: AppContext): boolean {
  return (
    c.req.method === "GET" &&
    isDashboardPage(c.req.path) &&
    c.req.header("sec-fetch-mode") === "navigate" &&
    c.req.header("sec-fetch-dest") === "document"
  );
}

async function holderOf(verify: AccessTokens["verify"], c: AppContext): Promise<Caller> {
  const token = BEARER.exec(c.req.header("authorization") ?? "")?.[1];
  const holder = token === undefined ? null : await verify(token);
  if (token === undefined || !holder)
    throw new SluiceError(
      "unauthenticated",
      "Expected the header `Authorization: Bearer slu_…` with a token that is valid now.",
    );
  requireScope(holder, c);
  return {
    actor: { by: holder.by },
    access: {
      onlyJob: holder.jobId,
      isStillValid: async () => (await verify(token)) !== null,
      mayAdminister: true,
    },
  };
}

function requireScope({ scope, jobId }: TokenHolder, c: AppContext): void {
  const routes = matchedRoutes(c);
  const needed = scopeFor(routes);
  if (needed === null) throw new Error(`no scope was decided for ${c.req.method} ${c.req.path}`);
  if (SCOPES.indexOf(scope) < SCOPES.indexOf(needed))
    throw new SluiceError(
      "forbidden",
      `This needs a token of scope ${needed}; yours has the scope ${scope}.`,
    );
  if (jobId === null) return;
  const kind = jobRouteKind(routes);
  const asked = kind === "events" ? (c.req.query("job") ?? jobId) : c.req.path.split("/")[3];
  if (kind === "other" || asked !== jobId)
    throw new SluiceError("forbidden", `Your token shows the job ${jobId} and nothing else.`);
}

/** Whether a path is answered to everybody: health, documentation, and the page of the dashboard. */
export function isOpenPath(path: string): boolean {
  return OPEN_PATHS.has(path) || path.startsWith("/docs/") || isDashboardPath(path);
}
