/** The schema of a database brought to this version, or the SQL for it, by whoever has the right to: no service has to. */
import { openPool } from "./connect.ts";
import { missingDispatchScript } from "./dispatch-schema.ts";
import { migrate, missingScript } from "./migrate.ts";
import { makeDispatchSchema } from "./pg-boss-dispatcher.ts";
import { withStartErrors } from "./start-error.ts";

const MIGRATE_NAME = "sluice migrate";
/** One holds the lock of the migrator, one is pg-boss's. */
const CONNECTIONS = 3;

/** What was applied. */
export interface SchemaUpgrade {
  /** Names of the migrations, in order. */
  readonly applied: readonly string[];
  /** Whether something of the queue was missing. */
  readonly madeDispatch: boolean;
}

/** Applies what is missing. Errors: `database_unreachable`, `database_refused`, `database_too_old`, `database_too_new`. */
export async function upgradeSchema(url: string): Promise<SchemaUpgrade> {
  return onDatabase(url, async (pool) => ({
    applied: await migrate(pool),
    madeDispatch: await makeDispatchSchema(pool),
  }));
}

/** The SQL of what is missing, empty when nothing is. It changes nothing. Errors: as of `upgradeSchema`. */
export async function missingSql(url: string): Promise<string> {
  return onDatabase(url, async (pool) =>
    [await missingScript(pool), await missingDispatchScript(pool)]
      .filter((script) => script !== "")
      .join("\n"),
  );
}

async function onDatabase<T>(
  url: string,
  work: (pool: ReturnType<typeof openPool>) => Promise<T>,
): Promise<T> {
  const pool = openPool(url, MIGRATE_NAME, CONNECTIONS);
  try {
    return await withStartErrors(url, () => work(pool));
  } finally {
    await pool.end();
  }
}
