/** Webhooks over the real database: what is told, signed and to whom; again after failures; and never to private addresses. */
import { Webhook as Verifier } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { ServerResponse } from "node:http";
import {
  createWebhookSending,
  RETRY_AFTER_MS,
  type WebhookSending,
} from "../../src/engine/webhook-sending.ts";
import { createTroubleLog } from "../../src/engine/trouble-log.ts";
import { createWebhookSender } from "../../src/webhooks/send-webhook.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../support/webhook-receiver.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

let api: ApiFixture;
let receiver: WebhookReceiver;
let sending: WebhookSending;
let table = 0;

beforeAll(async () => {
  api = await openApiFixture();
});
afterAll(() => api?.dispose());
beforeEach(async () => {
  receiver = await startWebhookReceiver();
  sending = sendingTo("127.0.0.1");
});
afterEach(async () => {
  await sending.stop();
  await receiver[Symbol.asyncDispose]();
  await api.database.pool.query("delete from sluice.webhook_delivery");
  await api.database.pool.query("delete from sluice.webhook");
  await api.clear();
});

function sendingTo(...hosts: string[]): WebhookSending {
  const { send } = createWebhookSender(new Set(hosts));
  const troubles = createTroubleLog((line) => {
    throw new Error(line);
  });
  return createWebhookSending({ store: api.webhooks, send, settings: { sweepMs: 1000 }, troubles });
}

/** A webhook to `url`, past the check of addresses. */
function hookTo(
  url: string,
  types = ["job.started", "job.paused", "job.resumed", "job.succeeded"] as const,
) {
  return api.webhooks.create({ url, types }, { by: "test" });
}

async function sendAll(by = sending): Promise<void> {
  await by.step();
  await by.settled();
}

/** Lets everything that waits be due now, as time would. */
async function passTime(): Promise<void> {
  await api.database.pool.query(
    "update sluice.webhook_delivery set next_attempt_at = clock_timestamp() where state = 'waiting'",
  );
}

async function startJob(): Promise<string> {
  const file = await api.store("id\n1\n2\n");
  const { job } = await api.service.createJob(
    { kind: "import", file, table: `hooked_${(table += 1)}` },
    { by: "test" },
  );
  await api.runner.commit(job.id, 1);
  return job.id;
}

async function deliveriesOf(webhookId: string): Promise<readonly Record<string, unknown>[]> {
  const { body } = await api.call(`/v1/webhooks/${webhookId}/deliveries`);
  return body["items"] as Record<string, unknown>[]; // of the route's schema
}

test("what becomes of a job is told in order, each once, and signed", async () => {
  const { webhook, secret } = await hookTo(receiver.url);

  const job = await startJob();
  await api.service.act(job, "pause", { by: "dana" });
  await api.service.act(job, "resume", { by: "dana" });
  await api.runner.finish(job);
  for (let round = 0; round < 3; round += 1) await sendAll();

  const told = receiver.messages.map(({ body, headers }) => {
    const verified = new Verifier(secret).verify(body, headers as Record<string, string>);
    return verified as { type: string; timestamp: string; data: object };
  });
  expect(told.map(({ type }) => type).toSorted()).toEqual([
    "job.paused",
    "job.resumed",
    "job.started",
    "job.succeeded",
  ]);
  expect(told[0]?.data).toEqual({ job });
  expect(new Set(receiver.messages.map(({ headers }) => headers["webhook-id"])).size).toBe(4);
  const stored = await deliveriesOf(webhook.id);
  expect(stored.map(({ type }) => type)).toEqual([
    "job.succeeded",
    "job.resumed",
    "job.paused",
    "job.started",
  ]);
  expect(stored.every(({ state, attempts }) => state === "delivered" && attempts === 1)).toBe(true);
});

test("a job that a lost runner gave back is told to nobody, nor that it starts again", async () => {
  const { webhook } = await hookTo(receiver.url);
  const job = await startJob();
  const { epoch } = await api.service.getJob(job);
  await api.control.rescue({ jobId: job, epoch }, false);
  await api.runner.commit(job, 1);

  expect((await deliveriesOf(webhook.id)).map(({ type }) => type)).toEqual(["job.started"]);
});

test("only the types that were asked for are told, and a refused change of a job tells nothing", async () => {
  const { webhook } = await hookTo(receiver.url, ["job.paused"] as never);
  const job = await startJob();
  await expect(
    api.database.pool.query("update sluice.job set state = 'undone' where id = $1", [job]),
  ).rejects.toThrow("no edge");
  await api.service.act(job, "pause", { by: "dana" });

  expect((await deliveriesOf(webhook.id)).map(({ type }) => type)).toEqual(["job.paused"]);
});

