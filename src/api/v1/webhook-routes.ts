/**
 * `/v1/webhooks`: who is told what becomes of jobs, by Standard Webhooks. Who may manage them makes the service send
 * requests, so they need the scope `admin`, and are not managed while the service is open to everybody.
 */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { SluiceError } from "../../core/errors.ts";
import type { Delivery, Webhook } from "../../core/webhooks.ts";
import { createRouter, type AppContext, type AppEnv, type RouteTools } from "../app-context.ts";
import { present } from "../present.ts";
import { invalidRequest, notFound } from "../problem-details.ts";
import { json, jsonBody, problems } from "../responses.ts";
import { pageQuerySchema } from "../schemas/list.ts";
import { deliveryIdSchema, webhookIdSchema } from "../schemas/text.ts";
import {
  createWebhookBodySchema,
  deliveryListSchema,
  deliverySchema,
  newWebhookSchema,
  webhookListSchema,
  type DeliveryView,
  type WebhookView,
} from "../schemas/webhook.ts";

const TAGS = ["Webhooks"];
const webhookParams = z.strictObject({ webhookId: webhookIdSchema });

const listWebhooksRoute = createRoute({
  method: "get",
  path: "/v1/webhooks",
  tags: TAGS,
  summary: "List the webhooks, newest first",
  request: { query: pageQuerySchema(webhookIdSchema) },
  responses: {
    200: json("A page of webhooks, without their secrets.", webhookListSchema),
    ...problems("invalid_request"),
  },
});

const createWebhookRoute = createRoute({
  method: "post",
  path: "/v1/webhooks",
  tags: TAGS,
  summary: "Tell an address what becomes of jobs",
  description:
    "Messages follow Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature` in the headers, and `type`, `timestamp` and `data.job` in the body. Any answer of 2xx takes a message; otherwise it is sent again, under the same id, for about three days.",
  request: { body: jsonBody(createWebhookBodySchema) },
  responses: {
    201: json("The webhook, with its secret.", newWebhookSchema),
    ...problems("invalid_request", "malformed_request", "body_too_large"),
  },
});

const deleteWebhookRoute = createRoute({
  method: "delete",
  path: "/v1/webhooks/{webhookId}",
  tags: TAGS,
  summary: "Remove a webhook with its messages",
  request: { params: webhookParams },
  responses: { 204: { description: "It is gone." }, ...problems("not_found") },
});

const listDeliveriesRoute = createRoute({
  method: "get",
  path: "/v1/webhooks/{webhookId}/deliveries",
  tags: TAGS,
  summary: "List the messages of a webhook, newest first",
  request: {
    params: webhookParams,
    query: pageQuerySchema(z.string().regex(/^\d{1,18}$/)),
  },
  responses: {
    200: json("A page of messages, of the last 30 days.", deliveryListSchema),
    ...problems("invalid_request", "not_found"),
  },
});

const replayRoute = createRoute({
  method: "post",
  path: "/v1/webhooks/{webhookId}/deliveries/{deliveryId}/replay",
  tags: TAGS,
  summary: "Send a message again",
  description: "Under the same id, with as many attempts as a new one.",
  request: {
    params: z.strictObject({ webhookId: webhookIdSchema, deliveryId: deliveryIdSchema }),
  },
  responses: { 200: json("The message, which waits.", deliverySchema), ...problems("not_found") },
});

/** The routes of webhooks. */
export function webhookRoutes({ webhooks, judgeUrl }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(listWebhooksRoute, async (c) => {
    refuseWhenOpen(c);
    const { items, next } = await webhooks.list(present(c.req.valid("query")));
    return c.json({ items: items.map(webhookView), next }, 200);
  });

  router.openapi(createWebhookRoute, async (c) => {
    refuseWhenOpen(c);
    const { url, types } = c.req.valid("json");
    const refusal = judgeUrl(url);
    if (refusal !== null)
      throw invalidRequest([{ pointer: "/url", code: "invalid_value", detail: refusal }]);
    const made = await webhooks.create({ url, types: [...new Set(types)] }, c.get("actor"));
    return c.json({ ...webhookView(made.webhook), secret: made.secret }, 201);
  });

  router.openapi(deleteWebhookRoute, async (c) => {
    refuseWhenOpen(c);
    const { webhookId } = c.req.valid("param");
    if (!(await webhooks.remove(webhookId))) throw noWebhook(webhookId);
    return c.body(null, 204);
  });

  router.openapi(listDeliveriesRoute, async (c) => {
    refuseWhenOpen(c);
    const { webhookId } = c.req.valid("param");
    const page = await webhooks.listDeliveries(webhookId, present(c.req.valid("query")));
    if (page === null) throw noWebhook(webhookId);
    return c.json({ items: page.items.map(deliveryView), next: page.next }, 200);
  });

  router.openapi(replayRoute, async (c) => {
    refuseWhenOpen(c);
    const { webhookId, deliveryId } = c.req.valid("param");
    const delivery = await webhooks.replay(webhookId, deliveryId);
    if (delivery === null) throw notFound(`There is no message ${deliveryId} of ${webhookId}.`);
    return c.json(deliveryView(delivery), 200);
  });

  return router;
}

function refuseWhenOpen(c: AppContext): void {
  if (c.get("access").mayAdminister) return;
  throw new SluiceError(
    "forbidden",
    "Webhooks are not managed while SLUICE_AUTH=none lets everybody in.",
  );
}

function noWebhook(id: string): SluiceError {
  return notFound(`There is no webhook ${id}.`);
}

function webhookView({ id, url, types, createdBy, createdAt, goneAt }: Webhook): WebhookView {
  return {
    id,
    url,
    types: [...types],
    createdBy,
    createdAt: createdAt.toISOString(),
    goneAt: goneAt?.toISOString() ?? null,
  };
}

function deliveryView(delivery: Delivery): DeliveryView {
  const {
    id,
    jobId,
    type,
    happenedAt,
    state,
    attempts,
    nextAttemptAt,
    attemptedAt,
    status,
    error,
  } = delivery;
  return {
    id,
    job: jobId,
    type,
    happenedAt: happenedAt.toISOString(),
    state,
    attempts,
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    attemptedAt: attemptedAt?.toISOString() ?? null,
    status,
    error,
  };
}
