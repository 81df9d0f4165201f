/**
 * Sends what waits in the outbox of webhooks. A message is taken by a row, with a lease and a counted attempt, before it is
 * sent: of several services one sends it, and one that dies on the way leaves it to be sent again, under the same id. So a
 * receiver gets each message at least once. No job waits for any of this.
 */
import type { EngineSettings } from "../core/engine-settings.ts";
import type { DueDelivery, SendWebhook, WebhookStore } from "../core/webhooks.ts";
import { startLoop } from "./loop.ts";
import type { TroubleLog } from "./trouble-log.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long after an attempt the next one is made; after the last one a message is given up, about three days on. */
export const RETRY_AFTER_MS: readonly number[] = [
  5 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** Longer than any attempt. */
const LEASE_MS = 30 * SECOND_MS;
/** Messages to one webhook at once: one that does not answer holds up no other. */
const PER_WEBHOOK = 3;

/** What messages are sent with. */
export interface SendingTools {
  readonly store: WebhookStore;
  readonly send: SendWebhook;
  readonly settings: Pick<EngineSettings, "sweepMs">;
  readonly troubles: TroubleLog;
  /** Told when a message was taken: the next ones to its receiver need not wait for the sweep. */
  readonly onTaken?: () => void;
}

/** The sending of one process. */
export interface WebhookSending {
  /** One step: takes what is due, and begins to send it. */
  step(): Promise<void>;
  /** Waits until nothing is on its way. */
  settled(): Promise<void>;
  /** Breaks off what is on its way, which is sent again later, and ends. May be called twice. */
  stop(): Promise<void>;
}

/** Makes the sending, which does nothing by itself. */
export function createWebhookSending(tools: SendingTools): WebhookSending {
  const { store, send, troubles, onTaken } = tools;
  const onTheWay = new Map<DueDelivery, Promise<void>>();
  const stopping = new AbortController();

  /** Whether it was taken. */
  const attempt = async (delivery: DueDelivery): Promise<boolean> => {
    const outcome = await send(delivery, stopping.signal);
    // Nobody knows whether it was taken: it is sent again when its lease is over.
    if (stopping.signal.aborted && outcome.kind !== "taken") return false;
    const retryMs =
      outcome.kind === "refused" ? (RETRY_AFTER_MS[delivery.attempts - 1] ?? null) : null;
    await store.note(delivery, outcome, retryMs);
    return outcome.kind === "taken";
  };
  const carry = async (delivery: DueDelivery): Promise<void> => {
    const isTaken = await attempt(delivery).catch((error: unknown) => {
      troubles.failed("webhooks", error);
      return false;
    });
    onTheWay.delete(delivery);
    if (isTaken) onTaken?.();
  };
  const settled = async (): Promise<void> => {
    while (onTheWay.size > 0) await Promise.all(onTheWay.values());
  };
  return {
    step: async () => {
      const busy = [...new Set([...onTheWay.keys()].map(({ webhookId }) => webhookId))];
      const due = await store.takeDue({ busy, perWebhook: PER_WEBHOOK, leaseMs: LEASE_MS });
      for (const delivery of due) {
        onTheWay.set(delivery, carry(delivery));
      }
    },
    settled,
    stop: async () => {
      stopping.abort();
      await settled();
    },
  };
}

/** Sends from now on, a moment after each sweep. */
export function startWebhookSending(tools: SendingTools): { stop(): Promise<void> } {
  const sending = createWebhookSending({ ...tools, onTaken: () => loop.wake() });
  const loop = startLoop("webhooks", tools.settings.sweepMs, () => sending.step(), tools.troubles);
  return {
    stop: async () => {
      await loop.stop();
      await sending.stop();
    },
  };
}
