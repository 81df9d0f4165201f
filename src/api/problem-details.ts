/**
 * The one place where errors become answers: every thrown value is turned into a `SluiceError`, and that into
 * `application/problem+json`. Answers of 500 and above say nothing of the inside; the log has the cause under the
 * request's id.
 */
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { HTTPException } from "hono/http-exception";
import type { z } from "@hono/zod-openapi";
import { ERRORS, type ErrorCode } from "../core/error-table.ts";
import { SluiceError } from "../core/errors.ts";
import { fieldErrorsOf, type RequestPart } from "./field-errors.ts";
import type { FieldError, Problem } from "./schemas/problem.ts";

/** Seconds after which a client may repeat a request that a retryable error ended. */
const RETRY_AFTER_SECONDS = 2;

/**
 * The error of a request that does not fit its schema; `data` is the part as it was sent. An id of another form names
 * nothing: `not_found`.
 */
export function validationError(
  part: RequestPart,
  error: z.core.$ZodError,
  data: unknown,
): SluiceError {
  if (part === "param") return notFound("Nothing has this address. Check the id.");
  return invalidRequest(fieldErrorsOf(part, error, data));
}

/** `invalid_request` with the fields at fault. */
export function invalidRequest(errors: readonly FieldError[]): SluiceError {
  const first = errors[0];
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const message = first ? `${first.pointer || "The body"}: ${first.detail}${more}` : "Not valid.";
  return new SluiceError("invalid_request", message, { details: { errors } });
}

/** `not_found` with a sentence of its own. */
export function notFound(message: string): SluiceError {
  return new SluiceError("not_found", message);
}

/** Gives any thrown value a code. What is unknown becomes `internal`, with the value as cause. */
export function toSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  if (thrown instanceof HTTPException && thrown.status < 500)
    return new SluiceError(
      "malformed_request",
      `Expected a JSON body that can be read: ${thrown.message}.`,
      { cause: thrown },
    );
  return new SluiceError("internal", "An unexpected error ended the request.", { cause: thrown });
}

/** The sentence of an error that a client may see. */
export function publicMessage(error: SluiceError): string {
  const rule = ERRORS[error.code];
  const isSaid = error.status < 500 || "isSaid" in rule;
  return isSaid ? error.message : `${rule.title}. ${rule.advice}`;
}

/** An error as problem details. */
export function problemOf(error: SluiceError, instance: string, requestId: string): Problem {
  const details = error.status >= 500 ? {} : error.details;
  return {
    ...details,
    type: `/docs/errors/${error.code}`,
    title: ERRORS[error.code].title,
    status: error.status,
    detail: publicMessage(error),
    instance,
    code: error.code,
    requestId,
  };
}

/** Headers that belong to an answer with this error. */
export function errorHeaders(error: SluiceError): Record<string, string> {
  const headers: Record<string, string> = {};
  if (error.code === "method_not_allowed") headers["Allow"] = String(error.details["allow"]);
  if (error.status === 401) headers["WWW-Authenticate"] = "Bearer";
  if (error.status === 503 && isRetryable(error.code))
    headers["Retry-After"] = String(RETRY_AFTER_SECONDS);
  return headers;
}

/** The HTTP status of an error, as the type that Hono wants. */
export function statusOf(error: SluiceError): ContentfulStatusCode {
  // The table of errors holds statuses from 400 to 507 only; all of them allow a body.
  return error.status as ContentfulStatusCode;
}

/** `method_not_allowed` for a path, with the methods that it takes. */
export function methodNotAllowed(path: string, methods: readonly string[]): SluiceError {
  const allow = methods.join(", ");
  return new SluiceError("method_not_allowed", `${path} takes ${methods.join(" and ")}.`, {
    details: { allow },
  });
}

function isRetryable(code: ErrorCode): boolean {
  return "isRetryable" in ERRORS[code];
}
