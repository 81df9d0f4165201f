/** Who may use a service, by its configuration. */
import type pg from "pg";
import type { AccessPolicy } from "./api/access.ts";
import type { Config } from "./config/config.ts";
import type { AccessTokens } from "./core/access-tokens.ts";
import type { LineLog } from "./core/line-log.ts";
import { createAccessTokens, ensureFirstToken } from "./store/access-tokens.ts";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "::1"]);

/** How clients of a service sign in. */
export interface SignIn {
  /** Whether requests need a token: it listens beyond loopback, and not without one. */
  readonly needsToken: boolean;
  /** Whether nobody but this machine reaches it. */
  readonly isLoopback: boolean;
  /** The token that was made at this start; null when none was. Shown once. */
  readonly firstToken: string | null;
  /** Whether the token of the configuration is not accepted, because it was revoked. */
  readonly isGivenTokenRevoked: boolean;
}

/** Decides by host and `auth`, and makes sure that a token is there where one is needed. */
export async function accessOf(
  config: Config,
  pool: pg.Pool,
  log: LineLog,
): Promise<{
  readonly access: AccessPolicy;
  readonly tokens: AccessTokens;
  readonly signIn: SignIn;
}> {
  const tokens = createAccessTokens(pool);
  const isLoopback = LOOPBACK.has(config.host);
  const without = { needsToken: false, isLoopback, firstToken: null, isGivenTokenRevoked: false };
  if (isLoopback) return { tokens, access: { kind: "loopback" }, signIn: without };
  if (config.auth === "none") return { tokens, access: { kind: "open" }, signIn: without };
  const { made, isGivenRevoked } = await ensureFirstToken(pool, config.token);
  if (isGivenRevoked)
    log(`the token of ${config.origins.token.name} was revoked: it is not accepted`, "warn");
  return {
    tokens,
    access: { kind: "token", verify: (secret) => tokens.verify(secret) },
    signIn: { ...without, needsToken: true, firstToken: made, isGivenTokenRevoked: isGivenRevoked },
  };
}
