/** Access tokens as the API shows them. */
import type { AccessToken } from "../core/access-tokens.ts";
import type { NewTokenView, TokenView } from "./schemas/token.ts";

/** A token without its secret. */
export function tokenView(token: AccessToken): TokenView {
  const { id, name, scope, jobId, createdBy, createdAt, expiresAt } = token;
  return {
    id,
    name,
    scope,
    job: jobId,
    createdBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

/** A token that was made just now, with its secret. */
export function newTokenView(token: AccessToken, secret: string): NewTokenView {
  const page = token.jobId === null ? "/" : `/jobs/${token.jobId}`;
  return { ...tokenView(token), token: secret, path: `${page}#token=${secret}` };
}
