/**
 * What services and workers have in common: the engine over a database that is at this program's version. What starts
 * later stops first.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import type { Config } from "./config/config.ts";
import { userCodeEnvironment } from "./config/user-code-environment.ts";
import { ENGINE_DEFAULTS, type EngineSettings } from "./core/engine-settings.ts";
import type { LineLog } from "./core/line-log.ts";
import { WorkMeter } from "./core/work-meter.ts";
import type { JobStore } from "./core/store-ports.ts";
import { createBell, type Bell } from "./engine/bell.ts";
import { createControl, type Control } from "./engine/control.ts";
import { withCleanup, type CleanupTools } from "./engine/export-cleanup.ts";
import { createFailpoints } from "./engine/failpoints.ts";
import type { UploadTools } from "./engine/import-upload.ts";
import { Supervisor } from "./engine/supervisor.ts";
import { createTroubleLog, type TroubleLog } from "./engine/trouble-log.ts";
import { createUploadControl } from "./engine/upload-control.ts";
import { startUploadRescue } from "./engine/upload-rescue.ts";
import { createExportFolder } from "./files/export-folder.ts";
import type { LocalFolder } from "./files/local-folder.ts";
import { makeFolder } from "./postgres/make-folder.ts";
import type { RunnerData } from "./runner-main.ts";
import { RunnerThreads } from "./runner-threads.ts";
import { createArrivalStore } from "./store/arrival-store.ts";
import { CONTROL_NAME, openPool } from "./store/connect.ts";
import { createControlStore } from "./store/control-store.ts";
import { createJobStore } from "./store/job-store.ts";
import { newId } from "./store/new-id.ts";
import { startPgBossDispatcher } from "./store/pg-boss-dispatcher.ts";
import { createSupervisorStore } from "./store/supervisor-store.ts";
import type { StopStack } from "./stop-stack.ts";

const CONTROL_CONNECTIONS = 4;

/** What an engine is built from. */
export interface EngineParts {
  readonly config: Config;
  /** The engine's pace, by `paceOf`. */
  readonly settings: EngineSettings;
  /** Takes what must be stopped. */
  readonly stack: StopStack;
  readonly log: LineLog;
  readonly pool: pg.Pool;
  readonly url: string;
  readonly files: LocalFolder;
  /** Threads that were started ahead; absent: each is started when its lane opens. */
  readonly threads?: RunnerThreads;
  /** The one job that this process works for; null or absent: any that no other worker is kept for. */
  readonly only?: string | null;
}

/** A running engine, as its owner builds further on it. */
export interface Engine {
  /** The name of the worker that this process is. */
  readonly worker: string;
  readonly jobs: JobStore;
  readonly control: Control;
  readonly exporting: CleanupTools & { readonly jobs: JobStore };
  readonly uploads: UploadTools;
  readonly processes: RunnerData["processes"];
  readonly bell: Bell;
  readonly troubles: TroubleLog;
  /** What its lanes have done. */
  readonly meter: WorkMeter;
  /** Lets the supervisor look for work now. */
  readonly nudge: () => void;
}

/** The engine's pace for this number of lanes, with what a program sets otherwise. */
export function paceOf(config: Config, overrides: Partial<EngineSettings> = {}): EngineSettings {
  return Object.freeze({
    ...ENGINE_DEFAULTS,
    partsAhead: Math.ceil(1.5 * config.lanes),
    ...overrides,
  });
}

/** Starts dispatch, control, the supervisor with its lanes, and the rescue of uploads. Errors: `files_folder_differs`, `database_*`, `storage_*`. */
export async function buildEngine(parts: EngineParts): Promise<Engine> {
  const { config, settings, stack, log, pool, url, files, only = null } = parts;
  const { threads = new RunnerThreads() } = parts;
  const { files: filesDir, failpoint } = config;
  const folder = await idOf(files, filesDir);
  const controlPool = openPool(url, CONTROL_NAME, CONTROL_CONNECTIONS);
  stack.add(() => controlPool.end());
  const dispatcher = await startPgBossDispatcher(pool, log);
  stack.add(() => dispatcher.stop());

  const jobs = createJobStore(pool, dispatcher, config.undoDays);
  const controlStore = createControlStore(controlPool, pool, dispatcher, config.undoDays);
  // Control tells the supervisor that there may be work, and the supervisor uses control.
  let supervisor: Supervisor | null = null;
  const nudge = (): void => supervisor?.nudge();
  const exporting = { jobs, files: createExportFolder(filesDir) };
  const control = withCleanup(createControl(jobs, controlStore, settings, nudge), exporting);
  const processes = { folder: config.processes, environment: userCodeEnvironment() };
  const meter = new WorkMeter();
  const data: RunnerData = {
    databaseUrl: url,
    filesDir,
    failpoint,
    settings,
    processes,
    meter: meter.memory,
  };
  const worker = await workerIdentity(config.dir);
  const arrivals = createArrivalStore(pool, worker);
  const uploads: UploadTools = { arrivals, control: createUploadControl(controlStore) };
  const bell = createBell();
  const troubles = createTroubleLog(log);
  const started = new Supervisor({
    worker,
    only,
    lanes: config.lanes,
    concurrency: config.concurrency,
    settings,
    store: createSupervisorStore(pool, folder, settings, only),
    controlStore,
    control,
    dispatcher,
    startThread: () => threads.take(data),
    log,
    troubles,
    hitHeartbeat: heartbeatFailpoint(failpoint),
    onConcluded: () => bell.ring(),
  });
  supervisor = started;
  if (only === null) {
    const rescuing = await startUploadRescue({ ...uploads, files, settings, log, troubles });
    stack.add(() => rescuing.stop());
  }
  stack.add(() => started.stop());
  await started.start();
  return { worker, jobs, control, exporting, uploads, processes, bell, troubles, meter, nudge };
}

function heartbeatFailpoint(failpoint: Config["failpoint"]): () => Promise<void> {
  const failpoints = createFailpoints(failpoint);
  return () => failpoints.hit("heartbeat");
}

async function idOf(files: LocalFolder, path: string): Promise<string> {
  await makeFolder(path);
  return files.identify();
}

/**
 * The name of this worker, the same after every start on the folder: it tells which runners and which unfinished uploads
 * are its own, so that work that a killed service left goes on at once. Whoever asks holds the claim of the folder.
 */
export async function workerIdentity(dir: string): Promise<string> {
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
