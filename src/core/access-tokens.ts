/** Access tokens: who may ask a service for what, and until when. */
import type { Actor, Page } from "./job-service.ts";

/** What a token allows. Each includes the ones before it. */
export const SCOPES = ["read", "operate", "admin"] as const;

/** What a token allows: to look; to make jobs and act on them; to manage tokens too. */
export type Scope = (typeof SCOPES)[number];

/** A token, without its secret, which nobody has but who was given it. */
export interface AccessToken {
  readonly id: string;
  /** By whom the timeline says that something was done. */
  readonly name: string;
  readonly scope: Scope;
  /** The only job that it shows; null: all. */
  readonly jobId: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  /** It is not valid from then on; null: until it is revoked. */
  readonly expiresAt: Date | null;
}

/** A token to be made. One for a job can only be of the scope `read`. */
export interface NewAccessToken {
  readonly name: string;
  readonly scope: Scope;
  readonly jobId: string | null;
  readonly expiresAt: Date | null;
}

/** Whose token it is, as long as it is valid. */
export interface TokenHolder extends Actor {
  readonly scope: Scope;
  readonly jobId: string | null;
}

/** The tokens of a database, which all services on it share. All methods may throw `database_unavailable`. */
export interface AccessTokens {
  /** Makes a token. `secret` is known from this answer alone. Errors: `not_found` for the job. */
  create(
    token: NewAccessToken,
    actor: Actor,
  ): Promise<{ readonly token: AccessToken; readonly secret: string }>;
  /** Those that were not revoked, newest first. */
  list(page: { readonly limit: number; readonly cursor?: string }): Promise<Page<AccessToken>>;
  /** From now on the token is not valid. Whether there is one of this id. */
  revoke(tokenId: string): Promise<boolean>;
  /** Whose token this is; null when it is unknown, has expired or was revoked. The time tells nothing of a near miss. */
  verify(secret: string): Promise<TokenHolder | null>;
}
