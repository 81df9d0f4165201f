/** One request to the service: token, JSON both ways, and errors that say what happened. */
import { isTokenWanted, token } from "./session.ts";
import type { Action, Problem } from "./types.ts";

/** What a problem has beside what all have, where the service knows a way out. */
interface Proposals {
  readonly proposal?: string;
  readonly column?: string;
  readonly formats?: readonly string[];
}

/**
 * An answer that is an error, or the lack of one. `code` is the problem's; `service_unreachable` when no answer came,
 * `internal` when it was none of Sluice's. `message` is for people.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly title: string;
  /** What the job can do instead, where an action was refused. */
  readonly actions: readonly Action[];
  /** What is wrong with each field of the request. */
  readonly fields: readonly { readonly pointer: string; readonly detail: string }[];
  /** What the service proposes to say instead: the encoding that a file looks like. */
  readonly proposal: string | undefined;
  /** How the dates of a column may be written, where the service has to be told which. */
  readonly dates: { readonly column: string; readonly formats: readonly string[] } | null;

  constructor(status: number, problem: Partial<Problem> & Proposals, cause?: unknown) {
    super(problem.detail ?? problem.title ?? `The service answered ${status}.`, { cause });
    this.status = status;
    this.code = problem.code ?? (status === 0 ? "service_unreachable" : "internal");
    this.title = problem.title ?? "Something went wrong";
    this.actions = problem.actions ?? [];
    this.fields = problem.errors ?? [];
    const { column, formats, proposal } = problem;
    this.dates = column === undefined || formats === undefined ? null : { column, formats };
    this.proposal = this.dates === null ? proposal : undefined;
  }
}

/** What a request has beside its path. */
export interface RequestOptions {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Headers that name the caller. */
export function callerHeaders(): Record<string, string> {
  return token.value === null ? {} : { authorization: `Bearer ${token.value}` };
}

/** Sends a request; the body of the answer is not read yet. Errors: `ApiError`; an abort throws the signal's reason. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = "GET", json, headers, signal } = options;
  const init: RequestInit = {
    method,
    headers: {
      ...callerHeaders(),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
  };
  if (json !== undefined) init.body = JSON.stringify(json);
  if (signal !== undefined) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw unreachable(error);
  }
  if (!response.ok) throw errorOf(response.status, await response.text());
  return response;
}

/** The JSON of an answer. `Body` is what the route promises: the service checks its answers against that schema. */
export async function sendForJson<Body>(path: string, options?: RequestOptions): Promise<Body> {
  const response = await send(path, options);
  return (await response.json()) as Body; // the route's schema, see above
}

/** The error of an answer that is not a success. Asks the person for a token when it was for lack of one. */
export function errorOf(status: number, body: string): ApiError {
  if (status === 401) isTokenWanted.value = true;
  return new ApiError(status, problemOf(body));
}

/** The error of a request without an answer. */
export function unreachable(cause?: unknown): ApiError {
  const detail = "The service does not answer. Jobs go on running, and nothing is lost.";
  return new ApiError(0, { title: "The service does not answer", detail }, cause);
}

function problemOf(body: string): Partial<Problem> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {}; // an answer of something between, such as a proxy
  }
}

/** What to show of a thrown value. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError(0, { title: "Something went wrong", detail }, thrown);
}
