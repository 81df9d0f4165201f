/** Entry of a runner thread, and its composition root: builds what a runner works with from the thread's data. */
import "./store/runtime-name.ts";
import { parentPort, workerData } from "node:worker_threads";
import type { EngineSettings } from "./core/engine-settings.ts";
import { createFailpoints } from "./engine/failpoints.ts";
import { serveRunner } from "./engine/runner-thread.ts";
import { createExportFolder } from "./files/export-folder.ts";
import { createLocalFolder } from "./files/local-folder.ts";
import { createImportWork } from "./kinds/import/part-work.ts";
import { openRunnerStore } from "./store/runner-store.ts";

/** What `server.ts` gives to each thread. */
export interface RunnerData {
  readonly databaseUrl: string;
  readonly filesDir: string;
  readonly failpoint: string | null;
  readonly settings: EngineSettings;
}

const data = workerData as RunnerData; // server.ts starts this thread and is typed by the same interface
if (parentPort === null) throw new Error("This file is the entry of a runner thread.");

const failpoints = createFailpoints(data.failpoint);
serveRunner(parentPort, {
  openStore: () => openRunnerStore(data.databaseUrl, failpoints),
  work: createImportWork(createLocalFolder(data.filesDir)),
  exportFiles: createExportFolder(data.filesDir),
  settings: data.settings,
  failpoints,
});