test("a message that is not taken is sent again under its id, and given up after the last attempt", async () => {
  const { webhook } = await hookTo(receiver.url, ["job.started"] as never);
  receiver.answer = (response) => void response.writeHead(503).end("not now");
  await startJob();
  await sendAll();
  await sendAll();
  const [afterOne] = await deliveriesOf(webhook.id);
  for (let attempt = 1; attempt <= RETRY_AFTER_MS.length; attempt += 1) {
    await passTime();
    await sendAll();
  }
  const [given] = await deliveriesOf(webhook.id);
  receiver.answer = (response) => void response.end();
  await passTime();
  await sendAll();
  const sent = receiver.messages.length;
  const replayed = await api.post(
    `/v1/webhooks/${webhook.id}/deliveries/${String(given?.["id"])}/replay`,
    {},
  );
  await sendAll();

  expect(afterOne).toMatchObject({ state: "waiting", attempts: 1, status: 503 });
  expect(Date.parse(String(afterOne?.["nextAttemptAt"])) - Date.now()).toBeGreaterThan(3000);
  expect(given).toMatchObject({
    state: "failed",
    attempts: 1 + RETRY_AFTER_MS.length,
    nextAttemptAt: null,
  });
  expect(sent).toBe(1 + RETRY_AFTER_MS.length);
  expect(replayed.body).toMatchObject({ state: "waiting", attempts: 0 });
  expect((await deliveriesOf(webhook.id))[0]).toMatchObject({
    state: "delivered",
    status: 200,
    error: null,
  });
  expect(new Set(receiver.messages.map(({ headers }) => headers["webhook-id"]))).toEqual(
    new Set([given?.["id"]]),
  );
});

test("a receiver that does not answer holds up neither another one nor the sweep, and is left alone meanwhile", async () => {
  const held: ServerResponse[] = [];
  receiver.answer = (response) => void held.push(response);
  await using other = await startWebhookReceiver();
  const { webhook } = await hookTo(receiver.url);
  await hookTo(other.url);
  const job = await startJob();
  await sending.step();
  await expect.poll(() => other.messages.length + held.length).toBe(2);
  await api.service.act(job, "pause", { by: "dana" });
  await sending.step();
  await expect.poll(() => other.messages.length).toBe(2);
  const whileHeld = held.length;
  await sending.stop();

  expect(whileHeld).toBe(1);
  // Broken off by the stop: nobody knows whether it was taken, so it is sent again when its lease is over.
  expect((await deliveriesOf(webhook.id))[1]).toMatchObject({ state: "waiting", attempts: 1 });
  await passTime();
  const next = sendingTo("127.0.0.1");
  receiver.answer = (response) => void response.end();
  await sendAll(next);
  expect(receiver.messages.filter(({ body }) => body.includes("job.started"))).toHaveLength(2);
});

test("a receiver that answers 410 is told nothing any more", async () => {
  const { webhook } = await hookTo(receiver.url);
  receiver.answer = (response) => void response.writeHead(410).end();
  const job = await startJob();
  await sendAll();
  await api.service.act(job, "pause", { by: "dana" });
  await sendAll();

  expect(receiver.messages).toHaveLength(1);
  const listed = (await api.call("/v1/webhooks")).body["items"] as { goneAt: string | null }[];
  expect(listed[0]?.goneAt).not.toBeNull();
  expect(await deliveriesOf(webhook.id)).toMatchObject([{ state: "failed", status: 410 }]);
});

test.each([
  ["a private address", (port: string) => `http://127.0.0.1:${port}/hook`, /private address/],
  [
    "a name that resolves to one",
    (port: string) => `http://localhost:${port}/hook`,
    /private address.*resolved/,
  ],
  [
    "an address in another form",
    (port: string) => `http://2130706433:${port}/hook`,
    /private address/,
  ],
  [
    "one that is wrapped in IPv6",
    (port: string) => `http://[::ffff:127.0.0.1]:${port}/hook`,
    /private address/,
  ],
])("%s gets nothing unless it is allowed", async (_, urlOf, words) => {
  const { webhook } = await hookTo(urlOf(new URL(receiver.url).port));
  const strict = sendingTo("example.com");
  await startJob();
  await sendAll(strict);

  expect(receiver.messages).toEqual([]);
  expect((await deliveriesOf(webhook.id))[0]).toMatchObject({
    state: "waiting",
    status: null,
    error: expect.stringMatching(words) as string,
  });
});

test("a redirect is not followed", async () => {
  await using inside = await startWebhookReceiver();
  receiver.answer = (response) => void response.writeHead(307, { location: inside.url }).end();
  const { webhook } = await hookTo(receiver.url);
  await startJob();
  await sendAll();

  expect([receiver.messages.length, inside.messages.length]).toEqual([1, 0]);
  expect((await deliveriesOf(webhook.id))[0]).toMatchObject({ state: "waiting", status: 307 });
});

test.each([
  ["http://127.0.0.1/x"],
  ["http://[::1]/x"],
  ["https://169.254.169.254/latest"],
  ["ftp://example.com/x"],
  ["https://name:password@example.com/x"],
  ["no address"],
])("%s is refused as the address of a webhook", async (url) => {
  expect((await api.post("/v1/webhooks", { url })).body).toMatchObject({ code: "invalid_request" });
});

test("a webhook shows its secret once, and goes with its messages", async () => {
  const made = await api.post("/v1/webhooks", {
    url: "https://example.com/hook",
    types: ["job.failed", "job.failed"],
  });
  const id = String(made.body["id"]);
  const listed = await api.call("/v1/webhooks");
  const gone = await api.app.request(`/v1/webhooks/${id}`, { method: "DELETE" });

  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    types: ["job.failed"],
    createdBy: "local",
    secret: expect.stringMatching(/^whsec_.{44}$/) as string,
  });
  expect(JSON.stringify(listed.body)).not.toContain("whsec_");
  expect(gone.status).toBe(204);
  expect((await api.call(`/v1/webhooks/${id}/deliveries`)).status).toBe(404);
});
