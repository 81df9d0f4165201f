import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isOpenPath } from "../../src/api/access.ts";
import { findUndecided, ROUTE_SCOPES, scopeFor } from "../../src/api/route-scopes.ts";
import type { TokenHolder } from "../../src/core/access-tokens.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const NO_JOB = "job_01m84qvwcgffer2s6r76fqcz25";
const NO_FILE = "file_01m84qvm34fc7rq4ee6xdwhyxw";
const OTHER_JOB = "job_01m84qvwcgffer2s6r76fqcz26";

const TOKENS: Readonly<Record<string, TokenHolder>> = {
  slu_reader: { by: "rita", scope: "read", jobId: null },
  slu_operator: { by: "omar", scope: "operate", jobId: null },
  slu_admin: { by: "ada", scope: "admin", jobId: null },
  slu_guest: { by: "gus", scope: "read", jobId: NO_JOB },
};
const ACTIONS = ["/pause", "/resume", "/stop"];

let api: ApiFixture;
let guarded: ApiFixture["app"];
beforeAll(async () => {
  api = await openApiFixture();
  guarded = api.appWith({
    kind: "token",
    verify: (token) => Promise.resolve(TOKENS[token] ?? null),
  });
});
afterAll(() => api?.dispose());

async function codeOf(response: Response | Promise<Response>): Promise<string> {
  const body = (await (await response).json()) as { code?: string };
  return body.code ?? "none";
}

async function callOn(headers: Record<string, string>, path = "/status"): Promise<Response> {
  return api.app.request(path, { headers });
}

async function callWith(method: string, path: string, token?: string): Promise<Response> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return guarded.request(path, { method, headers });
}

describe("on a loopback address", () => {
  test.each(["localhost", "localhost:5007", "127.0.0.1:5007", "[::1]:5007", "LOCALHOST:80"])(
    "a request to %s is answered",
    async (host) => {
      expect((await callOn({ Host: host })).status).toBe(200);
    },
  );

  test.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:5007",
    "evil.example:5007@localhost",
    "0.0.0.0:5007",
    "192.168.1.5:5007",
  ])("a request to %s is refused", async (host) => {
    const response = await callOn({ Host: host });

    expect(response.status).toBe(403);
    expect(await codeOf(response)).toBe("forbidden");
  });

  test.each([
    ["http://localhost:5007", 200],
    ["http://localhost:3000", 403],
    ["https://localhost:5007", 403],
    ["http://evil.example", 403],
    ["http://localhost:5007.evil.example", 403],
    ["null", 403],
  ])("a request of a page of %s is answered with %i", async (origin, status) => {
    expect((await callOn({ Host: "localhost:5007", Origin: origin })).status).toBe(status);
  });

  test.each([
    ["none", 200],
    ["same-origin", 200],
    ["same-site", 403],
    ["cross-site", 403],
  ])("a request that the browser calls %s is answered with %i", async (site, status) => {
    expect((await callOn({ Host: "localhost", "Sec-Fetch-Site": site })).status).toBe(status);
  });

  const LINK = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" };
  test.each([
    ["a link to the dashboard leads there", "/jobs", "document", "not_found"], // built apart
    ["a frame around the dashboard is refused", "/jobs", "iframe", "forbidden"],
    ["a link to an action is refused", "/pause", "document", "forbidden"],
    ["a link to data is refused", "/v1/jobs", "document", "forbidden"],
  ])("%s", async (_case, path, dest, code) => {
    const response = await callOn({ Host: "localhost", ...LINK, "Sec-Fetch-Dest": dest }, path);

    expect(await codeOf(response)).toBe(code);
  });

  test("a link to the dashboard by a name that somebody has rebound is refused", async () => {
    const response = await callOn(
      { Host: "evil.example", ...LINK, "Sec-Fetch-Dest": "document" },
      "/",
    );

    expect(await codeOf(response)).toBe("forbidden");
  });

  test("no answer lets a page of another origin read it", async () => {
    const response = await callOn({ Host: "localhost", Origin: "http://localhost" });

    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("a refusal comes before anything is done", async () => {
    const file = await api.store("id\n1\n");
    const request = { kind: "import", file, table: "access_kept" } as const;
    const job = await api.service.createFlatJob(request, { by: "test" });

    for (const path of ACTIONS)
      await callOn({ Host: "localhost", "Sec-Fetch-Site": "cross-site" }, path);

    expect((await api.service.getJob(job?.id ?? "")).state).toBe("queued");
    await api.clear();
  });
});

