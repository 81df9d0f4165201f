/** A small HTTP server on a free loopback port, for tests of what talks HTTP. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** What a test's server answers. */
type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A running server. */
export interface TestServer {
  readonly url: string;
  /** Closes every connection and the server. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server that answers every request by `answer`. */
export async function startTestServer(answer: Answer): Promise<TestServer> {
  const server = createServer((request, response) => {
    // What an answer throws ends its connection, so that the test that waits for it fails.
    void (async () => answer(request, response))().catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Reads the body of a request as text. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer); // a request without encoding yields buffers
  return Buffer.concat(pieces).toString();
}
