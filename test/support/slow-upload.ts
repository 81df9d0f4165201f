/** A sender of `PUT /v1/import/{table}` that says how much comes when, over a connection of its own. */
import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import type { SluiceClient } from "../../src/client/index.ts";
import { until } from "./until.ts";

type Job = Awaited<ReturnType<SluiceClient["getJob"]>>;

/** The answer to an upload. */
export interface UploadAnswer {
  readonly status: number;
  /** A job, or a problem. */
  readonly body: Record<string, unknown>;
}

/** An upload that is under way. */
export class SlowUpload {
  /** Rejects when the connection ends without an answer. */
  readonly answer: Promise<UploadAnswer>;
  readonly #request: ClientRequest;

  /** `bytesAnnounced` null sends the body in chunks, without saying how long it is. */
  constructor(
    url: string,
    path: string,
    bytesAnnounced: number | null,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.#request = request(new URL(path, url), {
      method: "PUT",
      headers: {
        "content-type": "text/csv",
        ...(bytesAnnounced === null ? {} : { "content-length": String(bytesAnnounced) }),
        ...headers,
      },
    });
    this.answer = answerOf(this.#request);
    // Many tests end the connection on purpose and ask for no answer.
    this.answer.catch(() => undefined);
  }

  /** Sends bytes, and returns when the connection has taken them. */
  async send(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#request.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Ends the body and returns the answer. */
  end(): Promise<UploadAnswer> {
    this.#request.end();
    return this.answer;
  }

  /** Goes away, as a client that was killed. */
  cut(): void {
    this.#request.destroy();
  }
}

async function answerOf(sent: ClientRequest): Promise<UploadAnswer> {
  const failed = once(sent, "error").then(([error]) => {
    throw error;
  });
  const [response] = (await Promise.race([once(sent, "response"), failed])) as [IncomingMessage]; // of Node's own event
  failed.catch(() => undefined);
  let text = "";
  for await (const piece of response.setEncoding("utf8")) text += String(piece);
  // Every answer of the API is an object.
  return { status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> };
}

/** Waits until there is a job that writes this table, and returns it. */
export function waitForJobOf(client: SluiceClient, table: string): Promise<Job> {
  return until(`there is a job for ${table}`, async () => {
    const { items } = await client.listJobs({});
    return items.find((job) => job.kind === "import" && job.table === `public.${table}`) ?? null;
  });
}
