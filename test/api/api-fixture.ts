/** The app over the real service: database, files and planner as in production, and a runner that tests drive by hand. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccessPolicy } from "../../src/api/access.ts";
import type { WebhookStore } from "../../src/core/webhooks.ts";
import type { AccessTokens } from "../../src/core/access-tokens.ts";
import type { LogLevel } from "../../src/core/line-log.ts";
import { createApp } from "../../src/api/create-app.ts";
import { ENGINE_DEFAULTS } from "../../src/core/engine-settings.ts";
import { ERRORS } from "../../src/core/error-table.ts";
import { NO_FAILPOINTS } from "../../src/core/failpoint.ts";
import type { JobService } from "../../src/core/job-service.ts";
import type { PartWork } from "../../src/core/ports.ts";
import type { PartAssignment, RunnerStore, SupervisorStore } from "../../src/core/runner-ports.ts";
import { WorkMeter } from "../../src/core/work-meter.ts";
import { createBell } from "../../src/engine/bell.ts";
import { createControl, type Control } from "../../src/engine/control.ts";
import { meteredStore } from "../../src/engine/metered.ts";
import { createResumableUploads } from "../../src/engine/resumable-uploads.ts";
import { createUploadControl } from "../../src/engine/upload-control.ts";
import { createJobService } from "../../src/engine/create-job-service.ts";
import { createExportFolder } from "../../src/files/export-folder.ts";
import { createLocalFolder } from "../../src/files/local-folder.ts";
import { createUploadFolder } from "../../src/files/upload-folder.ts";
import { canCompress } from "../../src/files/segment-writer.ts";
import { createExportPlanner } from "../../src/kinds/export/plan-export.ts";
import { importPlanner } from "../../src/kinds/import/import-planner.ts";
import { createCorrections } from "../../src/kinds/import/corrected-file.ts";
import { createRecordReading } from "../../src/kinds/import/record-source.ts";
import { createProcessCatalog } from "../../src/kinds/process/process-catalog.ts";
import { createProcessReading } from "../../src/kinds/process/read-plan.ts";
import { createImportWork } from "../../src/kinds/import/part-work.ts";
import { CONTROL_NAME, openPool } from "../../src/store/connect.ts";
import { createAccessTokens } from "../../src/store/access-tokens.ts";
import { createArrivalStore } from "../../src/store/arrival-store.ts";
import { createControlStore } from "../../src/store/control-store.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { openRunnerStore } from "../../src/store/runner-store.ts";
import { createUploadStore } from "../../src/store/upload-store.ts";
import { createSupervisorStore } from "../../src/store/supervisor-store.ts";
import { createWebhookStore } from "../../src/store/webhook-store.ts";
import { createWebhookSender } from "../../src/webhooks/send-webhook.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { LOSING_DISPATCHER } from "../support/stored-job.ts";

const doNothing = (): void => undefined;
const ALL_RECORDS = Number.MAX_SAFE_INTEGER;

/** A line that the app logged. */
interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An answer with its JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The app, and everything that a test looks at behind it. */
export interface ApiFixture {
  readonly app: ReturnType<typeof createApp>;
  readonly service: JobService;
  readonly tokens: AccessTokens;
  readonly webhooks: WebhookStore;
  readonly control: Control;
  readonly database: TestDatabase;
  readonly runner: HandRunner;
  /** What was logged so far. */
  readonly log: LogLine[];
  /** Calls the app and reads the JSON of its answer; `{}` when it has no body. */
  call(path: string, init?: RequestInit): Promise<ApiAnswer>;
  /** Posts a body as JSON; a string is sent as it is. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  /** Another app over the same service. */
  appWith(access: AccessPolicy): ReturnType<typeof createApp>;
  /** Names in the folder of files, temporary ones included. */
  listStored(): Promise<readonly string[]>;
  /** A path in the folder of files. */
  pathOf(name: string): string;
  /** Stores a CSV and returns the id of its file. */
  store(csv: string | Uint8Array, name?: string): Promise<string>;
  /** Stops every active job, undoes every failed one, and removes every file. */
  clear(): Promise<void>;
  dispose(): Promise<void>;
}

