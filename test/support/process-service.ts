/**
 * Processes of files in a service that is killed: the service of the test's own process creates and controls the jobs, so
 * that it is there whatever becomes of the one that does the work.
 */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { ENGINE_DEFAULTS } from "../../src/core/engine-settings.ts";
import type { ProcessJob } from "../../src/core/job.ts";
import type { JobService } from "../../src/core/job-service.ts";
import type { ProcessRequest } from "../../src/core/process-plan.ts";
import { userCodeEnvironment } from "../../src/config/user-code-environment.ts";
import { createProcessCatalog } from "../../src/kinds/process/process-catalog.ts";
import { CONTROL_NAME, openPool } from "../../src/store/connect.ts";
import { FaultScene } from "./fault-scene.ts";
import type { ServiceProcess, ServiceStart } from "./service.ts";
import { createTestService } from "./test-service.ts";
import { until } from "./until.ts";

const ROOT = new URL("../../", import.meta.url);
const PERSON = { by: "dana" };

/** A scene of faults with a folder of processes, and a job service beside the services that do the work. */
export class ProcessServiceScene {
  readonly scene: FaultScene;
  readonly service: JobService;
  readonly #controlPool: pg.Pool;

  private constructor(scene: FaultScene) {
    this.scene = scene;
    this.#controlPool = openPool(scene.database.url, CONTROL_NAME, 4);
    const catalog = createProcessCatalog({
      folder: this.#processes,
      environment: userCodeEnvironment(),
      entry: new URL("dist/process-main.js", ROOT),
    });
    this.service = createTestService({
      pool: scene.pool,
      controlPool: this.#controlPool,
      filesDir: scene.path("service", "files"),
      settings: ENGINE_DEFAULTS,
      catalog,
      nudge: () => undefined,
    }).service;
  }

  /** Opens a scene with the package's own processes and those given: file name to source. */
  static async open(sources: Readonly<Record<string, string>> = {}): Promise<ProcessServiceScene> {
    const opened = new ProcessServiceScene(await FaultScene.open());
    const folder = opened.#processes;
    await mkdir(folder, { recursive: true });
    for (const name of ["create-teams.ts", "swap-columns.ts"])
      await copyFile(new URL(`processes/${name}`, ROOT), join(folder, name));
    for (const [name, source] of Object.entries(sources))
      await writeFile(join(folder, name), source);
    return opened;
  }

  get #processes(): string {
    return this.scene.path("processes");
  }

  /** Starts a service that does the work. */
  start({
    environment,
    ...start
  }: Pick<Partial<ServiceStart>, "settings" | "environment"> & {
    readonly folder?: string;
  } = {}): Promise<ServiceProcess> {
    return this.scene.start({
      ...start,
      environment: { SLUICE_PROCESSES: this.#processes, ...environment },
    });
  }

  /** Stores a CSV and creates a job over it. */
  async create(
    process: string,
    csv: string,
    request: Partial<ProcessRequest> = {},
  ): Promise<ProcessJob> {
    const file = await this.service.putFile("teams.csv", bytesOf(csv));
    const whole = { kind: "process", process, file: file.id, ...request } as const;
    return asProcess((await this.service.createProcess(whole, PERSON)).job);
  }

  async job(jobId: string): Promise<ProcessJob> {
    return asProcess(await this.service.getJob(jobId));
  }

  /** Waits until a job is in one of the states. */
  waitForState(jobId: string, ...states: readonly string[]): Promise<ProcessJob> {
    return until(`the job is ${states.join(" or ")}`, async () => {
      const job = await this.job(jobId);
      return states.includes(job.state) && job;
    });
  }

  waitForEnd(jobId: string): Promise<ProcessJob> {
    return this.waitForState(jobId, "succeeded", "failed", "stopped", "undone");
  }

  /** Waits until a job has committed so many records. */
  waitForRecords(jobId: string, records: number): Promise<true> {
    return until(
      `the job has read ${records} records`,
      async () => (await this.job(jobId)).progress.read >= records,
    );
  }

  /** Asks for an action in the name of a person. */
  act(...[jobId, action, options]: [string, "pause" | "resume" | "stop" | "undo", object?]) {
    return this.service.act(jobId, action, PERSON, options);
  }

  /** The bytes of a job's result. */
  async result(jobId: string): Promise<string> {
    const result = await this.service.openResult(jobId);
    const source = await result.open({ start: 0, end: result.file.bytes });
    const into = Buffer.alloc(result.file.bytes);
    let length = 0;
    while (length < into.length) length += await source.read(into.subarray(length));
    await source.close();
    return into.toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#controlPool.end();
    await this.scene[Symbol.asyncDispose]();
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

function asProcess(job: Awaited<ReturnType<JobService["getJob"]>>): ProcessJob {
  if (job.kind !== "process") throw new Error("Expected a process.");
  return job;
}
