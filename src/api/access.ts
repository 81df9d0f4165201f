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
import { SluiceError } from "../core/errors.ts";
import type { Actor } from "../core/job-service.ts";
import type { AppContext, AppEnv } from "./app-context.ts";
import { isDashboardPage, isDashboardPath } from "./dashboard-routes.ts";

/** What a token allows, each including the ones before it. */
const SCOPES = ["read", "operate", "admin"] as const;
type Scope = (typeof SCOPES)[number];

/** Whom a token belongs to. */
export interface TokenHolder extends Actor {
  readonly scope: Scope;
}

/**
 * How callers are told apart. `loopback`: programs of this machine, unnamed. `open`: everybody who reaches the port.
 * `token`: `verify` answers null for a token that is unknown, expired or revoked, in the same time as for a good one.
 */
export type AccessPolicy =
  | { readonly kind: "loopback" }
  | { readonly kind: "open" }
  | { readonly kind: "token"; readonly verify: (token: string) => Promise<TokenHolder | null> };

const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
const BEARER = /^Bearer +([^\s]+)$/i;
const OPEN_PATHS = new Set(["/healthz", "/readyz", "/openapi.json", "/docs"]);
/** Actions of the flat API, which may be asked by GET. */
const ACTION_PATHS = new Set(["/pause", "/resume", "/stop"]);

/** Refuses who may not call, and names the caller for the route. Errors: `forbidden`, `unauthenticated`. */
export function guardAccess(policy: AccessPolicy): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set("actor", await actorOf(policy, c));
    await next();
  };
}

async function actorOf(policy: AccessPolicy, c: AppContext): Promise<Actor> {
  switch (policy.kind) {
    case "loopback":
      refuseOtherSites(c);
      return { by: "local" };
    case "open":
      return { by: "anybody" };
    case "token":
      if (isOpen(c.req.path)) return { by: "anybody" };
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

async function holderOf(
  verify: (token: string) => Promise<TokenHolder | null>,
  c: AppContext,
): Promise<Actor> {
  const token = BEARER.exec(c.req.header("authorization") ?? "")?.[1];
  const holder = token === undefined ? null : await verify(token);
  if (!holder)
    throw new SluiceError(
      "unauthenticated",
      "Expected the header `Authorization: Bearer slu_…` with a token that is valid now.",
    );
  const needed = scopeFor(c.req.method, c.req.path);
  if (SCOPES.indexOf(holder.scope) < SCOPES.indexOf(needed))
    throw new SluiceError(
      "forbidden",
      `This needs a token of scope ${needed}; yours has the scope ${holder.scope}.`,
    );
  return { by: holder.by };
}

function isOpen(path: string): boolean {
  return OPEN_PATHS.has(path) || path.startsWith("/docs/") || isDashboardPath(path);
}

/** The least scope that a request needs. */
function scopeFor(method: string, path: string): Scope {
  const isReading = method === "GET" || method === "HEAD";
  return isReading && !ACTION_PATHS.has(path) ? "read" : "operate";
}
