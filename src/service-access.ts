/** Who may use a service, by its configuration. */
import type pg from "pg";
import type { AccessPolicy } from "./api/access.ts";
import type { Config } from "./config/config.ts";
import { ensureFirstToken, findToken } from "./store/access-tokens.ts";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "::1"]);

/** The policy; whether it asks for a token; and the token that was made for it just now, null when none was. */
export async function accessOf(
  config: Config,
  pool: pg.Pool,
): Promise<{ access: AccessPolicy; needsToken: boolean; firstToken: string | null }> {
  if (LOOPBACK.has(config.host))
    return { access: { kind: "loopback" }, needsToken: false, firstToken: null };
  if (config.auth === "none")
    return { access: { kind: "open" }, needsToken: false, firstToken: null };
  const firstToken = await ensureFirstToken(pool, config.token);
  return {
    access: { kind: "token", verify: (token) => findToken(pool, token) },
    needsToken: true,
    firstToken,
  };
}
