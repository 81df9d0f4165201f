/** An HTTP service that holds teams: one for each idempotency key, however often it is asked for. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** The service, and what it has seen. */
export interface TeamService {
  readonly url: string;
  /** The teams that there are, by the key that made them. */
  readonly teams: ReadonlyMap<string, { readonly id: string; readonly name: string }>;
  /** How many teams were asked for, repetitions included. */
  readonly asked: () => number;
  /** How many teams were ever made. */
  readonly made: () => number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts one on a port of its own. */
export async function startTeamService(): Promise<TeamService> {
  const teams = new Map<string, { id: string; name: string }>();
  let asked = 0;
  let made = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? "";
    if (request.method === "DELETE") {
      const key = decodeURIComponent(url.split("/").at(-1) ?? "");
      response.writeHead(teams.delete(key) ? 204 : 404).end();
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer); // as a request gives them
    const key = String(request.headers["idempotency-key"]);
    asked += 1;
    const { name } = JSON.parse(Buffer.concat(pieces).toString()) as { name: string };
    let team = teams.get(key);
    if (team === undefined) {
      made += 1;
      team = { id: `team-${made}`, name };
      teams.set(key, team);
    }
    response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(team));
  };
  const server = createServer((request, response) => {
    // A request that its sender broke off has nobody to answer.
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    teams,
    asked: () => asked,
    made: () => made,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
