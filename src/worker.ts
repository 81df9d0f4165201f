/**
 * The composition root of a worker: the engine of a service without its doors, on a database and a folder of files that
 * it shares with services. What starts later stops first.
 */
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { buildEngine, paceOf } from "./build-engine.ts";
import type { Config } from "./config/config.ts";
import type { EngineSettings } from "./core/engine-settings.ts";
import { SluiceError } from "./core/errors.ts";
import type { LineLog } from "./core/line-log.ts";
import { createLocalFolder } from "./files/local-folder.ts";
import { claimFolder } from "./postgres/folder-claim.ts";
import { openPool, serverVersion, WORKER_NAME } from "./store/connect.ts";
import { readSchemaState } from "./store/migrate.ts";
import { withStartErrors } from "./store/start-error.ts";
import { toLineLog } from "./service-log.ts";
import { StopStack } from "./stop-stack.ts";

/** A running worker. */
export interface RunningWorker {
  /** Its name, the same after every start on its folder. */
  readonly id: string;
  readonly postgres: { readonly version: string };
  /** Finishes the chunks in hand, gives the jobs back and stops everything. May be called twice. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What only programs set: the command line and tests. */
export interface WorkerOptions {
  readonly log?: (line: string) => void;
  /** Overrides of the engine's pace. */
  readonly settings?: Partial<EngineSettings>;
  /** The one job to work for, as the worker that a service keeps for its sample. */
  readonly only?: string;
  /** Ends the waiting for a schema. */
  readonly signal?: AbortSignal;
}

const CONNECTIONS = 4;
const SCHEMA_POLL_MS = 500;

const UNREADY = {
  absent:
    "The database has no schema of Sluice yet: waiting for a service or `sluice migrate` to make it.",
  older:
    "The schema of the database is of an older version: waiting for a service or `sluice migrate` of this one.",
} as const;

/**
 * Starts a worker: folder claim, database, engine. It never changes the schema: until a service of this version has
 * made it, the start waits and says so. When a step fails, what was started is stopped again. Errors: `invalid_config`
 * without a database, `folder_in_use`, `database_unreachable`, `database_refused`, `database_too_*`,
 * `files_folder_differs`, `storage_*`, and the reason of `signal`.
 */
export async function startWorker(
  config: Config,
  options: WorkerOptions = {},
): Promise<RunningWorker> {
  const stack = new StopStack();
  try {
    return await buildWorker(config, options, stack);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function buildWorker(
  config: Config,
  { log: given, settings, signal, only }: WorkerOptions,
  stack: StopStack,
): Promise<RunningWorker> {
  const url = databaseOf(config);
  const log = toLineLog(
    given ?? ((line: string) => process.stderr.write(`${line}\n`)),
    config.logLevel,
  );
  const claim = await claimFolder(config.dir, { isWorker: true });
  stack.add(() => claim.release());
  const pool = openPool(url, WORKER_NAME, CONNECTIONS);
  stack.add(() => pool.end());
  const { worker } = await withStartErrors(url, async () => {
    await waitForSchema(pool, log, signal);
    return buildEngine({
      config,
      settings: paceOf(config, settings),
      stack,
      log,
      pool,
      url,
      files: createLocalFolder(config.files),
      only: only ?? null,
    });
  });
  const stop = () => stack.stop();
  return {
    id: worker,
    postgres: { version: await serverVersion(pool) },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function databaseOf({ databaseUrl }: Config): string {
  if (databaseUrl !== null) return databaseUrl;
  throw new SluiceError(
    "invalid_config",
    "A worker needs DATABASE_URL: it runs the jobs of the services on that database. " +
      "A service with a private PostgreSQL runs its jobs itself.",
  );
}

async function waitForSchema(
  pool: pg.Pool,
  log: LineLog,
  signal: AbortSignal | undefined,
): Promise<void> {
  let said: string | null = null;
  for (;;) {
    const state = await readSchemaState(pool);
    if (state === "ready") return;
    if (said !== state) log(UNREADY[state]);
    said = state;
    await wait(SCHEMA_POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}
