/**
 * `/v1/tokens`: who may use the service. A token for one job is a link that can be given away: it shows that job, and
 * nothing else. While the service is open to everybody tokens are not managed: whoever made one then could sign in later.
 */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { SluiceError } from "../../core/errors.ts";
import { createRouter, type AppContext, type AppEnv, type RouteTools } from "../app-context.ts";
import { present } from "../present.ts";
import { invalidRequest, notFound } from "../problem-details.ts";
import { json, jsonBody, problems } from "../responses.ts";
import { pageQuerySchema } from "../schemas/list.ts";
import { tokenIdSchema } from "../schemas/text.ts";
import { createTokenBodySchema, newTokenSchema, tokenListSchema } from "../schemas/token.ts";
import { newTokenView, tokenView } from "../token-view.ts";

const TAGS = ["Tokens"];

const listTokensRoute = createRoute({
  method: "get",
  path: "/v1/tokens",
  tags: TAGS,
  summary: "List the tokens that were not revoked, newest first",
  request: { query: pageQuerySchema(tokenIdSchema) },
  responses: {
    200: json("A page of tokens, without their secrets.", tokenListSchema),
    ...problems("invalid_request"),
  },
});

const createTokenRoute = createRoute({
  method: "post",
  path: "/v1/tokens",
  tags: TAGS,
  summary: "Make a token, whose secret is shown this once",
  description:
    "With `job` and the scope `read` it is a link to share: it shows that job alone, until `expiresAt` or until it is revoked.",
  request: { body: jsonBody(createTokenBodySchema) },
  responses: {
    201: json("The token, with its secret.", newTokenSchema),
    ...problems("invalid_request", "malformed_request", "not_found", "body_too_large"),
  },
});

const revokeTokenRoute = createRoute({
  method: "delete",
  path: "/v1/tokens/{tokenId}",
  tags: TAGS,
  summary: "Revoke a token",
  request: { params: z.strictObject({ tokenId: tokenIdSchema }) },
  responses: {
    204: {
      description: "It is not valid any more. Streams that it has open end within half a minute.",
    },
    ...problems("not_found"),
  },
});

/** The routes of tokens. */
export function tokenRoutes({ tokens }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(listTokensRoute, async (c) => {
    refuseWhenOpen(c);
    const { items, next } = await tokens.list(present(c.req.valid("query")));
    return c.json({ items: items.map(tokenView), next }, 200);
  });

  router.openapi(createTokenRoute, async (c) => {
    refuseWhenOpen(c);
    const { name, scope, job, expiresAt } = c.req.valid("json");
    const end = expiresAt === null ? null : new Date(expiresAt);
    if (job !== null && scope !== "read")
      throw invalid("/scope", "A token for one job can only read. Use the scope read.");
    if (end !== null && end.getTime() <= Date.now())
      throw invalid("/expiresAt", "Expected a time in the future.");
    const { token, secret } = await tokens.create(
      { name, scope, jobId: job, expiresAt: end },
      c.get("actor"),
    );
    return c.json(newTokenView(token, secret), 201);
  });

  router.openapi(revokeTokenRoute, async (c) => {
    refuseWhenOpen(c);
    const { tokenId } = c.req.valid("param");
    if (!(await tokens.revoke(tokenId))) throw notFound(`There is no token ${tokenId}.`);
    return c.body(null, 204);
  });

  return router;
}

function refuseWhenOpen(c: AppContext): void {
  if (c.get("access").mayAdminister) return;
  throw new SluiceError(
    "forbidden",
    "Tokens are not managed while SLUICE_AUTH=none lets everybody in. `sluice token` works on the machine of the service.",
  );
}

function invalid(pointer: string, detail: string): SluiceError {
  return invalidRequest([{ pointer, code: "invalid_value", detail }]);
}
