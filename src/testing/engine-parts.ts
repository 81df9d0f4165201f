/**
 * The parts of the engine over a database of its own, for one job of one process: the service's, but that user code runs in
 * this operating system process, and that no messages are sent.
 */
import { mkdir } from "node:fs/promises";
import { ENGINE_DEFAULTS, type EngineSettings } from "../core/engine-settings.ts";
import type { Dispatcher } from "../core/ports.ts";
import { ChunkPace } from "../engine/chunk-pace.ts";
import { createControl } from "../engine/control.ts";
import { createExportFolder } from "../files/export-folder.ts";
import { createLocalFolder } from "../files/local-folder.ts";
import { createImportWork } from "../kinds/import/part-work.ts";
import { createOpenBatches } from "../kinds/process/batch-reader.ts";
import { createInProcessHosts } from "../kinds/process/in-process-hosts.ts";
import type { Process } from "../library/process.ts";
import { CONTROL_NAME, openPool, SERVICE_NAME } from "../store/connect.ts";
import { createControlStore } from "../store/control-store.ts";
import { createJobStore } from "../store/job-store.ts";
import { migrate } from "../store/migrate.ts";
import { createSupervisorStore } from "../store/supervisor-store.ts";

/** The same in every run, so that keys of records and batches are. */
export const JOB_ID = "job_00000000000000000000000001";
const CONNECTIONS = 4;
/** Errors are tried again at once. */
const SETTINGS: EngineSettings = { ...ENGINE_DEFAULTS, batchRetryMs: 1 };

/** Messages are lost: what waits is found by its rows. */
const NO_MESSAGES: Dispatcher = {
  dispatch: () => Promise.resolve(),
  take: () => Promise.resolve([]),
  done: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

/** The engine of one job. */
export type EngineParts = Awaited<ReturnType<typeof openEngineParts>>;

/** Opens it over an empty database, on which the SQL `setup` is run. Files are kept in `filesDir`. */
export async function openEngineParts(options: {
  readonly url: string;
  readonly filesDir: string;
  readonly setup: string;
  readonly process: Process;
  /** Where the source of the process is, for the places of errors. */
  readonly folder: string;
}) {
  const { url, filesDir, setup, process, folder } = options;
  const pool = openPool(url, SERVICE_NAME, CONNECTIONS);
  const controlPool = openPool(url, CONTROL_NAME, CONNECTIONS);
  const close = async (): Promise<void> => {
    await pool.end();
    await controlPool.end();
  };
  try {
    await migrate(pool);
    if (setup !== "") await pool.query(setup);
    await mkdir(filesDir, { recursive: true });
  } catch (error) {
    await close();
    throw error;
  }
  const files = createLocalFolder(filesDir);
  const exportFiles = createExportFolder(filesDir);
  const held = holdOpen();
  const reading = {
    ...files,
    open: held.each((...args: Parameters<typeof files.open>) => files.open(...args)),
  };
  const jobs = { ...createJobStore(pool, NO_MESSAGES), newJobId: () => JOB_ID };
  const controlStore = createControlStore(controlPool, pool, NO_MESSAGES);
  return {
    url,
    pool,
    files,
    jobs,
    control: createControl(jobs, controlStore, SETTINGS, tellNobody),
    supervision: createSupervisorStore(pool, "folder_testing", SETTINGS),
    runner: {
      work: createImportWork(reading),
      exportFiles: {
        ...exportFiles,
        openSegment: held.each((...args: Parameters<typeof exportFiles.openSegment>) =>
          exportFiles.openSegment(...args),
        ),
      },
      hosts: createInProcessHosts(process, folder),
      openBatches: createOpenBatches(reading),
      settings: SETTINGS,
      pace: new ChunkPace(SETTINGS),
      announce: tellNobody,
    },
    /** Closes the files that a crashed runner had open, as the end of an operating system process does. */
    closeFiles: () => held.closeAll(),
    close,
  };
}

interface Closable {
  close(): Promise<void>;
}

/** Files that are open. */
function holdOpen(): {
  /** `open`, whose files are remembered until they are closed. */
  each<A extends readonly unknown[], T extends Closable>(
    open: (...args: A) => Promise<T>,
  ): (...args: A) => Promise<T>;
  closeAll(): Promise<void>;
} {
  const held = new Set<Closable>();
  return {
    each:
      (open) =>
      async (...args) => {
        const file = await open(...args);
        held.add(file);
        const close = file.close.bind(file);
        file.close = () => {
          held.delete(file);
          return close();
        };
        return file;
      },
    closeAll: async () => {
      await Promise.all([...held].map((file) => file.close()));
    },
  };
}

function tellNobody(): void {}
