/** Tokens for whoever has the database itself, with or without a service: so nobody is locked out for good. */
import type { AccessTokens } from "../core/access-tokens.ts";
import { SluiceError } from "../core/errors.ts";
import { createAccessTokens } from "./access-tokens.ts";
import { openPool } from "./connect.ts";
import { readSchemaState } from "./migrate.ts";
import { sql } from "./sql.ts";
import { withStartErrors } from "./start-error.ts";

const TOKEN_NAME = "sluice token";

/** The tokens of a database. */
export interface LocalTokens {
  readonly tokens: AccessTokens;
  /** Ids of jobs that begin with `prefix`, newest first, at most two. */
  findJobIds(prefix: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Opens them. Errors: `database_unreachable`, `database_refused` also for a database without Sluice's schema, `database_too_new`. */
export async function openLocalTokens(url: string): Promise<LocalTokens> {
  const pool = openPool(url, TOKEN_NAME, 1);
  try {
    const state = await withStartErrors(url, () => readSchemaState(pool));
    if (state !== "ready")
      throw new SluiceError(
        "database_refused",
        `The database has ${state === "absent" ? "no schema of Sluice" : "an older schema of Sluice"}. ` +
          "Start a service of this version on it, or run `sluice migrate`.",
      );
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    tokens: createAccessTokens(pool),
    findJobIds: async (prefix) => {
      const { rows } = await pool.query<{ id: string }>(
        sql`select id from sluice.job where starts_with(id, ${prefix}) order by id desc limit 2`,
      );
      return rows.map(({ id }) => id);
    },
    close: () => pool.end(),
  };
}
