/**
 * Following jobs by server-sent events. The connection is opened again whenever it breaks, with the id of the last
 * message, so that no change of state is missed; progress messages hold the latest figures and may be skipped. After
 * each new connection the service sends the whole job first. Pauses between attempts grow to `MAX_RETRY_MS`.
 */
import type { ProgressMessage, TimelineEventView } from "../api/schemas/history.ts";
import type { JobView } from "../api/schemas/job.ts";
import { SluiceApiError, unreachable } from "./api-error.ts";
import { createEventParser, type ServerEvent } from "./server-events.ts";
import { send, type Connection } from "./transport.ts";

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;

/** A message about a job. */
export type JobMessage =
  | { readonly type: "job" | "job.updated"; readonly job: JobView }
  | { readonly type: "job.progress"; readonly progress: ProgressMessage }
  | { readonly type: "timeline"; readonly event: TimelineEventView };

/** How jobs are followed. */
export interface FollowOptions {
  /** Id of one job; absent: every active job. */
  readonly job?: string;
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** Told each time the connection is lost, with the pause before the next attempt, and when it is back. */
  readonly onConnection?: (
    connection:
      | { readonly isConnected: true }
      | { readonly isConnected: false; readonly error: unknown; readonly retryMs: number },
  ) => void;
}

/**
 * Yields messages until the signal is aborted, then ends. Errors: those of the first connection, and later answers that
 * are errors of the request (`not_found`, `unauthenticated`); a service that cannot be reached is waited for.
 */
export async function* followJobs(
  connection: Connection,
  options: FollowOptions,
): AsyncGenerator<JobMessage, void, undefined> {
  let lastId = "";
  let retryMs = FIRST_RETRY_MS;
  let isFirst = true;
  while (!options.signal.aborted) {
    try {
      for await (const event of openStream(connection, options, lastId)) {
        if (event === "open") {
          options.onConnection?.({ isConnected: true });
          isFirst = false;
          continue;
        }
        retryMs = FIRST_RETRY_MS;
        lastId = event.id;
        const message = messageOf(event);
        if (message !== null) yield message;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      if (isFirst || !isTemporary(error)) throw error;
      options.onConnection?.({ isConnected: false, error, retryMs });
    }
    await pause(retryMs, options.signal);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  }
}

/** The messages of one connection; throws when it ends, because the service never ends it while it runs. */
async function* openStream(
  connection: Connection,
  options: FollowOptions,
  lastId: string,
): AsyncGenerator<ServerEvent | "open", void, undefined> {
  const response = await send(connection, {
    path: "/v1/events",
    query: { job: options.job },
    headers: {
      accept: "text/event-stream",
      ...(lastId === "" ? {} : { "last-event-id": lastId }),
    },
    signal: options.signal,
  });
  yield "open";
  const parser = createEventParser(lastId);
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const piece = await reader?.read();
      if (piece?.value === undefined) break;
      yield* parser.push(piece.value);
    }
  } catch (error) {
    throw unreachable(connection.url, error);
  } finally {
    // Left early: the connection is closed, and nobody waits for what it would still have said.
    await reader?.cancel().catch(() => undefined);
  }
  throw unreachable(connection.url, new Error("The stream of events ended."));
}

function messageOf(event: ServerEvent): JobMessage | null {
  // The service writes each type's data from the schema of that type.
  const data: unknown = JSON.parse(event.data);
  if (event.type === "job" || event.type === "job.updated")
    return { type: event.type, job: data as JobView };
  if (event.type === "job.progress") return { type: event.type, progress: data as ProgressMessage };
  if (event.type.startsWith("job.")) return { type: "timeline", event: data as TimelineEventView };
  return null; // a type of a newer service
}

function isTemporary(error: unknown): boolean {
  return error instanceof SluiceApiError && (error.status === 0 || error.status >= 500);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", settle);
      resolve();
    };
    const timer = setTimeout(settle, ms);
    signal.addEventListener("abort", settle, { once: true });
    if (signal.aborted) settle();
  });
}
