/**
 * Sends a message by the rules of Standard Webhooks (https://www.standardwebhooks.com).
 *
 * A webhook must not lead into the network of the service. So the address is judged that is connected to, after its name
 * was resolved, and the connection is made to that very address: a name cannot mean another one a moment later. A redirect
 * is not followed, whatever it leads to. Private addresses are taken only of hosts that the operator has named.
 */
import { lookup as resolve } from "node:dns";
import { request as requestHttp, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { DueDelivery, JudgeUrl, SendOutcome, SendWebhook } from "../core/webhooks.ts";
import { messageOf } from "../core/message-of.ts";
import { isPrivateAddress } from "./private-address.ts";

const TIMEOUT_MS = 10_000;
const GONE = 410;

/** What is sent, and to whom it may be. */
export interface WebhookSender {
  readonly send: SendWebhook;
  readonly judge: JudgeUrl;
}

/** `allowedHosts`: names and addresses, in lower case, that may be private. */
export function createWebhookSender(allowedHosts: ReadonlySet<string>): WebhookSender {
  return {
    judge: (url) => judge(url, allowedHosts),
    send: async (delivery, signal) => {
      const refusal = judge(delivery.url, allowedHosts);
      if (refusal !== null) return { kind: "refused", status: null, error: refusal };
      try {
        return outcomeOf(await post(delivery, allowedHosts, signal));
      } catch (error) {
        return { kind: "refused", status: null, error: messageOf(error).slice(0, 500) };
      }
    },
  };
}

function judge(text: string, allowed: ReadonlySet<string>): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    return "Expected an address that begins with https:// or http://.";
  if (url.username !== "" || url.password !== "")
    return "Expected an address without a name and a password: the signature says who sends.";
  const host = hostOf(url);
  return isIP(host) !== 0 && isPrivateAddress(host) && !allowed.has(host)
    ? privateHost(host)
    : null;
}

function privateHost(host: string): string {
  return `${host} is a private address. Name it in SLUICE_WEBHOOK_HOSTS if that is meant.`;
}

/** Without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
}

function outcomeOf(status: number): SendOutcome {
  if (status >= 200 && status < 300) return { kind: "taken", status };
  if (status === GONE)
    return { kind: "gone", status, error: "The receiver takes nothing any more (410)." };
  const error =
    status >= 300 && status < 400
      ? `The receiver redirects (${status}), which is not followed.`
      : `The receiver answered ${status}.`;
  return { kind: "refused", status, error };
}

/** Posts the message, and returns the status of the answer. */
async function post(
  delivery: DueDelivery,
  allowed: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<number> {
  const { Webhook } = await import("standardwebhooks");
  const url = new URL(delivery.url);
  const body = JSON.stringify({
    type: delivery.type,
    timestamp: delivery.happenedAt.toISOString(),
    data: { job: delivery.jobId },
  });
  const now = new Date();
  const options: RequestOptions = {
    method: "POST",
    agent: false,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    lookup: publicLookup(hostOf(url), allowed),
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "user-agent": "sluice",
      "webhook-id": delivery.id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": new Webhook(delivery.secret).sign(delivery.id, now, body),
    },
  };
  return new Promise((done, fail) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const request = send(url, options, (response) => {
      done(response.statusCode ?? 0);
      // What the receiver says beyond its status is not read.
      response.destroy();
    });
    request.once("error", fail);
    request.end(body);
  });
}

/** Resolves a name as Node would, and refuses when one of its addresses is private. */
function publicLookup(host: string, allowed: ReadonlySet<string>): LookupFunction {
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      if (!allowed.has(host) && addresses.some(({ address }) => isPrivateAddress(address)))
        return callback(new Error(`${privateHost(host)} It was resolved just now.`), []);
      const [first] = addresses;
      if (options.all === true || first === undefined) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
