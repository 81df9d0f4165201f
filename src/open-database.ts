/** The database of a configuration, for the service and for the commands that only look. */
import type { Config } from "./config/config.ts";
import type { LineLog } from "./core/line-log.ts";

/** A database that can be connected to until it is closed. */
export interface OpenDatabase {
  readonly url: string;
  readonly isPrivate: boolean;
  /** Whether opening it started the private server. */
  readonly wasStarted: boolean;
  /** Keeps the private server running until the keeping is stopped; a database of one's own is its owner's. */
  keep(log: LineLog): DatabaseKeeping;
  /** Gives it up: the private server stops with its last user, unless `keepRunning`. May be called twice. */
  close(options?: { readonly keepRunning?: boolean }): Promise<void>;
}

/** Care for a database while a service uses it. */
export interface DatabaseKeeping {
  /** Why the database does not run, as sentences for people; null while it does, or when nobody here can know. */
  outage(): string | null;
  /** Ends the keeping. May be called twice. */
  stop(): Promise<void>;
}

/**
 * `DATABASE_URL`, or the private server of the folder, started when it does not run. `binaries` is the folder of
 * PostgreSQL's programs; left out, those of the installed platform package. Errors: those of `startPrivateServer`.
 */
export async function openDatabase(config: Config, binaries?: string): Promise<OpenDatabase> {
  if (config.databaseUrl !== null)
    return {
      url: config.databaseUrl,
      isPrivate: false,
      wasStarted: false,
      keep: () => ({ outage: () => null, stop: () => Promise.resolve() }),
      close: () => Promise.resolve(),
    };
  // Loaded only when it is needed: with a database of one's own nothing of it runs.
  const { startPrivateServer } = await import("./postgres/private-server.ts");
  const { keepServer } = await import("./postgres/server-keeper.ts");
  const server = await startPrivateServer({
    dir: config.dir,
    ...(binaries === undefined ? {} : { binaries }),
  });
  return {
    url: server.url,
    isPrivate: true,
    wasStarted: !server.wasAdopted,
    keep: (log) => keepServer(server, log),
    close: (options) => server.stop(options),
  };
}
