/** Codes of requests and commands: what was asked cannot be answered. `error-table.ts` puts the tables together. */
import type { ErrorRule } from "./error-rule.ts";

/** Codes of requests and commands. */
export const REQUEST_ERRORS = {
  malformed_request: {
    status: 400,
    title: "The request cannot be read",
    advice: "Check the syntax of the request against /docs.",
  },
  version_conflict: {
    status: 412,
    title: "The job has changed meanwhile",
    advice: "Show the job again, and ask with its new `ETag` if that is still what you want.",
  },
  unauthenticated: {
    status: 401,
    title: "A token is needed",
    advice: "Send `Authorization: Bearer slu_…`, or set SLUICE_TOKEN for the command line.",
  },
  forbidden: {
    status: 403,
    title: "This is not allowed",
    advice: "Call the service by its own address, from its own pages or from a program.",
  },
  not_found: {
    status: 404,
    title: "Not found",
    advice: "Check the id or path.",
  },
  method_not_allowed: {
    status: 405,
    title: "This path takes another method",
    advice: "`Allow` lists the methods that it takes.",
  },
  transition_not_allowed: {
    status: 409,
    title: "The job cannot do this now",
    advice: "`actions` lists what is possible in its present state.",
  },
  file_in_use: {
    status: 409,
    title: "The file is in use",
    advice: "Stop the job that uses it, or wait for its end.",
  },
  idempotency_key_reused: {
    status: 422,
    title: "The Idempotency-Key was used for another request",
    advice: "Use a new key for a new request.",
  },
  body_too_large: {
    status: 413,
    title: "The body is too large",
    advice: "Send the file by itself with PUT /v1/files/{name}, and its id in the request.",
  },
  invalid_request: {
    status: 422,
    title: "The request is not valid",
    advice: "`errors` names each field and what is expected there.",
    isAdvised: true,
  },
  no_result: {
    status: 409,
    title: "There is no result",
    advice: "A job has one when it has succeeded: `GET /v1/jobs/{jobId}?wait=60` waits for that.",
  },
  range_not_satisfiable: {
    status: 416,
    title: "The file has no such part",
    advice: "`Content-Range` says how many bytes it has.",
  },
  usage: {
    status: 400,
    title: "The command cannot be understood",
    advice: "Correct what the message names; `sluice help COMMAND` shows the usage.",
  },
} as const satisfies Record<string, ErrorRule>;
