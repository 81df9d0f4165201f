/**
 * The stream of `GET /v1/events`, opened again whenever it breaks. The service sends a comment every 15 s at least, so a
 * stream that is silent for longer is dead, whatever the network says.
 */
import { toApiError, send } from "../api/request.ts";
import { createEventParser, type ServerEvent } from "./event-parser.ts";

const SILENCE_MS = 35_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 10_000;

/** Whether live changes come. `lost` says when the next attempt is, in milliseconds of `Date.now()`. */
export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "lost"; readonly retryAt: number };

/** What a stream is followed by. */
export interface StreamEars {
  readonly onConnection: (connection: Connection) => void;
  readonly onEvent: (event: ServerEvent) => void;
}

/** Follows the stream until the signal is aborted. `lastId` brings what was missed since. */
export async function followEvents(
  lastId: string,
  ears: StreamEars,
  signal: AbortSignal,
): Promise<void> {
  let seen = lastId;
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    try {
      await readStream(seen, signal, (event) => {
        if (event === "open") ears.onConnection({ state: "live" });
        else {
          seen = event.id;
          ears.onEvent(event);
        }
        retryMs = FIRST_RETRY_MS;
      });
    } catch (error) {
      // Without a token nothing is lost: the page asks for one, and signing in starts again.
      if (toApiError(error).status === 401) return;
    }
    if (signal.aborted) return;
    ears.onConnection({ state: "lost", retryAt: Date.now() + retryMs });
    await pause(retryMs, signal);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  }
}

async function readStream(
  lastId: string,
  signal: AbortSignal,
  onEvent: (event: ServerEvent | "open") => void,
): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await send("/v1/events", {
      headers: {
        accept: "text/event-stream",
        ...(lastId === "" ? {} : { "last-event-id": lastId }),
      },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    onEvent("open");
    const parse = createEventParser(lastId);
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    for (;;) {
      const piece = await reader?.read();
      if (piece?.value === undefined) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      for (const event of parse(decoder.decode(piece.value, { stream: true }))) onEvent(event);
    }
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
