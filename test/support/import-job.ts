/** Uploads, starts and waits, over the client. */
import type { ImportJobView, SluiceClient } from "../../src/client/index.ts";

type Job = Awaited<ReturnType<SluiceClient["getJob"]>>;
type Body = Parameters<SluiceClient["createJob"]>[0];

/** Uploads bytes and starts an import of them. */
export async function startImport(
  client: SluiceClient,
  bytes: Uint8Array,
  body: Omit<Body, "kind" | "file">,
): Promise<ImportJobView> {
  const file = await client.uploadFile("flights.csv", bytes);
  return client.createJob({ kind: "import", file: file.id, ...body });
}

/** An import, with what only imports have. */
export async function getImport(client: SluiceClient, jobId: string): Promise<ImportJobView> {
  const job = await client.getJob(jobId);
  if (job.kind !== "import") throw new Error("Expected an import.");
  return job;
}

/** Waits until `isMet` says so of the job. Fails after a minute, naming the state it was left in. */
async function waitForJob(
  client: SluiceClient,
  jobId: string,
  isMet: (job: Job) => boolean,
): Promise<Job> {
  const until = Date.now() + 60_000;
  for (;;) {
    const job = await client.getJob(jobId);
    if (isMet(job)) return job;
    if (Date.now() > until) throw new Error(`Waited a minute for ${jobId}, which is ${job.state}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits for the end of a job. */
export function waitForEnd(client: SluiceClient, jobId: string): Promise<Job> {
  return waitForJob(client, jobId, (job) =>
    ["succeeded", "failed", "stopped", "undone"].includes(job.state),
  );
}

/** Waits until a job is in a state. */
export function waitForState(
  client: SluiceClient,
  jobId: string,
  state: Job["state"],
): Promise<Job> {
  return waitForJob(client, jobId, (job) => job.state === state);
}

/** Waits until a job has committed a share of its bytes. */
export function waitForShare(client: SluiceClient, jobId: string, share: number): Promise<Job> {
  return waitForJob(
    client,
    jobId,
    (job) => (job.progress.fraction ?? 0) >= share || job.state === "succeeded",
  );
}
