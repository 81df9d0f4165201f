/** One request to the service: address, token, JSON both ways, and errors that say what happened. */
import { errorOfResponse, unreachable } from "./api-error.ts";
import { keyHeader } from "./paths.ts";

/** Where the service is and how to sign in. */
export interface Connection {
  /** Address of the service, without a final slash. */
  readonly url: string;
  readonly token: string | null;
  /** What sends requests. The platform's `fetch` unless another is given. */
  readonly fetch: typeof globalThis.fetch;
}

/** One request. */
export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path from the root, encoded. */
  readonly path: string;
  /** Query; what is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request and returns the answer, whose body is not read yet. Errors: `SluiceApiError` with the problem's code;
 * `service_unreachable` when no answer comes. An abort throws the signal's reason.
 */
export async function send(connection: Connection, request: ApiRequest): Promise<Response> {
  const url = addressOf(connection, request);
  const headers = new Headers(request.headers);
  if (connection.token !== null) headers.set("authorization", `Bearer ${connection.token}`);
  const init: RequestInit & { duplex?: "half" } = { method: request.method ?? "GET", headers };
  if (request.signal !== undefined) init.signal = request.signal;
  if (request.json !== undefined) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(request.json);
  }
  if (request.body !== undefined) {
    init.body = request.body;
    init.duplex = "half"; // fetch demands it for streamed bodies
    // For a redirect the body would be sent again, so Node's fetch keeps all of it. The service never redirects.
    init.redirect = "error";
  }
  const response = await answerOf(connection.fetch(url, init), url, request.signal);
  if (!response.ok && response.status !== 304) throw await errorOfResponse(response);
  return response;
}

/**
 * Sends a request and returns the JSON of the answer. `Body` is what the route promises: the service checks its answers
 * against the same schema that the type is inferred from.
 */
export async function sendForJson<Body>(
  connection: Connection,
  request: ApiRequest,
): Promise<Body> {
  const response = await send(connection, request);
  const body = await answerOf(response.json(), response.url, request.signal);
  return body as Body; // the route's schema, see above
}

/** Gets the JSON of a path. See `sendForJson`. */
export function getJson<Body>(
  connection: Connection,
  path: string,
  query: NonNullable<ApiRequest["query"]> = {},
): Promise<Body> {
  return sendForJson(connection, { path, query });
}

/** Posts JSON to a path and returns the JSON of the answer; under an `idempotencyKey` it may be repeated. See `sendForJson`. */
export function postJson<Body>(
  connection: Connection,
  path: string,
  json: unknown,
  idempotencyKey?: string,
): Promise<Body> {
  const headers = keyHeader(idempotencyKey);
  return sendForJson(connection, { method: "POST", path, json, headers });
}

function addressOf(connection: Connection, request: ApiRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) query.set(name, String(value));
  const search = query.size === 0 ? "" : `?${query.toString()}`;
  return `${connection.url}${request.path}${search}`;
}

async function answerOf<T>(
  answer: Promise<T>,
  url: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw unreachable(url, error);
  }
}
