/** Where the things of the API are, and the header that makes a request repeatable. */

/** The header of an Idempotency-Key; none without a key. */
export function keyHeader(key: string | undefined): Readonly<Record<string, string>> {
  return key === undefined ? {} : { "idempotency-key": key };
}

/** The path of a webhook. */
export function hookPathOf(webhookId: string): string {
  return `/v1/webhooks/${encodeURIComponent(webhookId)}`;
}

/** The path of a job. */
export function pathOf(jobId: string): string {
  return `/v1/jobs/${encodeURIComponent(jobId)}`;
}
