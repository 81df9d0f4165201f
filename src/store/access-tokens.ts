/** Access tokens. Only their SHA-256 is stored, so a copy of the database opens nothing. */
import { createHash, randomBytes } from "node:crypto";
import type pg from "pg";
import type {
  AccessToken,
  AccessTokens,
  NewAccessToken,
  Scope,
  TokenHolder,
} from "../core/access-tokens.ts";
import { SluiceError } from "../core/errors.ts";
import type { Page } from "../core/job-service.ts";
import { sqlStateOf, withStoreErrors } from "./connect.ts";
import { newId } from "./new-id.ts";
import { pageOf } from "./rows.ts";
import { sql } from "./sql.ts";

/** Tokens over a pool. */
export function createAccessTokens(pool: pg.Pool): AccessTokens {
  return {
    create: (token, actor) => withStoreErrors(() => createToken(pool, token, actor.by)),
    list: (page) => withStoreErrors(() => listTokens(pool, page)),
    revoke: (tokenId) =>
      withStoreErrors(async () => {
        const { rowCount } = await pool.query(
          sql`update sluice.access_token set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = ${tokenId}`,
        );
        return rowCount === 1;
      }),
    verify: (secret) => withStoreErrors(() => findHolder(pool, secret)),
  };
}

/** Of the tokens that still open something. */
const IS_VALID = "revoked_at is null and (expires_at is null or expires_at > clock_timestamp())";

async function findHolder(pool: pg.Pool, secret: string): Promise<TokenHolder | null> {
  const { rows } = await pool.query<{ name: string; scope: Scope; job_id: string | null }>(
    `select name, scope, job_id from sluice.access_token where sha256 = $1 and ${IS_VALID}`,
    [sha256(secret)],
  );
  const row = rows[0];
  return row === undefined ? null : { by: row.name, scope: row.scope, jobId: row.job_id };
}

async function createToken(
  pool: pg.Pool,
  { name, scope, jobId, expiresAt }: NewAccessToken,
  createdBy: string,
): Promise<{ readonly token: AccessToken; readonly secret: string }> {
  const secret = newSecret();
  try {
    const { rows } = await pool.query<TokenRow>(
      sql`insert into sluice.access_token (id, name, sha256, scope, job_id, expires_at, created_by)
        values (${newId("token")}, ${name}, ${sha256(secret)}, ${scope}, ${jobId}, ${expiresAt}, ${createdBy})
        returning id, name, scope, job_id, created_by, created_at, expires_at`,
    );
    const [row] = rows;
    if (row === undefined) throw new Error("an insert returns its row");
    return { token: toToken(row), secret };
  } catch (error) {
    if (sqlStateOf(error) === FOREIGN_KEY_VIOLATION)
      throw new SluiceError("not_found", `There is no job ${jobId ?? ""}.`, { cause: error });
    throw error;
  }
}

const FOREIGN_KEY_VIOLATION = "23503";

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly job_id: string | null;
  readonly created_by: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

async function listTokens(
  pool: pg.Pool,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<Page<AccessToken>> {
  const { rows } = await pool.query<TokenRow>(
    sql`select id, name, scope, job_id, created_by, created_at, expires_at from sluice.access_token
      where revoked_at is null and (${cursor ?? null}::text is null or id < ${cursor ?? null})
      order by id desc limit ${limit + 1}`,
  );
  return pageOf(rows.map(toToken), limit);
}

function toToken(row: TokenRow): AccessToken {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    jobId: row.job_id,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** What became of the token that a service is given by its configuration. */
export interface FirstToken {
  /** A token that was made just now, and is shown once; null when none had to be. */
  readonly made: string | null;
  /** Whether the given one was revoked before, and so is not valid. */
  readonly isGivenRevoked: boolean;
}

/**
 * Makes sure that somebody can sign in: takes the `given` token when there is one, and makes one when no valid token may
 * manage the others. Two services that start together on a new database may each make one.
 */
export async function ensureFirstToken(pool: pg.Pool, given: string | null): Promise<FirstToken> {
  return withStoreErrors(async () => {
    if (given !== null) await insertToken(pool, "SLUICE_TOKEN", given);
    const isGivenRevoked = given !== null && (await findHolder(pool, given)) === null;
    const { rowCount } = await pool.query(
      `select from sluice.access_token where scope = 'admin' and ${IS_VALID} limit 1`,
    );
    if (rowCount !== 0) return { made: null, isGivenRevoked };
    const made = newSecret();
    await insertToken(pool, "first", made);
    return { made, isGivenRevoked };
  });
}

async function insertToken(pool: pg.Pool, name: string, secret: string): Promise<void> {
  await pool.query(
    sql`insert into sluice.access_token (id, name, sha256, scope)
      values (${newId("token")}, ${name}, ${sha256(secret)}, 'admin') on conflict (sha256) do nothing`,
  );
}

/** 256 bits that nobody guesses, so that a plain hash of them is enough. */
function newSecret(): string {
  return `slu_${randomBytes(32).toString("base64url")}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
