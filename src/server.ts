/**
 * The composition root: the only place that builds adapters and puts them together. What starts later stops first.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type pg from "pg";
import { createApp } from "./api/create-app.ts";
import { serveApp } from "./api/serve-app.ts";
import type { Config } from "./config/config.ts";
import { userCodeEnvironment } from "./config/user-code-environment.ts";
import { ENGINE_DEFAULTS, type EngineSettings } from "./core/engine-settings.ts";
import type { LineLog } from "./core/line-log.ts";
import type { JobService } from "./core/job-service.ts";
import { createBell } from "./engine/bell.ts";
import type { JobStore } from "./core/store-ports.ts";
import type { ResumableUploads } from "./core/upload-ports.ts";
import { createControl } from "./engine/control.ts";
import { createJobService } from "./engine/create-job-service.ts";
import { cleanExports, withCleanup, type CleanupTools } from "./engine/export-cleanup.ts";
import { createFailpoints } from "./engine/failpoints.ts";
import type { UploadTools } from "./engine/import-upload.ts";
import { startLoop } from "./engine/loop.ts";
import { Supervisor } from "./engine/supervisor.ts";
import { createTroubleLog, type TroubleLog } from "./engine/trouble-log.ts";
import { createResumableUploads } from "./engine/resumable-uploads.ts";
import { createUploadControl } from "./engine/upload-control.ts";
import { startUploadRescue } from "./engine/upload-rescue.ts";
import { createExportFolder } from "./files/export-folder.ts";
import { createLocalFolder, type LocalFolder } from "./files/local-folder.ts";
import { canCompress } from "./files/segment-writer.ts";
import { createUploadFolder } from "./files/upload-folder.ts";
import { createExportPlanner } from "./kinds/export/plan-export.ts";
import { importPlanner } from "./kinds/import/import-planner.ts";
import { createRecordReading } from "./kinds/import/record-source.ts";
import { createProcessCatalog } from "./kinds/process/process-catalog.ts";
import { createProcessReading } from "./kinds/process/read-plan.ts";
import { makeFolder } from "./postgres/make-folder.ts";
import { claimFolder } from "./postgres/folder-claim.ts";
import type { RunnerData } from "./runner-main.ts";
import { CONTROL_NAME, openPool, SERVICE_NAME } from "./store/connect.ts";
import { createArrivalStore } from "./store/arrival-store.ts";
import { createControlStore } from "./store/control-store.ts";
import { createJobStore } from "./store/job-store.ts";
import { migrate } from "./store/migrate.ts";
import { newId } from "./store/new-id.ts";
import { startPgBossDispatcher } from "./store/pg-boss-dispatcher.ts";
import { withStartErrors } from "./store/start-error.ts";
import { createSupervisorStore } from "./store/supervisor-store.ts";
import { createUploadStore } from "./store/upload-store.ts";
import { openDatabase } from "./open-database.ts";
import { accessOf } from "./service-access.ts";
import { toApiLog, toLineLog } from "./service-log.ts";
import { StopStack } from "./stop-stack.ts";
import { VERSION } from "./version.ts";

/** A running service. */
export interface Service {
  /** Where it listens, such as `http://127.0.0.1:5007`. */
  readonly url: string;
  /** Sends a request to it as `fetch` would, from this process and without a connection. */
  readonly fetch: typeof globalThis.fetch;
  readonly databaseUrl: string;
  readonly postgres: { readonly version: string; readonly isPrivate: boolean };
  /** Whether requests need a token: it listens beyond loopback, and not without one. */
  readonly needsToken: boolean;
  /** The token that was made at this start; null when none was. Shown once. */
  readonly firstToken: string | null;
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
}

