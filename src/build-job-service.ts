/** The face of an engine for the doors of a service: kinds of jobs, uploads in pieces, and what a service cleans up. */
import { createJobService } from "./engine/create-job-service.ts";
import { cleanExports } from "./engine/export-cleanup.ts";
import { createFileCleaning } from "./engine/file-cleaning.ts";
import { startLoop } from "./engine/loop.ts";
import { SampleKeeper } from "./engine/sample-keeper.ts";
import type { SampleTools } from "./engine/sample-service.ts";
import { createResumableUploads } from "./engine/resumable-uploads.ts";
import { canCompress } from "./files/segment-writer.ts";
import { createUploadFolder } from "./files/upload-folder.ts";
import type { JobService } from "./core/job-service.ts";
import type { ResumableUploads } from "./core/upload-ports.ts";
import type { Engine, EngineParts } from "./build-engine.ts";
import { createFailpoints } from "./engine/failpoints.ts";
import { createExportPlanner } from "./kinds/export/plan-export.ts";
import { createCorrections } from "./kinds/import/corrected-file.ts";
import { importPlanner } from "./kinds/import/import-planner.ts";
import { createRecordReading } from "./kinds/import/record-source.ts";
import { createProcessCatalog } from "./kinds/process/process-catalog.ts";
import { createProcessReading } from "./kinds/process/read-plan.ts";
import { createSampleStore } from "./store/sample-store.ts";
import { createUploadStore } from "./store/upload-store.ts";
import { forgetSample, sampleFolder, startSampleWorker } from "./sample-worker.ts";

/** How often files are looked for that a stop could not remove. */
const CLEANUP_EVERY_MS = 60_000;
/** How long the worker of a sample waits for a chunk in flight when it stops: a sample's are small. */
const SAMPLE_DRAIN_MS = 3_000;

/** Builds the job service over a running engine, and starts its cleaning. */
export function buildJobService(engine: Engine, parts: EngineParts): JobService {
  const { config, settings, files } = parts;
  const resumable = resumableUploads(engine, parts);
  startCleaning(engine, resumable, parts);
  const samples = startSamples(engine, parts);
  return createJobService({
    jobs: engine.jobs,
    files,
    ...kindsOf(engine, parts),
    settings,
    control: engine.control,
    maxUploadBytes: config.maxUploadBytes,
    nudge: engine.nudge,
    bell: engine.bell,
    uploads: engine.uploads,
    failpoints: createFailpoints(config.failpoint),
    resumable,
    samples,
    meter: engine.meter,
  });
}

/** Workers for sample jobs. They read the pace of this service, but end sooner than it does. */
function startSamples({ worker, troubles }: Engine, parts: EngineParts): SampleTools {
  const { config, settings, stack, log, pool, url } = parts;
  const store = createSampleStore(pool);
  const keeper = new SampleKeeper({
    keeper: worker,
    store,
    startWorker: (jobId) =>
      startSampleWorker(
        {
          jobId,
          config: {
            ...config,
            databaseUrl: url,
            dir: sampleFolder(config.dir, jobId),
            lanes: 1,
          },
          settings: { ...settings, drainMs: SAMPLE_DRAIN_MS },
        },
        log,
      ),
    forget: (jobId) => forgetSample(config.dir, jobId),
    log,
    troubles,
  });
  stack.add(() => keeper.stop());
  return { keeper, store };
}

/** What the job service needs of each kind of job. */
function kindsOf({ exporting, processes }: Engine, { settings, files }: EngineParts) {
  const partBytes = 4 * settings.minPartBytes;
  return {
    planner: importPlanner,
    reading: createRecordReading(files),
    corrections: createCorrections(files),
    processReading: createProcessReading(files),
    catalog: createProcessCatalog(processes),
    exportFiles: exporting.files,
    exportPlanner: createExportPlanner(exporting.jobs.exports, { canCompress, partBytes }),
  };
}

/** Uploads that are sent in pieces, taken by this worker. */
function resumableUploads(
  { worker, jobs }: Engine,
  { config, pool, files, settings }: EngineParts,
): ResumableUploads {
  return createResumableUploads({
    store: createUploadStore(pool, worker),
    files: createUploadFolder(config.files),
    stored: files,
    settings,
    maxUploadBytes: config.maxUploadBytes,
    newId: () => jobs.newFileId(),
  });
}

/** Looks at the start, and from time to time, for files that are over: of exports, of uploads that nobody goes on with, deleted ones. */
function startCleaning(
  { exporting, jobs, troubles }: Engine,
  resumable: ResumableUploads,
  { files, stack }: EngineParts,
): void {
  const cleanFiles = createFileCleaning({ jobs, files });
  const step = async (): Promise<void> => {
    await cleanExports(exporting);
    await cleanFiles();
    await resumable.clean();
  };
  const cleaning = startLoop("cleanup", CLEANUP_EVERY_MS, step, troubles);
  stack.add(() => cleaning.stop());
}
