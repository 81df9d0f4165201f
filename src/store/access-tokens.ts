/** Access tokens. Only their SHA-256 is stored, so a copy of the database opens nothing. */
import { createHash, randomBytes } from "node:crypto";
import type pg from "pg";
import { withStoreErrors } from "./connect.ts";
import { newId } from "./new-id.ts";
import { sql } from "./sql.ts";

/** What a token allows. Each includes the ones before it. */
type Scope = "read" | "operate" | "admin";

/** Whose token it is. */
export interface KnownToken {
  readonly by: string;
  readonly scope: Scope;
}

/** The token's owner, or null when it is unknown or revoked. Looked up by hash: the time tells nothing of a near miss. */
export async function findToken(pool: pg.Pool, token: string): Promise<KnownToken | null> {
  return withStoreErrors(async () => {
    const { rows } = await pool.query<{ name: string; scope: Scope }>(
      sql`select name, scope from sluice.access_token where sha256 = ${sha256(token)} and revoked_at is null`,
    );
    const row = rows[0];
    return row === undefined ? null : { by: row.name, scope: row.scope };
  });
}

/**
 * Makes sure that there is a token: `given` when there is one; otherwise, when none was ever made, a new one. Returns
 * the new token, which is shown once and never again, or null.
 */
export async function ensureFirstToken(
  pool: pg.Pool,
  given: string | null,
): Promise<string | null> {
  return withStoreErrors(async () => {
    if (given !== null) {
      await insertToken(pool, "SLUICE_TOKEN", given);
      return null;
    }
    const { rowCount } = await pool.query("select from sluice.access_token limit 1");
    if (rowCount !== 0) return null;
    const token = `slu_${randomBytes(32).toString("base64url")}`;
    await insertToken(pool, "first", token);
    return token;
  });
}

async function insertToken(pool: pg.Pool, name: string, token: string): Promise<void> {
  await pool.query(
    sql`insert into sluice.access_token (id, name, sha256, scope)
      values (${newId("token")}, ${name}, ${sha256(token)}, 'admin') on conflict (sha256) do nothing`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
