/**
 * Processes through the job service, a supervisor and runners of this process, with user code that is a function of the
 * test: the port of hosts is what separates the engine from user code, and this is its fake.
 */
import { EventEmitter, once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MessageChannel, type Worker } from "node:worker_threads";
import type pg from "pg";
import { ENGINE_DEFAULTS, type EngineSettings } from "../../src/core/engine-settings.ts";
import { SluiceError } from "../../src/core/errors.ts";
import type { Failpoints } from "../../src/core/failpoint.ts";
import { NO_FAILPOINTS } from "../../src/core/failpoint.ts";
import type { ProcessJob } from "../../src/core/job.ts";
import type { JobService } from "../../src/core/job-service.ts";
import type { ProcessRequest } from "../../src/core/process-plan.ts";
import type { ProcessCatalog, ProcessHosts } from "../../src/core/process-ports.ts";
import type { RunnerStore } from "../../src/core/runner-ports.ts";
import type { Control } from "../../src/engine/control.ts";
import { cleanExports } from "../../src/engine/export-cleanup.ts";
import { createFileCleaning } from "../../src/engine/file-cleaning.ts";
import { serveRunner } from "../../src/engine/runner-thread.ts";
import { Supervisor } from "../../src/engine/supervisor.ts";
import { createTroubleLog } from "../../src/engine/trouble-log.ts";
import { createImportWork } from "../../src/kinds/import/part-work.ts";
import { createOpenBatches } from "../../src/kinds/process/batch-reader.ts";
import { CONTROL_NAME, openPool } from "../../src/store/connect.ts";
import { openRunnerStore } from "../../src/store/runner-store.ts";
import { createSupervisorStore } from "../../src/store/supervisor-store.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";
import { FakeHost, type TestProcess, type UserCall } from "./fake-host.ts";
import { temporaryFolder } from "./service.ts";
import { LOSING_DISPATCHER } from "./stored-job.ts";
import { createTestService } from "./test-service.ts";
import { until } from "./until.ts";

/** A scene with one process, which may be another from one start of a host to the next. */
export class ProcessScene {
  readonly database: TestDatabase;
  readonly service: JobService;
  readonly control: Control;
  readonly calls: UserCall[] = [];
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #controlPool: pg.Pool;
  readonly #newSupervisor: () => Supervisor;
  process: TestProcess;
  failpoints: Failpoints = NO_FAILPOINTS;
  supervisor: Supervisor;
  hostsStarted = 0;

