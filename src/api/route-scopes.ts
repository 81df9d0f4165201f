/**
 * The least scope that each route needs: the one table. A request is judged by the route that will answer it, not by its
 * path, and a route that is not in the table is answered to nobody; `createApp` refuses to be made with one.
 */
import type { Scope } from "../core/access-tokens.ts";

/** Method and path of each route that is not open to all, by the names of its description. */
export const ROUTE_SCOPES: Readonly<Record<string, Scope>> = {
  "GET /status": "read",
  "POST /create": "operate",
  "GET /pause": "operate",
  "POST /pause": "operate",
  "GET /resume": "operate",
  "POST /resume": "operate",
  "GET /stop": "operate",
  "POST /stop": "operate",
  "PUT /v1/files/{name}": "operate",
  "POST /v1/files": "operate",
  "GET /v1/files": "read",
  "GET /v1/files/{fileId}": "read",
  "DELETE /v1/files/{fileId}": "operate",
  "POST /v1/files/{fileId}/inspect": "operate",
  "OPTIONS /v1/uploads": "operate",
  "POST /v1/uploads": "operate",
  "HEAD /v1/uploads/{uploadId}": "read",
  "PATCH /v1/uploads/{uploadId}": "operate",
  "DELETE /v1/uploads/{uploadId}": "operate",
  "POST /v1/jobs": "operate",
  "GET /v1/jobs": "read",
  "GET /v1/jobs/{jobId}": "read",
  "PATCH /v1/jobs/{jobId}": "operate",
  "DELETE /v1/jobs/{jobId}": "operate",
  "POST /v1/jobs/{jobId}/pause": "operate",
  "POST /v1/jobs/{jobId}/resume": "operate",
  "POST /v1/jobs/{jobId}/stop": "operate",
  "POST /v1/jobs/{jobId}/undo": "operate",
  "POST /v1/jobs/{jobId}/rerun": "operate",
  "POST /v1/jobs/{jobId}/retry": "operate",
  "PUT /v1/jobs/{jobId}/records/{recordNumber}": "operate",
  "DELETE /v1/jobs/{jobId}/records/{recordNumber}": "operate",
  "PUT /v1/jobs/{jobId}/records": "operate",
  "GET /v1/jobs/{jobId}/corrections": "read",
  "DELETE /v1/jobs/{jobId}/corrections": "operate",
  "POST /v1/jobs/{jobId}/kill-worker": "operate",
  "GET /v1/jobs/{jobId}/worker-losses": "read",
  "GET /v1/jobs/{jobId}/activity": "read",
  "GET /v1/jobs/{jobId}/records": "read",
  "GET /v1/jobs/{jobId}/timeline": "read",
  "GET /v1/jobs/{jobId}/receipt": "read",
  "GET /v1/jobs/{jobId}/result": "read",
  "GET /v1/jobs/{jobId}/log": "read",
  "PUT /v1/import/{table}": "operate",
  "GET /v1/tables": "read",
  "GET /v1/tables/{table}": "read",
  "GET /v1/processes": "read",
  "GET /v1/processes/{name}": "read",
  "GET /v1/events": "read",
  "GET /v1/tokens": "admin",
  "POST /v1/tokens": "admin",
  "DELETE /v1/tokens/{tokenId}": "admin",
  "GET /v1/webhooks": "admin",
  "POST /v1/webhooks": "admin",
  "DELETE /v1/webhooks/{webhookId}": "admin",
  "GET /v1/webhooks/{webhookId}/deliveries": "admin",
  "POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/replay": "admin",
  "GET /metrics": "read",
};

/** A route as the router knows it. */
export interface KnownRoute {
  readonly method: string;
  /** With `:name`, or `:name{pattern}`, for a part that varies. */
  readonly path: string;
}

/** A part of a path that varies. */
const VARYING = /:(\w+)(?:\{[^}]*\})?/g;

/** What the router calls a handler for any method: middleware, and refusals of other methods. It does nothing by itself. */
const ANY_METHOD = "ALL";

/** The routes among `routes` that are neither in the table nor open by `isOpen`. */
export function findUndecided(
  routes: readonly KnownRoute[],
  isOpen: (path: string) => boolean,
): readonly string[] {
  return routes
    .filter(({ method, path }) => method !== ANY_METHOD && !isOpen(path.replaceAll(VARYING, "$1")))
    .map(nameOf)
    .filter((name) => scopeOf(name) === null);
}

/**
 * The scope that a request needs which the router has found these routes for: the highest, `read` where there is none, since
 * it is answered that nothing is there. Null when a route is not in the table.
 */
export function scopeFor(routes: readonly KnownRoute[]): Scope | null {
  let highest: Scope = "read";
  for (const route of routes.filter(({ method }) => method !== ANY_METHOD)) {
    const scope = scopeOf(nameOf(route));
    if (scope === null) return null;
    if (ORDER.indexOf(scope) > ORDER.indexOf(highest)) highest = scope;
  }
  return highest;
}

const ORDER: readonly Scope[] = ["read", "operate", "admin"];

/** A job's own routes that only show, and the stream of its events: what a token for one job may ask. */
export function jobRouteKind(routes: readonly KnownRoute[]): "job" | "events" | "other" {
  const names = routes.filter(({ method }) => method !== ANY_METHOD).map(nameOf);
  if (names.length === 0) return "other";
  if (names.every((name) => name === "GET /v1/events")) return "events";
  return names.every((name) => /^GET \/v1\/jobs\/\{jobId\}(\/|$)/.test(name)) ? "job" : "other";
}

function scopeOf(name: string): Scope | null {
  const scope = Object.hasOwn(ROUTE_SCOPES, name) ? ROUTE_SCOPES[name] : undefined;
  // The router answers HEAD by what it has for GET.
  return scope ?? ROUTE_SCOPES[name.replace(/^GET /, "HEAD ")] ?? null;
}

function nameOf({ method, path }: KnownRoute): string {
  return `${method} ${path.replaceAll(VARYING, "{$1}")}`;
}
