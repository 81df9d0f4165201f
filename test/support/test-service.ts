/** A job service of this process over a database and a folder of files, with whatever does its work elsewhere. */
import type pg from "pg";
import type { EngineSettings } from "../../src/core/engine-settings.ts";
import type { JobService } from "../../src/core/job-service.ts";
import type { ProcessCatalog } from "../../src/core/process-ports.ts";
import type { JobStore } from "../../src/core/store-ports.ts";
import { WorkMeter } from "../../src/core/work-meter.ts";
import { createBell } from "../../src/engine/bell.ts";
import { createControl, type Control } from "../../src/engine/control.ts";
import { createJobService } from "../../src/engine/create-job-service.ts";
import { withCleanup } from "../../src/engine/export-cleanup.ts";
import { createResumableUploads } from "../../src/engine/resumable-uploads.ts";
import { createUploadControl } from "../../src/engine/upload-control.ts";
import { createExportFolder } from "../../src/files/export-folder.ts";
import { createLocalFolder } from "../../src/files/local-folder.ts";
import { canCompress } from "../../src/files/segment-writer.ts";
import { createUploadFolder } from "../../src/files/upload-folder.ts";
import { createExportPlanner } from "../../src/kinds/export/plan-export.ts";
import { importPlanner } from "../../src/kinds/import/import-planner.ts";
import { NO_FAILPOINTS } from "../../src/core/failpoint.ts";
import { createCorrections } from "../../src/kinds/import/corrected-file.ts";
import { createRecordReading } from "../../src/kinds/import/record-source.ts";
import { createProcessReading } from "../../src/kinds/process/read-plan.ts";
import { createArrivalStore } from "../../src/store/arrival-store.ts";
import { createControlStore } from "../../src/store/control-store.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { createUploadStore } from "../../src/store/upload-store.ts";
import { LOSING_DISPATCHER } from "./stored-job.ts";

/** What a service is made of. */
export interface TestServiceOptions {
  readonly pool: pg.Pool;
  readonly controlPool: pg.Pool;
  readonly filesDir: string;
  readonly settings: EngineSettings;
  readonly catalog: ProcessCatalog;
  readonly nudge: () => void;
}

/** The service, with what a supervisor beside it needs. */
export interface TestService {
  readonly service: JobService;
  readonly jobs: JobStore;
  readonly control: Control;
  readonly controlStore: ReturnType<typeof createControlStore>;
  readonly files: ReturnType<typeof createLocalFolder>;
  readonly exportFiles: ReturnType<typeof createExportFolder>;
}

/** Makes one. It sends no messages: supervisors find what waits. */
export function createTestService(options: TestServiceOptions): TestService {
  const { pool, controlPool, filesDir, settings, catalog, nudge } = options;
  const files = createLocalFolder(filesDir);
  const exportFiles = createExportFolder(filesDir);
  const jobs = createJobStore(pool, LOSING_DISPATCHER);
  const controlStore = createControlStore(controlPool, pool, LOSING_DISPATCHER);
  const cleaned = { jobs, files: exportFiles };
  const control = withCleanup(createControl(jobs, controlStore, settings, nudge), cleaned);
  const service = createJobService({
    jobs,
    files,
    exportFiles,
    planner: importPlanner,
    exportPlanner: createExportPlanner(jobs.exports, { canCompress, partBytes: 1_000_000 }),
    reading: createRecordReading(files),
    corrections: createCorrections(files),
    catalog,
    processReading: createProcessReading(files),
    control,
    settings,
    maxUploadBytes: 500_000_000,
    nudge,
    bell: createBell(),
    meter: new WorkMeter(),
    failpoints: NO_FAILPOINTS,
    uploads: {
      arrivals: createArrivalStore(pool, "worker_test_service"),
      control: createUploadControl(controlStore),
    },
    resumable: createResumableUploads({
      store: createUploadStore(pool, "worker_test_service"),
      files: createUploadFolder(filesDir),
      stored: files,
      settings,
      maxUploadBytes: 500_000_000,
      newId: () => jobs.newFileId(),
    }),
  });
  return { service, jobs, control, controlStore, files, exportFiles };
}