  private constructor(
    database: TestDatabase,
    folder: Awaited<ReturnType<typeof temporaryFolder>>,
    process: TestProcess,
    settings: EngineSettings,
  ) {
    this.database = database;
    this.#folder = folder;
    this.process = process;
    this.#controlPool = openPool(database.url, CONTROL_NAME, 4);
    const filesDir = join(folder.path, "files");
    const nudge = (): void => this.supervisor?.nudge();
    const remote = createTestService({
      pool: database.pool,
      controlPool: this.#controlPool,
      filesDir,
      settings,
      catalog: this.#catalog(),
      nudge,
    });
    const { jobs, files, exportFiles, control, controlStore } = remote;
    this.control = control;
    this.clean = async () => {
      await cleanExports({ jobs, files: exportFiles });
      await createFileCleaning({ jobs, files })();
    };
    this.service = remote.service;
    const failpoints: Failpoints = {
      hit: (name) => this.failpoints.hit(name),
      hitNow: (name) => this.failpoints.hitNow(name),
      chunkGapMs: 0,
    };
    const tools = {
      openStore: () => openRunnerStore(database.url, failpoints),
      work: createImportWork(files),
      exportFiles,
      hosts: this.#hosts(),
      openBatches: createOpenBatches(files),
      settings,
      failpoints,
    };
    let worker = 0;
    this.#newSupervisor = () => {
      worker += 1;
      return new Supervisor({
        worker: `worker_scene_${worker}`,
        lanes: 2,
        concurrency: 2,
        settings,
        store: createSupervisorStore(database.pool, "folder_test", settings),
        controlStore,
        control,
        dispatcher: LOSING_DISPATCHER,
        startThread: () => fakeThread(tools),
        log: noLog,
        troubles: createTroubleLog(noLog),
        hitHeartbeat: () => Promise.resolve(),
        onConcluded: () => undefined,
      });
    };
    this.supervisor = this.#newSupervisor();
  }

  static async open(
    process: TestProcess,
    settings: Partial<EngineSettings> = {},
  ): Promise<ProcessScene> {
    const scene = new ProcessScene(await openTestDatabase(), await temporaryFolder(), process, {
      ...ENGINE_DEFAULTS,
      sweepMs: 50,
      pollMs: 20,
      batchPollMs: 20,
      batchRetryMs: 10,
      hostGraceMs: 200,
      ...settings,
    });
    await scene.supervisor.start();
    return scene;
  }

  get pool(): pg.Pool {
    return this.database.pool;
  }

  /** Stops the supervisor and starts another, as a service that is started again. */
  async restart(): Promise<void> {
    await this.supervisor.stop();
    this.supervisor = this.#newSupervisor();
    await this.supervisor.start();
  }

  /** Stores records `1` to `count` with a name each, and starts the process over them. */
  async start(count: number, request: Partial<ProcessRequest> = {}): Promise<ProcessJob> {
    return this.startOver(linesOf(count), request);
  }

  /** Stores a CSV, and starts the process over it. */
  async startOver(csv: string, request: Partial<ProcessRequest> = {}): Promise<ProcessJob> {
    const file = await this.service.putFile("people.csv", bytesOf(csv));
    const { job } = await this.service.createProcess(
      { kind: "process", process: "test", file: file.id, ...request },
      PERSON,
    );
    return asProcess(job);
  }

  async job(jobId: string): Promise<ProcessJob> {
    return asProcess(await this.service.getJob(jobId));
  }

  waitForState(jobId: string, ...states: readonly string[]): Promise<ProcessJob> {
    return until(`the job is ${states.join(" or ")}`, async () => {
      const job = await this.job(jobId);
      return states.includes(job.state) && job;
    });
  }

  waitForEnd(jobId: string): Promise<ProcessJob> {
    return this.waitForState(jobId, "succeeded", "failed", "stopped", "undone");
  }

  /** Waits until user code has been called `count` times. */
  waitForCalls(count: number): Promise<true> {
    return until(`user code was called ${count} times`, () => this.calls.length >= count);
  }

  /** The batches of a job, in the order in which they were begun. */
  async batches(jobId: string): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ batch: string }>(
      `select first_record || '-' || last_record || ' ' || state || case when is_split then ' split' else '' end
          || case when runner_id is null then '' else ' in hand' end as batch
        from sluice.batch where job_id = $1 order by id`,
      [jobId],
    );
    return rows.map((row) => row.batch);
  }

  /** Everything that pieces of results have left. */
  async pieces(): Promise<readonly string[]> {
    const folder = join(this.#folder.path, "files", "exports");
    return readdir(folder, { recursive: true }).catch(() => []);
  }

  /** Looks for files that nobody needs, as a service does from time to time. */
  readonly clean: () => Promise<void>;

  /** Names of the stored files. */
  stored(): Promise<readonly string[]> {
    return readdir(join(this.#folder.path, "files"));
  }

  /** The result of a job. */
  async result(jobId: string): Promise<string> {
    const result = await this.service.openResult(jobId);
    const { file } = result;
    const source = await result.open({ start: 0, end: file.bytes });
    const into = Buffer.alloc(file.bytes);
    let length = 0;
    while (length < file.bytes) length += await source.read(into.subarray(length));
    await source.close();
    return into.toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor.stop();
    await this.#controlPool.end();
    await this.database[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  #catalog(): ProcessCatalog {
    const get: ProcessCatalog["get"] = (name) => {
      if (name !== "test")
        return Promise.reject(new SluiceError("process_not_found", `There is no ${name}.`));
      const { batchSize = 10, undo, output } = this.process;
      return Promise.resolve({
        name,
        title: "Test",
        description: null,
        fileName: "test.ts",
        params: null,
        batchSize,
        hasUndo: undo !== undefined,
        hasOutput: output !== undefined,
        source: "",
      });
    };
    return {
      get,
      list: async () => ({ processes: [await get("test")], broken: [] }),
      prepare: () => Promise.resolve({ outputColumns: this.process.output ?? null }),
    };
  }

  #hosts(): ProcessHosts {
    return {
      start: () => {
        this.hostsStarted += 1;
        return Promise.resolve(new FakeHost(this.process, this.calls));
      },
    };
  }
}

/** A runner in this thread, which a lane takes for one of its own. */
function fakeThread(tools: Parameters<typeof serveRunner>[1]): Worker {
  const { port1, port2 } = new MessageChannel();
  const thread = new EventEmitter();
  const stores: RunnerStore[] = [];
  const openStore = async (): Promise<RunnerStore> => {
    const store = await tools.openStore();
    stores.push(store);
    return store;
  };
  serveRunner(port2, { ...tools, openStore });
  port1.on("message", (message) => thread.emit("message", message));
  return Object.assign(thread, {
    postMessage: (message: unknown) => port1.postMessage(message),
    terminate: async () => {
      port1.close();
      await once(port1, "close");
      // The connections of a thread end with it.
      for (const store of stores) await store.close();
      return 0;
    },
  }) as unknown as Worker; // as much of one as a lane uses
}

const noLog = (): void => undefined;

/** Who asks, in tests of processes. */
export const PERSON = { by: "dana" };

/** A CSV of `count` people. */
function linesOf(count: number): string {
  const lines = Array.from({ length: count }, (_, at) => `${at + 1},name ${at + 1}`);
  return `id,name\n${lines.join("\n")}\n`;
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

function asProcess(job: Awaited<ReturnType<JobService["getJob"]>>): ProcessJob {
  if (job.kind !== "process") throw new Error("Expected a process.");
  return job;
}
