/** Webhooks: who is told of what becomes of jobs, and what was sent. */
import type { Actor, Page } from "./job-service.ts";

/** What is told. `job.started` once a job; `job.resumed` when a person resumes it. */
export const WEBHOOK_TYPES = [
  "job.started",
  "job.paused",
  "job.resumed",
  "job.stopped",
  "job.succeeded",
  "job.failed",
  "job.undone",
] as const;

/** What is told. */
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** Somebody who is told. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly types: readonly WebhookType[];
  readonly createdBy: string;
  readonly createdAt: Date;
  /** When the receiver has said by 410 that it takes nothing any more; null: it has not. */
  readonly goneAt: Date | null;
}

/** Where a message is: to be sent, taken by the receiver, or given up. */
export const DELIVERY_STATES = ["waiting", "delivered", "failed"] as const;

/** A message to a webhook. */
export interface Delivery {
  /** The same in every attempt: by it a receiver knows a repeated message. */
  readonly id: string;
  readonly webhookId: string;
  readonly jobId: string;
  readonly type: WebhookType;
  readonly happenedAt: Date;
  readonly state: (typeof DELIVERY_STATES)[number];
  readonly attempts: number;
  /** When it is sent next; null when it is not. */
  readonly nextAttemptAt: Date | null;
  readonly attemptedAt: Date | null;
  /** The status that the receiver answered the last attempt with; null without an answer. */
  readonly status: number | null;
  /** Why the last attempt had no answer that counts; null when it had one, or was not made. */
  readonly error: string | null;
}

/** A message that this process has taken to send now. */
export interface DueDelivery extends Delivery {
  readonly url: string;
  readonly secret: string;
}

/** What became of an attempt. `gone`: the receiver takes nothing any more. */
export type SendOutcome =
  | { readonly kind: "taken"; readonly status: number }
  | { readonly kind: "refused" | "gone"; readonly status: number | null; readonly error: string };

/** Webhooks and their messages. All methods may throw `database_unavailable`. */
export interface WebhookStore {
  create(
    webhook: Pick<Webhook, "url" | "types">,
    actor: Actor,
  ): Promise<{ readonly webhook: Webhook; readonly secret: string }>;
  /** Newest first. */
  list(page: { readonly limit: number; readonly cursor?: string }): Promise<Page<Webhook>>;
  /** Removes it with its messages. Whether it was there. */
  remove(webhookId: string): Promise<boolean>;
  /** Its messages, newest first; null when there is no such webhook. `cursor` is `next` of the page before. */
  listDeliveries(
    webhookId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Delivery> | null>;
  /** Sends a message again from the first attempt on, under its id; null when there is none. */
  replay(webhookId: string, deliveryId: string): Promise<Delivery | null>;
  /**
   * Takes messages that are due, at most `perWebhook` of each webhook that is not among `busy`, and counts an attempt. Nobody
   * else takes them for `leaseMs`; when this process dies they are due again then.
   */
  takeDue(take: {
    readonly busy: readonly string[];
    readonly perWebhook: number;
    readonly leaseMs: number;
  }): Promise<readonly DueDelivery[]>;
  /** Notes what became of an attempt: after `retryMs` it is made again, with null it is given up. */
  note(delivery: Delivery, outcome: SendOutcome, retryMs: number | null): Promise<void>;
  /** Forgets messages that are over for `days`, and those of webhooks that are gone. */
  clean(days: number): Promise<void>;
}

/** Sends one message. Never throws. */
export type SendWebhook = (delivery: DueDelivery, signal: AbortSignal) => Promise<SendOutcome>;

/** Whether a webhook may have this address: why not, as a sentence, or null. */
export type JudgeUrl = (url: string) => string | null;
