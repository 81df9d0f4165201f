/** A service that is killed while it sends: what it was sending is sent again under the same id, and nothing is left out. */
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import { until } from "../support/until.ts";
import { startWebhookReceiver } from "../support/webhook-receiver.ts";

const ALLOWED = { SLUICE_WEBHOOK_HOSTS: "127.0.0.1" };

test("after kill -9 in the middle of a message every message comes, each under one id", async () => {
  await using scene = await FaultScene.open();
  await using receiver = await startWebhookReceiver();
  const held: ServerResponse[] = [];
  receiver.answer = (response) => void held.push(response);
  const first = await scene.start({ environment: ALLOWED });
  const made = await fetch(`${first.url}/v1/webhooks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url: receiver.url }),
  });
  const { id: webhookId } = (await made.json()) as { id: string };
  await startImport(first.client, flightsFile(1).bytes, { table: "flights" });
  await until("a message is on its way", () => held.length > 0);
  await first.end("SIGKILL");
  receiver.answer = (response) => void response.end();
  const cutOff = receiver.messages.map(({ headers }) => headers["webhook-id"]);

  const second = await scene.start({ environment: ALLOWED });
  // As the end of the lease would, half a minute on.
  await scene.pool.query("update sluice.webhook_delivery set next_attempt_at = clock_timestamp()");
  const stored = await until("all are delivered", async () => {
    const answer = await fetch(`${second.url}/v1/webhooks/${webhookId}/deliveries`);
    const { items } = (await answer.json()) as {
      items: { id: string; type: string; state: string }[];
    };
    const isOver = items.some(({ type }) => type === "job.succeeded");
    return isOver && items.every(({ state }) => state === "delivered") ? items : null;
  });

  const figures = await fetch(`${second.url}/metrics`);

  expect(made.status).toBe(201);
  expect(await figures.text()).toContain('sluice_jobs{kind="import",state="succeeded"} 1');
  expect(stored.map(({ type }) => type).toSorted()).toEqual(["job.started", "job.succeeded"]);
  for (const id of cutOff) expect(stored.map((each) => each.id)).toContain(id);
  const after = receiver.messages
    .slice(cutOff.length)
    .map(({ headers }) => String(headers["webhook-id"]));
  expect(after.toSorted()).toEqual(stored.map(({ id }) => id).toSorted());
});