describe("with tokens", () => {
  test.each([
    ["no header", {}],
    ["an unknown token", { Authorization: "Bearer slu_unknown" }],
    ["no token", { Authorization: "Bearer " }],
    ["another scheme", { Authorization: "Basic c2x1X2FkbWluOg==" }],
    ["two tokens", { Authorization: "Bearer slu_admin slu_admin" }],
  ])("a request with %s is not signed in", async (_case, headers) => {
    const response = await guarded.request("/v1/jobs", { headers });

    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await codeOf(response)).toBe("unauthenticated");
  });

  test("the token's name is the one that the timeline shows", async () => {
    const file = await api.store("id\n1\n");
    const { job } = await api.service.createJob(
      { kind: "import", file, table: "access_named" },
      { by: "test" },
    );

    await callWith("POST", `/v1/jobs/${job.id}/pause`, "slu_operator");

    expect((await api.service.listEvents(job.id)).at(-1)).toMatchObject({ by: "omar" });
    await api.clear();
  });

  test.each(["/healthz", "/readyz", "/openapi.json", "/docs", "/docs/errors/not_found"])(
    "%s is open to all",
    async (path) => {
      expect((await callWith("GET", path)).status).toBe(200);
    },
  );

  test.each(["/", "/jobs", `/jobs/${NO_JOB}/rows`, "/import", "/assets/x.js", "/theme.js"])(
    "%s, of the dashboard, asks for no token",
    async (path) => {
      // Beside the sources there is no built dashboard.
      expect(await codeOf(callWith("GET", path))).toBe("not_found");
    },
  );

  const OPEN = ["GET /healthz", "GET /readyz"];

  test("every operation of the description has a scope, and nothing else has one", async () => {
    const { paths } = (await (await callWith("GET", "/openapi.json")).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };

    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );

    expect(described.toSorted()).toEqual([...Object.keys(ROUTE_SCOPES), ...OPEN].toSorted());
  });

  test("a route without a scope is found before a service starts with it", () => {
    const routes = [
      { method: "ALL", path: "/*" },
      { method: "GET", path: "/assets/:name{[a-z.]+}" },
      { method: "POST", path: "/v1/new/:thing" },
    ];

    expect(findUndecided(routes, isOpenPath)).toEqual(["POST /v1/new/{thing}"]);
    expect(scopeFor(routes.slice(2))).toBeNull();
  });

  test("only looking is read, and only tokens and webhooks are admin", () => {
    for (const [operation, scope] of Object.entries(ROUTE_SCOPES)) {
      const isLooking =
        /^(GET|HEAD) /.test(operation) && !ACTIONS.some((path) => operation.endsWith(path));
      const expected = /\/v1\/(tokens|webhooks)/.test(operation)
        ? "admin"
        : isLooking
          ? "read"
          : "operate";
      expect(scope, operation).toBe(expected);
    }
  });

  const ORDER = ["read", "operate", "admin"];
  const SIGNED_IN = ["slu_reader", "slu_operator", "slu_admin"];

  test.each(Object.entries(ROUTE_SCOPES))("%s needs the scope %s", async (operation, scope) => {
    const [method = "", template = ""] = operation.split(" ");
    const path = pathOf(template);
    const answers = [];
    for (const token of [undefined, "slu_expired", ...SIGNED_IN]) {
      const response = await callWith(method, path, token);
      answers.push({ status: response.status, code: await refusalOf(response) });
    }

    const [none, expired, ...signedIn] = answers;
    expect([none?.status, expired?.status]).toEqual([401, 401]);
    for (const [index, { status, code }] of signedIn.entries()) {
      const isAllowed = index >= ORDER.indexOf(scope);
      expect(status, SIGNED_IN[index]).not.toBe(401);
      expect(code === "forbidden" || (method === "HEAD" && status === 403)).toBe(!isAllowed);
    }
  });

  test.each(Object.keys(ROUTE_SCOPES))(
    "a token for one job may ask %s only if that shows the job",
    async (operation) => {
      const [method = "", template = ""] = operation.split(" ");
      const isOfJob = /^GET \/v1\/(jobs\/\{jobId\}(\/.*)?|events)$/.test(operation);
      const query = template === "/v1/events" ? "?job=" : "";
      const own = await callWith(
        method,
        `${pathOf(template)}${query && query + NO_JOB}`,
        "slu_guest",
      );
      const other = await callWith(
        method,
        `${pathOf(template, OTHER_JOB)}${query && query + OTHER_JOB}`,
        "slu_guest",
      );

      const codes = [await refusalOf(own), await refusalOf(other)];
      if (method === "HEAD") expect([own.status, other.status]).toEqual([403, 403]);
      else expect(codes.map((code) => code === "forbidden")).toEqual([!isOfJob, true]);
    },
  );

  test("what is not there is not found, also for who may only read", async () => {
    expect(await codeOf(callWith("GET", "/v1/nothing", "slu_reader"))).toBe("not_found");
    expect(await codeOf(callWith("POST", "/v1/nothing", "slu_reader"))).toBe("not_found");
    expect(await codeOf(callWith("GET", "/v1/nothing", "slu_guest"))).toBe("forbidden");
  });
});

/** A path of a route, to things that are not there. */
function pathOf(template: string, jobId = NO_JOB): string {
  return template
    .replace("{jobId}", jobId)
    .replace("{fileId}", NO_FILE)
    .replace("{uploadId}", NO_FILE)
    .replace("{tokenId}", NO_FILE.replace("file", "token"))
    .replace("{webhookId}", NO_FILE.replace("file", "webhook"))
    .replace("{deliveryId}", `delivery_${"0".repeat(32)}`)
    .replace(/\{\w+\}/, "x");
}

/** The code of a refusal; a stream, or another answer, has none. */
async function refusalOf(response: Response): Promise<string> {
  if (response.status === 401 || response.status === 403) {
    const text = await response.text();
    return text === "" ? "none" : ((JSON.parse(text) as { code?: string }).code ?? "none");
  }
  await response.body?.cancel();
  return "none";
}

test("an open service answers everybody, under any name", async () => {
  const open = api.appWith({ kind: "open" });

  const response = await open.request("/v1/jobs", { headers: { Host: "sluice.example" } });

  expect(response.status).toBe(200);
});
