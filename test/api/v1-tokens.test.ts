/** Tokens by the API, over the real database: made, used, limited to a job, ended and revoked. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureFirstToken } from "../../src/store/access-tokens.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

let api: ApiFixture;
let guarded: ApiFixture["app"];
beforeAll(async () => {
  api = await openApiFixture();
  guarded = api.appWith({ kind: "token", verify: (secret) => api.tokens.verify(secret) });
});
afterAll(() => api?.dispose());

interface Made {
  readonly id: string;
  readonly token: string;
  readonly path: string;
}

async function make(body: object): Promise<Made> {
  const { status, body: made } = await api.post("/v1/tokens", body);
  expect(status).toBe(201);
  return made as unknown as Made; // of the route's schema, which the service checks
}

async function statusWith(
  { token }: { readonly token: string },
  path = "/v1/jobs",
): Promise<number> {
  const response = await guarded.request(path, { headers: { Authorization: `Bearer ${token}` } });
  await response.body?.cancel();
  return response.status;
}

test("a token opens what its scope says, until it is revoked, and its secret is stored nowhere", async () => {
  const made = await make({ name: "nightly", scope: "read" });
  const before = [await statusWith(made), await statusWith(made, "/v1/tokens")];
  const listed = await api.call("/v1/tokens");
  const revoked = await api.app.request(`/v1/tokens/${made.id}`, { method: "DELETE" });
  const again = await api.app.request(`/v1/tokens/${made.id}`, { method: "DELETE" });

  expect(made.token).toMatch(/^slu_[\w-]{43}$/);
  expect(made.path).toBe(`/#token=${made.token}`);
  expect(before).toEqual([200, 403]);
  expect(listed.body["items"]).toMatchObject([
    { id: made.id, name: "nightly", scope: "read", job: null, createdBy: "local" },
  ]);
  expect(JSON.stringify(listed.body)).not.toContain(made.token);
  const { rows } = await api.database.pool.query<{ stored: string }>(
    "select string_agg(t::text, ' ') as stored from sluice.access_token t",
  );
  expect(rows[0]?.stored).not.toContain(made.token);
  expect([revoked.status, again.status]).toEqual([204, 204]);
  expect(await statusWith(made)).toBe(401);
  expect((await api.call("/v1/tokens")).body["items"]).toEqual([]);
});

test("a token with an end is valid until then", async () => {
  const made = await make({ name: "short", scope: "read", expiresAt: "2999-01-01T00:00:00+01:00" });
  const before = await statusWith(made);
  await api.database.pool.query(
    "update sluice.access_token set expires_at = clock_timestamp() where id = $1",
    [made.id],
  );

  expect(before).toBe(200);
  expect(await statusWith(made)).toBe(401);
});

test("a link to a job shows that job and its stream, and goes with it", async () => {
  const file = await api.store("id\n1\n");
  const create = async (table: string) =>
    (await api.service.createJob({ kind: "import", file, table }, { by: "test" })).job.id;
  const [own, other] = [await create("token_own"), await create("token_other")];
  const made = await make({ name: "customer", scope: "read", job: own });
  const events = await guarded.request("/v1/events", {
    headers: { Authorization: `Bearer ${made.token}` },
  });
  const reader = events.body?.getReader();
  let seen = "";
  while (!seen.includes("\ndata: "))
    seen += Buffer.from((await reader?.read())?.value ?? []).toString();
  await reader?.cancel();

  expect(made.path).toBe(`/jobs/${own}#token=${made.token}`);
  expect(await statusWith(made, `/v1/jobs/${own}/timeline`)).toBe(200);
  expect(await statusWith(made, `/v1/jobs/${other}`)).toBe(403);
  expect(await statusWith(made)).toBe(403);
  expect(seen).toContain(own);
  expect(seen).not.toContain(other);
  await api.clear();
  await api.service.deleteJob(own);
  expect(await statusWith(made, `/v1/jobs/${own}`)).toBe(401);
});

test.each([
  [{ name: "", scope: "read" }, "invalid_request"],
  [{ name: "x", scope: "all" }, "invalid_request"],
  [{ name: "x", scope: "read", expiresAt: "2020-01-01T00:00:00Z" }, "invalid_request"],
  [{ name: "x", scope: "operate", job: "job_01m84qvwcgffer2s6r76fqcz25" }, "invalid_request"],
  [{ name: "x", scope: "read", job: "job_01m84qvwcgffer2s6r76fqcz25" }, "not_found"],
])("%j is refused as %s", async (body, code) => {
  expect((await api.post("/v1/tokens", body)).body["code"]).toBe(code);
});

test("who reaches a service that is open to everybody makes no token for later", async () => {
  const open = api.appWith({ kind: "open" });

  const response = await open.request("/v1/tokens", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "x", scope: "admin" }),
  });

  expect(response.status).toBe(403);
});

test("a service makes a token when none may manage the others, and takes no revoked one back", async () => {
  const { pool } = api.database;
  await make({ name: "reads", scope: "read" });

  const first = await ensureFirstToken(pool, null);
  const second = await ensureFirstToken(pool, "slu_given");
  const { items } = await api.tokens.list({ limit: 50 });
  for (const { id, scope } of items) if (scope === "admin") await api.tokens.revoke(id);
  const third = await ensureFirstToken(pool, "slu_given");

  expect(first).toEqual({ made: expect.stringMatching(/^slu_/) as string, isGivenRevoked: false });
  expect(second).toEqual({ made: null, isGivenRevoked: false });
  expect(third).toEqual({ made: expect.stringMatching(/^slu_/) as string, isGivenRevoked: true });
  expect(await statusWith({ token: "slu_given" })).toBe(401);
  expect(await statusWith({ token: third.made ?? "" }, "/v1/tokens")).toBe(200);
});
