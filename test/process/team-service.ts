/** A service that makes teams, as `processes/create-teams.ts` asks one for them. */
import { answerJson, bodyOf, startTestServer, type TestServer } from "../support/http-server.ts";

/** A running service and what it holds. */
export interface TeamService extends TestServer {
  /** Name of the team by Idempotency-Key. */
  readonly teams: ReadonlyMap<string, string>;
  /** Requests that made a team or found it made. */
  readonly posts: () => number;
  /** Most requests that were under way at a time. */
  readonly mostAtATime: () => number;
  /** Deletes every team. */
  forget(): void;
  /** Keys of teams that cannot be deleted. */
  readonly busy: Set<string>;
}

/** Starts a service, whose first requests wait until `meet` of them are under way. It refuses the name `bad` for ever, and answers `broken` with an error. */
export async function startTeamService({ meet = 1 } = {}): Promise<TeamService> {
  const teams = new Map<string, string>();
  const busy = new Set<string>();
  let posts = 0;
  let underWay = 0;
  let most = 0;
  let met: (() => void) | undefined;
  const haveMet = new Promise<void>((resolve) => {
    met = resolve;
  });
  const server = await startTestServer(async (request, response) => {
    most = Math.max(most, ++underWay);
    response.once("close", () => underWay--);
    if (most >= meet) met?.();
    await haveMet;
    if (request.method === "POST" && request.url === "/teams") {
      const key = String(request.headers["idempotency-key"]);
      const { name } = JSON.parse(await bodyOf(request)) as { readonly name: string }; // as the process sends it
      if (name === "bad") return response.writeHead(422).end("The name is taken.");
      if (name === "broken") return response.writeHead(500).end();
      posts++;
      teams.set(key, name);
      return answerJson(response, 201, { id: `team-${key}` });
    }
    const key = decodeURIComponent(/^\/teams\/by-key\/(.+)$/.exec(request.url ?? "")?.[1] ?? "");
    if (request.method !== "DELETE" || key === "") return response.writeHead(405).end();
    if (busy.has(key)) return response.writeHead(409).end();
    return response.writeHead(teams.delete(key) ? 204 : 404).end();
  });
  return {
    ...server,
    teams,
    busy,
    forget: () => teams.clear(),
    posts: () => posts,
    mostAtATime: () => most,
  };
}