/** Opens a fixture with a database and a folder of its own. */
export async function openApiFixture(
  options: { readonly maxUploadBytes?: number } = {},
): Promise<ApiFixture> {
  const maxUploadBytes = options.maxUploadBytes ?? 50_000_000;
  const dir = await mkdtemp(join(tmpdir(), "sluice-api-"));
  const database = await openTestDatabase();
  const controlPool = openPool(database.url, CONTROL_NAME, 4);
  const files = createLocalFolder(join(dir, "files"));
  const jobs = createJobStore(database.pool, LOSING_DISPATCHER);
  const controlStore = createControlStore(controlPool, database.pool, LOSING_DISPATCHER);
  const settings = ENGINE_DEFAULTS;
  const control = createControl(jobs, controlStore, settings, doNothing);
  const meter = new WorkMeter();
  const service = createJobService({
    jobs,
    files,
    exportFiles: createExportFolder(join(dir, "files")),
    planner: importPlanner,
    exportPlanner: createExportPlanner(jobs.exports, {
      canCompress,
      partBytes: 2 * settings.minPartBytes,
    }),
    reading: createRecordReading(files),
    corrections: createCorrections(files),
    catalog: createProcessCatalog({ folder: join(dir, "processes"), environment: {} }),
    processReading: createProcessReading(files),
    control,
    settings,
    maxUploadBytes,
    nudge: doNothing,
    bell: createBell(),
    meter,
    failpoints: NO_FAILPOINTS,
    uploads: {
      arrivals: createArrivalStore(database.pool, "worker_api_test"),
      control: createUploadControl(controlStore),
    },
    resumable: createResumableUploads({
      store: createUploadStore(database.pool, "worker_api_test"),
      files: createUploadFolder(join(dir, "files")),
      stored: files,
      settings,
      maxUploadBytes,
      newId: () => jobs.newFileId(),
    }),
  });
  const runnerStore = meteredStore(await openRunnerStore(database.url, NO_FAILPOINTS), meter);
  const supervision = createSupervisorStore(database.pool, "folder_test");
  const runnerId = await supervision.insertRunner("worker_api_test", 1);
  const tokens = createAccessTokens(database.pool);
  const webhooks = createWebhookStore(database.pool);
  const log: LogLine[] = [];
  const appWith = (access: AccessPolicy) =>
    createApp({
      service,
      tokens,
      webhooks,
      judgeUrl: createWebhookSender(new Set()).judge,
      access,
      info: { version: "1.2.3", maxUploadBytes },
      log: (level, message, fields) => log.push({ level, message, fields }),
    });
  const listStored = () => readdir(join(dir, "files")).catch(() => []);
  const app = appWith({ kind: "loopback" });
  const call = async (path: string, init: RequestInit = {}): Promise<ApiAnswer> => {
    const response = await app.request(path, init);
    const text = await response.text();
    // Every answer of the API is an object.
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body };
  };
  return {
    app,
    call,
    post: (path, body, headers = {}) =>
      call(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    service,
    tokens,
    webhooks,
    control,
    database,
    runner: new HandRunner(
      service,
      { runnerStore, supervision, control, runnerId },
      createImportWork(files),
    ),
    log,
    appWith,
    listStored,
    pathOf: (name) => join(dir, "files", name),
    store: async (csv, name = "people.csv") =>
      (await service.putFile(name, pieces(typeof csv === "string" ? Buffer.from(csv) : csv))).id,
    clear: async () => {
      const { items } = await service.listJobs({
        states: ["queued", "running", "pausing", "paused", "failed"],
        limit: 200,
      });
      for (const { id, state } of items)
        await service.act(id, state === "failed" ? "undo" : "stop", { by: "test" });
      const kept = await service.listFiles({ limit: 200 });
      for (const file of kept.items) await service.deleteFile(file.id);
    },
    dispose: async () => {
      await runnerStore.close();
      await controlPool.end();
      await database[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

/** Bytes as a stream in small pieces. */
async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface RunnerPorts {
  readonly runnerStore: RunnerStore;
  readonly supervision: SupervisorStore;
  readonly control: Control;
  readonly runnerId: string;
}

/** A runner that commits exactly as many records as a test asks for. Jobs must have one part. */
class HandRunner {
  readonly #service: JobService;
  readonly #ports: RunnerPorts;
  readonly #work: PartWork;

  constructor(service: JobService, ports: RunnerPorts, work: PartWork) {
    this.#service = service;
    this.#ports = ports;
    this.#work = work;
  }

  /** Claims the job's part when nobody has, and commits one chunk of `records` records. */
  async commit(jobId: string, records: number): Promise<void> {
    const assignment = await this.#claim(jobId);
    const reader = await this.#work.openPart(assignment.plan, assignment.part);
    try {
      const chunk = await reader.next({ records, sourceBytes: Number.MAX_SAFE_INTEGER });
      if (chunk === null) return;
      await this.#ports.runnerStore.commitChunk(
        assignment,
        reader.format,
        reader.copyColumns,
        chunk,
      );
    } finally {
      await reader.close();
    }
  }

  /** Commits everything that is left and publishes. */
  async finish(jobId: string): Promise<void> {
    await this.commit(jobId, ALL_RECORDS);
    const readPart: PartWork["openPart"] = (plan, part) => this.#work.openPart(plan, part);
    await this.#ports.runnerStore.publish(await this.#claim(jobId), readPart);
  }

  /** Ends the job by an error. */
  async fail(jobId: string): Promise<void> {
    const { epoch } = await this.#service.getJob(jobId);
    const advice = ERRORS.rows_refused.advice;
    const failure = { code: "rows_refused", message: "The database refused.", advice } as const;
    await this.#ports.control.fail(jobId, epoch, failure);
  }

  async #claim(jobId: string): Promise<PartAssignment> {
    const { runnerStore, supervision, runnerId } = this.#ports;
    const job = await this.#service.getJob(jobId);
    const message = { jobId, partNo: 1, epoch: job.epoch };
    if (job.state === "queued") await supervision.claim(runnerId, message, 1000);
    const assignment = await runnerStore.openPart(message);
    if (assignment === null) throw new Error(`the part of ${jobId} cannot be opened`);
    return assignment;
  }
}
