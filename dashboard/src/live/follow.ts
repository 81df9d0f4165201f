/**
 * Live changes for every tab of a browser over one connection.
 *
 * One tab, the one that has the Web Lock, reads the stream and passes each message on by a BroadcastChannel. When it is
 * closed the lock goes to another, which goes on at the last message it has heard. Browsers give locks to pages of
 * `https:` and of this machine alone: elsewhere each tab that is seen asks for the active jobs every few seconds,
 * since a stream for each tab would use up the connections that a browser allows.
 */
import { effect, signal } from "@preact/signals";
import { listJobs } from "../api/calls.ts";
import { toApiError } from "../api/request.ts";
import { token } from "../api/session.ts";
import type { Job, ProgressMessage, TimelineEvent } from "../api/types.ts";
import { followEvents, type Connection } from "./event-stream.ts";
import type { ServerEvent } from "./event-parser.ts";

const NAME = "sluice.events";
const POLL_MS = 2000;
const ACTIVE = "queued,running,pausing,paused,stopping,undoing";

/** Whether live changes come to this tab. */
export const connection = signal<Connection>({ state: "connecting" });

/** What a tab does with what it hears. */
export interface LiveEars {
  readonly onJob: (job: Job) => void;
  readonly onProgress: (message: ProgressMessage) => void;
  readonly onTimeline: (event: TimelineEvent) => void;
  /** The connection is back: what was not on the stream may have changed. */
  readonly onReturn: () => void;
  /** Active jobs as a poll found them: what was active and is not among them is over. */
  readonly onActiveJobs: (jobs: readonly Job[]) => void;
}

type Broadcast =
  | { readonly kind: "hello" }
  | { readonly kind: "event"; readonly event: ServerEvent }
  | { readonly kind: "connection"; readonly connection: Connection };

/** Follows the service for as long as the page lives; starts anew with every other token. */
export function followService(ears: LiveEars): void {
  let current: AbortController | null = null;
  effect(() => {
    void token.value;
    current?.abort();
    current = new AbortController();
    const { signal: ended } = current;
    // `locks` is missing on pages of plain http from another machine, whatever its type says.
    const work = "locks" in navigator ? followShared(ears, ended) : poll(ears, ended);
    // Only an abort ends it, when the next one has begun.
    work.catch(() => undefined);
  });
}

async function followShared(ears: LiveEars, ended: AbortSignal): Promise<void> {
  const channel = new BroadcastChannel(NAME);
  let lastId = "";
  const hear = (event: ServerEvent): void => {
    lastId = event.id;
    tell(event, ears);
  };
  const note = (now: Connection): void => {
    const wasLost = connection.value.state === "lost";
    connection.value = now;
    if (wasLost && now.state === "live") ears.onReturn();
  };
  let isLeader = false;
  const post = (message: Broadcast): void => channel.postMessage(message);
  channel.addEventListener("message", ({ data }: MessageEvent<Broadcast>) => {
    if (data.kind === "hello") {
      if (isLeader) post({ kind: "connection", connection: connection.value });
    } else if (data.kind === "event") hear(data.event);
    else note(data.connection);
  });
  ended.addEventListener("abort", () => channel.close());
  post({ kind: "hello" });
  await navigator.locks.request(NAME, { signal: ended }, async () => {
    isLeader = true;
    await followEvents(
      lastId,
      {
        onConnection: (now) => {
          note(now);
          post({ kind: "connection", connection: now });
        },
        onEvent: (event) => {
          hear(event);
          post({ kind: "event", event });
        },
      },
      ended,
    );
  });
}

function tell(event: ServerEvent, ears: LiveEars): void {
  // The service writes each type's data from the schema of that type.
  const data: unknown = JSON.parse(event.data);
  if (event.type === "job" || event.type === "job.updated") {
    ears.onJob(data as Job);
  } else if (event.type === "job.progress") ears.onProgress(data as ProgressMessage);
  else if (event.type.startsWith("job.")) ears.onTimeline(data as TimelineEvent);
}

async function poll(ears: LiveEars, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    if (!document.hidden) {
      try {
        const { items } = await listJobs({ state: ACTIVE, limit: 200 }, ended);
        const wasLost = connection.value.state === "lost";
        connection.value = { state: "live" };
        ears.onActiveJobs(items);
        if (wasLost) ears.onReturn();
      } catch (error) {
        if (ended.aborted || toApiError(error).status === 401) return;
        connection.value = { state: "lost", retryAt: Date.now() + POLL_MS };
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
