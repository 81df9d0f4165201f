/** Webhooks and their messages as JSON. */
import { z } from "@hono/zod-openapi";
import { DELIVERY_STATES, WEBHOOK_TYPES } from "../../core/webhooks.ts";
import { listSchema } from "./list.ts";
import { deliveryIdSchema, jobIdSchema, timeSchema, webhookIdSchema } from "./text.ts";

const LONGEST_URL = 2000;
const typeSchema = z.enum(WEBHOOK_TYPES);

/** Somebody who is told what becomes of jobs. */
export const webhookSchema = z
  .strictObject({
    id: webhookIdSchema,
    url: z.string(),
    types: z.array(typeSchema),
    createdBy: z.string(),
    createdAt: timeSchema,
    goneAt: timeSchema.nullable().openapi({
      description:
        "When the receiver answered 410; nothing is sent from then on. Null: it has not.",
    }),
  })
  .openapi("Webhook", {
    example: {
      id: "webhook_01m84qvm34fc7rq4ee6xdwhyxw",
      url: "https://example.com/hooks/sluice",
      types: ["job.succeeded", "job.failed"],
      createdBy: "first",
      createdAt: "2026-11-23T17:39:30.004Z",
      goneAt: null,
    },
  });
export type WebhookView = z.infer<typeof webhookSchema>;

/** A webhook with its secret: the answer to its making, and nowhere else. */
export const newWebhookSchema = webhookSchema
  .extend({
    secret: z.string().openapi({ description: "Verifies what is sent. It is shown this once." }),
  })
  .openapi("NewWebhook", {
    example: {
      id: "webhook_01m84qvm34fc7rq4ee6xdwhyxw",
      url: "https://example.com/hooks/sluice",
      types: ["job.succeeded", "job.failed"],
      createdBy: "first",
      createdAt: "2026-11-23T17:39:30.004Z",
      goneAt: null,
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    },
  });
export type NewWebhookView = z.infer<typeof newWebhookSchema>;

/** One page of webhooks, newest first. */
export const webhookListSchema = listSchema(webhookSchema).openapi("WebhookList");
export type WebhookList = z.infer<typeof webhookListSchema>;

/** What a webhook is made of. */
export const createWebhookBodySchema = z
  .strictObject({
    url: z.string().max(LONGEST_URL).openapi({
      description:
        "https:// or http://. Private addresses only of the hosts in SLUICE_WEBHOOK_HOSTS.",
    }),
    types: z
      .array(typeSchema)
      .min(1)
      .default([...WEBHOOK_TYPES])
      .openapi({ description: "What is told; everything when absent." }),
  })
  .openapi("CreateWebhookRequest", {
    example: { url: "https://example.com/hooks/sluice", types: ["job.succeeded", "job.failed"] },
  });
export type CreateWebhookBody = z.input<typeof createWebhookBodySchema>;

/** A message, and what became of it. */
export const deliverySchema = z
  .strictObject({
    id: deliveryIdSchema,
    job: jobIdSchema,
    type: typeSchema,
    happenedAt: timeSchema,
    state: z.enum(DELIVERY_STATES),
    attempts: z.int().min(0),
    nextAttemptAt: timeSchema.nullable(),
    attemptedAt: timeSchema.nullable(),
    status: z.int().nullable().openapi({ description: "What the last attempt was answered with." }),
    error: z.string().nullable(),
  })
  .openapi("Delivery", {
    example: {
      id: "delivery_5f0c9f1c2b7d4f0f8f7b0b3d0a1c2e4f",
      job: "job_01m84qvwcgffer2s6r76fqcz25",
      type: "job.succeeded",
      happenedAt: "2026-11-23T17:40:26.903Z",
      state: "waiting",
      attempts: 1,
      nextAttemptAt: "2026-11-23T17:40:33.211Z",
      attemptedAt: "2026-11-23T17:40:28.004Z",
      status: 503,
      error: "The receiver answered 503.",
    },
  });
export type DeliveryView = z.infer<typeof deliverySchema>;

/** One page of messages, newest first. */
export const deliveryListSchema = listSchema(deliverySchema).openapi("DeliveryList");
export type DeliveryList = z.infer<typeof deliveryListSchema>;
