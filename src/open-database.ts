/** The database of a configuration, for the service and for the commands that only look. */
import type { Config } from "./config/config.ts";

/** A database that can be connected to until it is closed. */
export interface OpenDatabase {
  readonly url: string;
  readonly isPrivate: boolean;
  /** Whether opening it started the private server. */
  readonly wasStarted: boolean;
  /** Gives it up: the private server stops with its last user, unless `keepRunning`. May be called twice. */
  close(options?: { readonly keepRunning?: boolean }): Promise<void>;
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
      close: () => Promise.resolve(),
    };
  // Loaded only when it is needed: with a database of one's own nothing of it runs.
  const { startPrivateServer } = await import("./postgres/private-server.ts");
  const server = await startPrivateServer({
    dir: config.dir,
    ...(binaries === undefined ? {} : { binaries }),
  });
  return {
    url: server.url,
    isPrivate: true,
    wasStarted: !server.wasAdopted,
    close: (options) => server.stop(options),
  };
}
