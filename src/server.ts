/**
 * The composition root of a service: folder claim, database, schema, engine, API. `build-engine.ts` builds what a service
 * shares with a worker (`worker.ts`). What starts later stops first.
 */
import { createApp } from "./api/create-app.ts";
import type { RouteTools } from "./api/app-context.ts";
import type { FileView } from "./api/schemas/file.ts";
import { senderName } from "./api/upload/sender-name.ts";
import { serveApp, type ServedApp } from "./api/serve-app.ts";
import { fileView } from "./api/views.ts";
import { buildEngine, paceOf, workerIdentity, type EngineParts } from "./build-engine.ts";
import { buildJobService } from "./build-job-service.ts";
import type { Config } from "./config/config.ts";
import type { EngineSettings } from "./core/engine-settings.ts";
import type { JobService } from "./core/job-service.ts";
import type { LocalFile } from "./core/ports.ts";
import { createLocalFolder } from "./files/local-folder.ts";
import { claimFolder } from "./postgres/folder-claim.ts";
import { RunnerThreads } from "./runner-threads.ts";
import { openPool, serverVersion, SERVICE_NAME } from "./store/connect.ts";
import { migrate } from "./store/migrate.ts";
import { withStartErrors } from "./store/start-error.ts";
import { openDatabase } from "./open-database.ts";
import { accessOf, type SignIn } from "./service-access.ts";
import { startWebhooks } from "./service-webhooks.ts";
import { toApiLog, toLineLog } from "./service-log.ts";
import { StopStack } from "./stop-stack.ts";
import { VERSION } from "./version.ts";

/** A running service. */
export interface Service extends SignIn {
  /** Where it listens, such as `http://127.0.0.1:5007`. */
  readonly url: string;
  /** Sends a request to it as `fetch` would, from this process and without a connection. */
  readonly fetch: typeof globalThis.fetch;
  /** Takes a file that was copied into its folder of files. Errors: `storage_*`, `database_*`. */
  readonly adoptFile: (name: string, file: LocalFile) => Promise<FileView>;
  readonly databaseUrl: string;
  readonly postgres: { readonly version: string; readonly isPrivate: boolean };
  /** Finishes the chunks in hand, gives the jobs back and stops everything. May be called twice. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What only programs set: the command line and tests. */
export interface ServiceOptions {
  readonly log?: (line: string) => void;
  /** Overrides of the engine's pace. */
  readonly settings?: Partial<EngineSettings>;
  /** Takes the next free port when the one asked for is taken. Default: only when the port was not chosen. */
  readonly mayTakeNextPort?: boolean;
  /** Folder with `bin/` of another PostgreSQL than the package's. */
  readonly postgresBinaries?: string;
  /** Threads for its lanes, started ahead. The service ends those that it does not need. */
  readonly threads?: RunnerThreads;
}

const SERVICE_CONNECTIONS = 8;
/** How many ports after the usual one are tried when it is taken. */
const NEXT_PORTS = 20;

/**
 * Starts the service: folder claim, database, schema, dispatch, lanes, API. When a step fails, what was started is
 * stopped again. Errors: `folder_in_use`, `database_*` but `database_unavailable` only for the private server, `port_in_use`, `files_folder_differs`, `storage_*`.
 */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const stack = new StopStack();
  try {
    return await buildService(config, options, stack);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function buildService(
  config: Config,
  options: ServiceOptions,
  stack: StopStack,
): Promise<Service> {
  const write = options.log ?? ((line: string) => process.stderr.write(`${line}\n`));
  const log = toLineLog(write, config.logLevel);
  const { threads = new RunnerThreads() } = options;
  stack.add(() => threads.stop());
  const claim = await claimFolder(config.dir);
  stack.add(() => claim.release());
  const database = await openDatabase(config, options.postgresBinaries);
  stack.add(() => database.close());
  const keeping = database.keep(log);
  stack.add(() => keeping.stop());
  const pool = openPool(database.url, SERVICE_NAME, SERVICE_CONNECTIONS);
  stack.add(() => pool.end());
  const inWords = <T>(work: () => Promise<T>): Promise<T> =>
    database.isPrivate ? work() : withStartErrors(database.url, work);
  await inWords(() => migrate(pool));

  const owner = await workerIdentity(config.dir);
  const doors = await inWords(() =>
    startJobService({
      config,
      settings: paceOf(config, options.settings),
      stack,
      log,
      pool,
      url: database.url,
      files: createLocalFolder(config.files, owner),
      threads,
    }),
  );
  const { access, tokens, signIn } = await accessOf(config, pool, log);
  const app = createApp({
    ...doors,
    tokens,
    access,
    info: { version: VERSION, maxUploadBytes: config.maxUploadBytes, create: config.create },
    log: toApiLog(write, config.logLevel),
    outage: () => keeping.outage(),
  });
  const server = await serveApp(app, {
    host: config.host,
    port: config.port,
    nextPorts: (options.mayTakeNextPort ?? config.origins.port.kind === "default") ? NEXT_PORTS : 0,
  });
  stack.add(() => server.stop());
  await claim.setUrl(server.url);

  return {
    ...doorsOf(doors.service, server),
    databaseUrl: database.url,
    postgres: { version: await serverVersion(pool), isPrivate: database.isPrivate },
    ...signIn,
    stop: () => stack.stop(),
    [Symbol.asyncDispose]: () => stack.stop(),
  };
}

function doorsOf(
  service: JobService,
  { url, fetch }: ServedApp,
): Pick<Service, "url" | "fetch" | "adoptFile"> {
  return {
    url,
    fetch,
    adoptFile: async (name, file) => fileView(await service.adoptFile(senderName(name), file)),
  };
}

/** The engine and what the API reaches it by. What a killed upload left in the folder of files is removed first. */
async function startJobService(
  parts: EngineParts,
): Promise<Pick<RouteTools, "service" | "webhooks" | "judgeUrl">> {
  await parts.files.sweep();
  const engine = await buildEngine(parts);
  return { service: buildJobService(engine, parts), ...startWebhooks(parts, engine.troubles) };
}
