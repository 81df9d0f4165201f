/** JSON bodies: small, and said to be JSON. */
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { SluiceError } from "../core/errors.ts";
import type { AppContext, AppEnv } from "./app-context.ts";

const MAX_JSON_BYTES = 1024 * 1024;
const JSON_TYPE = /^application\/json(\s*;|\s*$)/i;

/**
 * Refuses a body that is not declared as JSON, which would otherwise be ignored (`malformed_request`), and one of more
 * than 1 MiB (`body_too_large`).
 */
export const requireJson: MiddlewareHandler<AppEnv> = async (c, next) => {
  const type = c.req.header("content-type") ?? "none";
  if (hasBody(c) && !JSON_TYPE.test(type))
    throw new SluiceError(
      "malformed_request",
      `Expected Content-Type application/json, got ${JSON.stringify(type.slice(0, 100))}.`,
    );
  return limitJson(c, next);
};

const limitJson = bodyLimit({
  maxSize: MAX_JSON_BYTES,
  onError: () => {
    throw new SluiceError("body_too_large", "Expected a JSON body of at most 1 MiB.");
  },
});

function hasBody(c: AppContext): boolean {
  if (c.req.method === "GET" || c.req.method === "HEAD") return false;
  if (c.req.header("transfer-encoding") !== undefined) return true;
  const length = c.req.header("content-length");
  if (length !== undefined) return Number(length) > 0;
  // On a connection a body is announced by one of the two. Without a server it is there, but no header says so.
  const bindings = c.env as AppEnv["Bindings"] | undefined;
  return bindings?.incoming === undefined && c.req.raw.body !== null;
}
