/** The webhooks of a service: their outbox, who sends it, and where to. */
import type { EngineParts } from "./build-engine.ts";
import type { JudgeUrl, WebhookStore } from "./core/webhooks.ts";
import { startLoop } from "./engine/loop.ts";
import type { TroubleLog } from "./engine/trouble-log.ts";
import { startWebhookSending } from "./engine/webhook-sending.ts";
import { createWebhookStore } from "./store/webhook-store.ts";
import { createWebhookSender } from "./webhooks/send-webhook.ts";

const CLEANUP_EVERY_MS = 60 * 60_000;
/** For how long messages are kept that are over. */
const KEPT_DAYS = 30;

/** Starts sending, and returns what the API manages webhooks with. */
export function startWebhooks(
  { config, settings, pool, stack }: EngineParts,
  troubles: TroubleLog,
): { readonly webhooks: WebhookStore; readonly judgeUrl: JudgeUrl } {
  const webhooks = createWebhookStore(pool);
  const allowed = config.webhookHosts.toLowerCase().split(",");
  const sender = createWebhookSender(new Set(allowed.filter((host) => host !== "")));
  const sending = startWebhookSending({ store: webhooks, send: sender.send, settings, troubles });
  stack.add(() => sending.stop());
  const clean = () => webhooks.clean(KEPT_DAYS);
  const cleaning = startLoop("webhook cleanup", CLEANUP_EVERY_MS, clean, troubles);
  stack.add(() => cleaning.stop());
  return { webhooks, judgeUrl: sender.judge };
}
