/**
 * Keeps the private server running for as long as a service uses it.
 *
 * The server is a process of its own, and may end under the service: killed, or shut down by itself because the disk is
 * full. The keeper looks once a second whether the process lives, and starts it again at the same address when it does
 * not, so that everybody's connections come back by themselves. Attempts that fail are repeated, ever more slowly and
 * without end: the cause, such as a full disk, goes away outside of Sluice. A server that ends again soon after a start
 * is started at the same slowing pace. The log has each reason once and the recovery once.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { LineLog } from "../core/line-log.ts";
import type { PrivateServer } from "./private-server.ts";
import { messageOf } from "../core/message-of.ts";

const SECOND_MS = 1000;

/** How the keeper paces itself, in milliseconds. */
interface KeeperPace {
  /** Between two looks at the server. */
  readonly watchMs: number;
  /** Before the second attempt; doubles up to `slowestMs`. */
  readonly firstWaitMs: number;
  readonly slowestMs: number;
  /** A server that ran for this long begins anew with quick attempts. */
  readonly steadyMs: number;
}

const PACE: KeeperPace = {
  watchMs: SECOND_MS,
  firstWaitMs: SECOND_MS,
  slowestMs: 30 * SECOND_MS,
  steadyMs: 60 * SECOND_MS,
};

/** A keeper at work. */
export interface ServerKeeper {
  /** Why the server does not run, as sentences for people; null while it does. */
  outage(): string | null;
  /** Ends the keeping, after the attempt under way. The server stays as it is. May be called twice. */
  stop(): Promise<void>;
}

/** Begins to keep `server`. It must be stopped before the use of the server ends. */
export function keepServer(
  server: Pick<PrivateServer, "isAlive" | "revive">,
  log: LineLog,
  pace: KeeperPace = PACE,
): ServerKeeper {
  const stopping = new AbortController();
  let outage: string | null = null;

  /** Returns false when the keeper stops first. */
  const rest = (ms: number): Promise<boolean> =>
    delay(ms, true, { signal: stopping.signal }).catch(() => false);

  const bringBack = async (firstWaitMs: number): Promise<number> => {
    outage = `${ENDED} ${SAFE}`;
    log(outage, "warn");
    const said = new Set<string>();
    let waitMs = firstWaitMs;
    while (await rest(waitMs)) {
      waitMs = Math.min(Math.max(2 * waitMs, pace.firstWaitMs), pace.slowestMs);
      try {
        await server.revive();
        outage = null;
        log("The private PostgreSQL runs again. Jobs go on.");
        return waitMs;
      } catch (error) {
        const reason = messageOf(error);
        outage = `The private PostgreSQL has ended and cannot be started again: ${reason} ${SAFE}`;
        if (!said.has(reason)) log(`${outage} It is tried again all the time.`, "error");
        said.add(reason);
      }
    }
    return waitMs;
  };

  const ended = (async () => {
    let revivedAt = Number.NEGATIVE_INFINITY;
    let waitMs = 0;
    while (await rest(pace.watchMs)) {
      if (server.isAlive()) continue;
      if (performance.now() - revivedAt > pace.steadyMs) waitMs = 0;
      waitMs = await bringBack(waitMs);
      revivedAt = performance.now();
    }
  })();

  return {
    outage: () => outage,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

const ENDED = "The private PostgreSQL has ended and is started again.";
const SAFE = "What was committed is safe; jobs wait and go on by themselves.";