const SERVICE_CONNECTIONS = 8;
const CONTROL_CONNECTIONS = 4;
/** How often files are looked for that a stop could not remove. */
const CLEANUP_EVERY_MS = 60_000;
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

  const service = await inWords(() =>
    buildEngine({ config, options, stack, log, pool, url: database.url }),
  );
  const { access, needsToken, firstToken } = await accessOf(config, pool);
  const app = createApp({
    service,
    access,
    info: {
      version: VERSION,
      maxUploadBytes: config.maxUploadBytes,
      create: config.create,
    },
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

  const stop = () => stack.stop();
  return {
    url: server.url,
    fetch: server.fetch,
    databaseUrl: database.url,
    postgres: { version: await serverVersion(pool), isPrivate: database.isPrivate },
    needsToken,
    firstToken,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface EngineParts {
  readonly config: Config;
  readonly options: ServiceOptions;
  readonly stack: StopStack;
  readonly log: LineLog;
  readonly pool: pg.Pool;
  readonly url: string;
}

/** The engine over a migrated database: dispatch, control, the lanes of this worker, and the face for the doors. */
async function buildEngine(parts: EngineParts): Promise<JobService> {
  const { config, options, stack, log, pool, url } = parts;
  const settings = paceOf(config, options);
  const { files: filesDir, failpoint } = config;
  const { files, folder } = await openFiles(filesDir);
  const controlPool = openPool(url, CONTROL_NAME, CONTROL_CONNECTIONS);
  stack.add(() => controlPool.end());
  const dispatcher = await startPgBossDispatcher(pool, log);
  stack.add(() => dispatcher.stop());

  const jobs = createJobStore(pool, dispatcher);
  const controlStore = createControlStore(controlPool, pool, dispatcher);
  // Control tells the supervisor that there may be work, and the supervisor uses control.
  let supervisor: Supervisor | null = null;
  const nudge = (): void => supervisor?.nudge();
  const exporting = { jobs, files: createExportFolder(filesDir) };
  const control = withCleanup(createControl(jobs, controlStore, settings, nudge), exporting);
  const processes = { folder: config.processes, environment: userCodeEnvironment() };
  const data: RunnerData = { databaseUrl: url, filesDir, failpoint, settings, processes };
  const worker = await workerIdentity(config.dir);
  const arrivals = createArrivalStore(pool, worker);
  const uploads: UploadTools = { arrivals, control: createUploadControl(controlStore) };
  const bell = createBell();
  const troubles = createTroubleLog(log);
  const started = new Supervisor({
    worker,
    lanes: config.lanes,
    concurrency: config.concurrency,
    settings,
    store: createSupervisorStore(pool, folder, settings),
    controlStore,
    control,
    dispatcher,
    startThread: () => startThread(data),
    log,
    troubles,
    hitHeartbeat: heartbeatFailpoint(failpoint),
    onConcluded: () => bell.ring(),
  });
  supervisor = started;
  const rescuing = await startUploadRescue({ ...uploads, files, settings, log, troubles });
  stack.add(() => rescuing.stop());
  stack.add(() => started.stop());
  await started.start();
  const resumable = resumableUploads({ config, pool, jobs, worker, files, settings });
  startCleaning(exporting, resumable, troubles, stack);
  return createJobService({
    jobs,
    files,
    ...kindsOf(exporting, files, settings, processes),
    control,
    maxUploadBytes: config.maxUploadBytes,
    nudge,
    bell,
    uploads,
    resumable,
  });
}

function heartbeatFailpoint(failpoint: Config["failpoint"]): () => Promise<void> {
  const failpoints = createFailpoints(failpoint);
  return () => failpoints.hit("heartbeat");
}

/** The engine's pace for this number of lanes, with what a program sets otherwise. */
function paceOf(config: Config, options: ServiceOptions): EngineSettings {
  return Object.freeze({
    ...ENGINE_DEFAULTS,
    partsAhead: 2 * config.lanes,
    ...options.settings,
  });
}

/** What the job service needs of each kind of job, and their pace. */
function kindsOf(
  exporting: CleanupTools & { readonly jobs: JobStore },
  files: LocalFolder,
  settings: EngineSettings,
  processes: RunnerData["processes"],
) {
  const partBytes = 4 * settings.minPartBytes;
  return {
    settings,
    planner: importPlanner,
    reading: createRecordReading(files),
    processReading: createProcessReading(files),
    catalog: createProcessCatalog(processes),
    exportFiles: exporting.files,
    exportPlanner: createExportPlanner(exporting.jobs.exports, { canCompress, partBytes }),
  };
}

/** Uploads that are sent in pieces, taken by this worker. */
function resumableUploads({
  config,
  pool,
  jobs,
  worker,
  files,
  settings,
}: Pick<EngineParts, "config" | "pool"> & {
  readonly jobs: JobStore;
  readonly worker: string;
  readonly files: LocalFolder;
  readonly settings: EngineSettings;
}): ResumableUploads {
  return createResumableUploads({
    store: createUploadStore(pool, worker),
    files: createUploadFolder(config.files),
    stored: files,
    settings,
    maxUploadBytes: config.maxUploadBytes,
    newId: () => jobs.newFileId(),
  });
}

/** Looks at the start, and from time to time, for files of exports that are over and for uploads that nobody goes on with. */
function startCleaning(
  tools: CleanupTools,
  resumable: ResumableUploads,
  troubles: TroubleLog,
  stack: StopStack,
): void {
  const step = async (): Promise<void> => {
    await cleanExports(tools);
    await resumable.clean();
  };
  const cleaning = startLoop("cleanup", CLEANUP_EVERY_MS, step, troubles);
  stack.add(() => cleaning.stop());
}

/** The folder of files and its id; what a killed upload left there is removed. */
async function openFiles(path: string): Promise<{ files: LocalFolder; folder: string }> {
  const files = createLocalFolder(path);
  await files.sweep();
  await makeFolder(path);
  return { files, folder: await files.identify() };
}

function startThread(data: RunnerData): Worker {
  return new Worker(new URL("./runner-main.js", import.meta.url), {
    workerData: data,
    name: "sluice runner",
  });
}

/**
 * The name of this worker, the same after every start on the folder: it tells which runners are its own, so that work
 * that a killed service left goes on at once.
 */
async function workerIdentity(dir: string): Promise<string> {
  const path = join(dir, "worker-id");
  try {
    const known = (await readFile(path, "utf8")).trim();
    if (/^worker_[0-9a-z]{26}$/.test(known)) return known;
  } catch {
    // The first start on this folder.
  }
  const made = newId("worker");
  await writeFile(path, `${made}\n`);
  return made;
}

async function serverVersion(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  return rows[0]?.version.split(" ")[0] ?? "";
}
