import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TokenHolder } from "../../src/api/access.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const TOKENS: Readonly<Record<string, TokenHolder>> = {
  slu_reader: { by: "rita", scope: "read" },
  slu_operator: { by: "omar", scope: "operate" },
  slu_admin: { by: "ada", scope: "admin" },
};
const ACTIONS = ["/pause", "/resume", "/stop"];
const NO_JOB = "job_01m84qvwcgffer2s6r76fqcz25";
const NO_FILE = "file_01m84qvm34fc7rq4ee6xdwhyxw";

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

  /** Every operation that needs a token, with the least scope. One that is missing here fails the test below. */
  const OPERATIONS: readonly (readonly [operation: string, scope: "read" | "operate"])[] = [
    ["get /status", "read"],
    ["post /create", "operate"],
    ...ACTIONS.flatMap((path) => [
      [`get ${path}`, "operate"] as const,
      [`post ${path}`, "operate"] as const,
    ]),
    ["put /v1/files/{name}", "operate"],
    ["post /v1/files", "operate"],
    ["get /v1/files", "read"],
    ["get /v1/files/{fileId}", "read"],
    ["delete /v1/files/{fileId}", "operate"],
    ["post /v1/files/{fileId}/inspect", "operate"],
    ["post /v1/jobs", "operate"],
    ["get /v1/jobs", "read"],
    ["get /v1/jobs/{jobId}", "read"],
    ["patch /v1/jobs/{jobId}", "operate"],
    ["delete /v1/jobs/{jobId}", "operate"],
    ["post /v1/jobs/{jobId}/pause", "operate"],
    ["post /v1/jobs/{jobId}/rerun", "operate"],
    ["post /v1/jobs/{jobId}/retry", "operate"],
    ["put /v1/jobs/{jobId}/records", "operate"],
    ["put /v1/jobs/{jobId}/records/{recordNumber}", "operate"],
    ["delete /v1/jobs/{jobId}/records/{recordNumber}", "operate"],
    ["get /v1/jobs/{jobId}/corrections", "read"],
    ["delete /v1/jobs/{jobId}/corrections", "operate"],
    ["post /v1/jobs/{jobId}/resume", "operate"],
    ["post /v1/jobs/{jobId}/stop", "operate"],
    ["post /v1/jobs/{jobId}/undo", "operate"],
    ["post /v1/jobs/{jobId}/kill-worker", "operate"],
    ["get /v1/jobs/{jobId}/worker-losses", "read"],
    ["get /v1/jobs/{jobId}/activity", "read"],
    ["get /v1/jobs/{jobId}/records", "read"],
    ["get /v1/jobs/{jobId}/timeline", "read"],
    ["get /v1/jobs/{jobId}/receipt", "read"],
    ["get /v1/jobs/{jobId}/result", "read"],
    ["get /v1/jobs/{jobId}/log", "read"],
    ["get /v1/processes", "read"],
    ["get /v1/processes/{name}", "read"],
    ["get /v1/tables", "read"],
    ["get /v1/tables/{table}", "read"],
    ["options /v1/uploads", "operate"],
    ["post /v1/uploads", "operate"],
    ["head /v1/uploads/{uploadId}", "read"],
    ["patch /v1/uploads/{uploadId}", "operate"],
    ["delete /v1/uploads/{uploadId}", "operate"],
    ["put /v1/import/{table}", "operate"],
    ["get /v1/events", "read"],
    ["get /metrics", "read"],
  ];

  test("every operation of the description is in the table", async () => {
    const { paths } = (await (await callWith("GET", "/openapi.json")).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };

    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );

    expect(described.toSorted()).toEqual(
      [...OPERATIONS.map(([operation]) => operation), "get /healthz", "get /readyz"].toSorted(),
    );
  });

  test.each(OPERATIONS)("%s needs the scope %s", async (operation, scope) => {
    const [method = "", template = ""] = operation.split(" ");
    const path = template
      .replace("{jobId}", NO_JOB)
      .replace("{fileId}", NO_FILE)
      .replace("{uploadId}", NO_FILE)
      .replace(/\{\w+\}/, "x");
    const statuses = [];
    for (const token of [undefined, "slu_expired", "slu_reader", "slu_operator", "slu_admin"]) {
      const response = await callWith(method.toUpperCase(), path, token);
      statuses.push(response.status);
      await response.body?.cancel();
    }

    const [none, expired, reader, operator, admin] = statuses;
    expect([none, expired]).toEqual([401, 401]);
    // The flat API's own refusals are 403 too: there the code tells them apart.
    if (scope === "read") expect([401, 403]).not.toContain(reader);
    else expect(await codeOf(callWith(method.toUpperCase(), path, "slu_reader"))).toBe("forbidden");
    expect(operator).not.toBe(401);
    expect(admin).toBe(operator);
    if (operator === 403)
      expect(await codeOf(callWith(method.toUpperCase(), path, "slu_operator"))).toBe("none");
  });
});

test("an open service answers everybody, under any name", async () => {
  const open = api.appWith({ kind: "open" });

  const response = await open.request("/v1/jobs", { headers: { Host: "sluice.example" } });

  expect(response.status).toBe(200);
});
