/**
 * Entry of a runner thread, and its composition root: builds what a runner works with from the thread's data, which is its
 * first message.
 */
import "./store/runtime-name.ts";
import { parentPort, type MessagePort } from "node:worker_threads";
import type { EngineSettings } from "./core/engine-settings.ts";
import { WorkMeter } from "./core/work-meter.ts";
import { hotModule } from "./csv/hot-module.ts";
import { createFailpoints } from "./engine/failpoints.ts";
import { meteredStore } from "./engine/metered.ts";
import { serveRunner } from "./engine/runner-thread.ts";
import { createExportFolder } from "./files/export-folder.ts";
import { createLocalFolder } from "./files/local-folder.ts";
import { createImportWork } from "./kinds/import/part-work.ts";
import { createOpenBatches } from "./kinds/process/batch-reader.ts";
import { createProcessHosts } from "./kinds/process/process-hosts.ts";
import { openRunnerStore } from "./store/runner-store.ts";

/** What each thread works with: made by `build-engine.ts`, sent by `runner-threads.ts`. */
export interface RunnerData {
  readonly databaseUrl: string;
  readonly filesDir: string;
  readonly failpoint: string | null;
  readonly settings: EngineSettings;
  /** Where user code is, and the environment that it gets. */
  readonly processes: {
    readonly folder: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  };
  /** Memory of the `WorkMeter` of all threads. */
  readonly meter: SharedArrayBuffer;
}

if (parentPort === null) throw new Error("This file is the entry of a runner thread.");
const port = parentPort;
port.once("message", (data: RunnerData) => serve(port, data));
// Compiled while the thread has nothing to do.
hotModule();

function serve(to: MessagePort, data: RunnerData): void {
  const failpoints = createFailpoints(data.failpoint);
  const meter = new WorkMeter(data.meter);
  const files = createLocalFolder(data.filesDir);
  serveRunner(to, {
    openStore: async () => meteredStore(await openRunnerStore(data.databaseUrl, failpoints), meter),
    work: createImportWork(files),
    exportFiles: createExportFolder(data.filesDir),
    hosts: createProcessHosts(data.processes),
    openBatches: createOpenBatches(files),
    settings: data.settings,
    failpoints,
  });
}
