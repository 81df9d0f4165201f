/**
 * The app on a port.
 *
 * Stopping is quick and loses no answer: the port closes at once, streams and waiting answers are told to end, idle
 * connections are closed, and requests that are being answered get a moment to finish before their sockets are cut.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { SluiceError } from "../core/errors.ts";
import type { AppEnv } from "./app-context.ts";

const SECOND_MS = 1000;
/** Headers come at once or not at all. */
const HEADERS_TIMEOUT_MS = 15 * SECOND_MS;
/** A connection on which nothing moves for this long is closed. Longer than the longest `?wait=`. */
const IDLE_TIMEOUT_MS = 120 * SECOND_MS;
/** How long a stop waits for answers under way: as long as a control call takes at the most. */
const DRAIN_MS = 10 * SECOND_MS;

/** Where the app listens. */
export interface ServeOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** How many ports after `port` are tried when it is taken. Default 0. */
  readonly nextPorts?: number;
}

/** A served app. */
export interface ServedApp {
  /** Where it listens, such as `http://127.0.0.1:5007`. */
  readonly url: string;
  readonly port: number;
  /** Answers a request of this process as the port would, without a connection. */
  readonly fetch: typeof globalThis.fetch;
  /** Ends every connection, at the latest after 10 s. May be called twice; both calls wait for the end. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves the app. Errors: `port_in_use` when the port and the tried ones after it are taken. */
export async function serveApp(app: Hono<AppEnv>, options: ServeOptions): Promise<ServedApp> {
  const stopping = new AbortController();
  const server = createServer(app, stopping.signal);
  const port = await listen(server, options);
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopped ??= drain(server, stopping));
  return {
    url: `http://${urlHost(options.host)}:${port}`,
    port,
    fetch: async (input, init) =>
      app.fetch(new Request(input, init), { stopping: stopping.signal }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function createServer(app: Hono<AppEnv>, stopping: AbortSignal): Server {
  const server = createAdaptorServer({
    fetch: (request, bindings) => app.fetch(request, { ...bindings, stopping }),
    serverOptions: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      // Uploads may take hours; what does not move is ended by the idle limit.
      requestTimeout: 0,
    },
  }) as Server; // created without another `createServer`, so it is Node's HTTP/1 server
  server.setTimeout(IDLE_TIMEOUT_MS);
  // A client may open a connection ahead of its next request. Node counts one without a request as busy.
  const silent = new Set<Socket>();
  server.on("connection", (socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
  });
  stopping.addEventListener("abort", () => {
    for (const socket of silent) if (socket.bytesRead === 0) socket.destroy();
  });
  server.on("request", (request, response) => {
    silent.delete(request.socket);
    // Once stopping, a connection that has its answer is idle and can go.
    response.once("close", () => {
      if (stopping.aborted) setImmediate(() => server.closeIdleConnections());
    });
  });
  return server;
}

async function listen(
  server: Server,
  { host, port, nextPorts = 0 }: ServeOptions,
): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + nextPorts, 65_535);
  for (let candidate = port; candidate <= last; candidate++) {
    const listening = await tryListen(server, host, candidate);
    if (listening !== null) return listening;
  }
  const ports =
    last === port ? `Port ${port} on ${host} is` : `Ports ${port} to ${last} on ${host} are`;
  throw new SluiceError(
    "port_in_use",
    `${ports} taken by another program. Choose another with --port or SLUICE_PORT.`,
    { details: { port } },
  );
}

/** The port that the server listens on, or null when it is taken. */
function tryListen(server: Server, host: string, port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      server.off("listening", succeed);
      if ("code" in error && error.code === "EADDRINUSE") resolve(null);
      else reject(error);
    };
    const succeed = (): void => {
      server.off("error", fail);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    };
    server.once("error", fail);
    server.once("listening", succeed);
    server.listen(port, host);
  });
}

async function drain(server: Server, stopping: AbortController): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  stopping.abort();
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(deadline);
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
