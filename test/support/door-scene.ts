/** A service with a folder of processes, for tests of its doors. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessJobView } from "../../src/client/index.ts";
import { FaultScene } from "./fault-scene.ts";
import type { ServiceProcess } from "./service.ts";
import { until } from "./until.ts";

const ROOT = new URL("../../", import.meta.url);

/** Writes a row for each record, and takes it out again. Of batches that contain the word `stay` rows are kept. */
const NOTES = `
import { defineProcess } from "sluice";
import { z } from "zod";

export default defineProcess({
  name: "notes",
  title: "Take notes",
  description: "Writes a row for each record.",
  params: z.object({ label: z.string().default("none"), times: z.number().int().default(1) }),
  record: z.object({ id: z.string(), name: z.string().min(1, "A name is needed.") }),
  batchSize: 10,
  async run(batch, ctx) {
    for (const record of batch.records) {
      if (record.name === "nobody") ctx.reject(record, "nobody is known", { column: "name" });
      else await ctx.tx.query("insert into note (id, label) values ($1, $2)", [record.id, ctx.params.label]);
    }
    ctx.log("noted", { records: batch.records.length });
  },
  async undo(batch, ctx) {
    for (const record of batch.records) {
      if (record.name === "stay") ctx.keep(record, "it is asked to stay");
      else await ctx.tx.query("delete from note where id = $1", [record.id]);
    }
  },
});
`;

/** Waits in its second batch until it is told to end. */
const SLOW = `
import { setTimeout } from "node:timers/promises";
import { defineProcess } from "sluice";

export default defineProcess({
  name: "slow",
  batchSize: 10,
  async run(batch, ctx) {
    ctx.log("begun");
    if (batch.records[0].id !== "1") await setTimeout(60_000, undefined, { signal: ctx.signal });
  },
});
`;

/** A file of people; the names are those given, then `name N`. */
export function aFileOfPeople(count: number, names: readonly string[] = []): string {
  const lines = Array.from(
    { length: count },
    (_, at) => `${at + 1},${names[at] ?? `name ${at + 1}`}`,
  );
  return `id,name\n${lines.join("\n")}\n`;
}

/** A database, a folder of processes, and a service over both. */
export class DoorScene {
  readonly scene: FaultScene;
  #service: ServiceProcess | null = null;

  private constructor(scene: FaultScene) {
    this.scene = scene;
  }

  /** Opens a scene whose service is started with further environment. */
  static async open(environment: Readonly<Record<string, string>> = {}): Promise<DoorScene> {
    const opened = new DoorScene(await FaultScene.open());
    const { scene } = opened;
    const folder = scene.path("processes");
    await mkdir(folder, { recursive: true });
    await copyFile(new URL("processes/swap-columns.ts", ROOT), join(folder, "swap-columns.ts"));
    await writeFile(join(folder, "notes.ts"), NOTES);
    await writeFile(join(folder, "slow.ts"), SLOW);
    await writeFile(join(folder, "broken.ts"), "export default\n  { name: 'broken' \n");
    await scene.pool.query("create table note (id text primary key, label text not null)");
    opened.#service = await scene.start({
      environment: { SLUICE_PROCESSES: folder, ...environment },
    });
    return opened;
  }

  get service(): ServiceProcess {
    if (this.#service === null) throw new Error("The service is not started.");
    return this.#service;
  }

  get client(): ServiceProcess["client"] {
    return this.service.client;
  }

  /** Starts a process over a CSV, and returns the job. */
  async start(
    process: string,
    csv: string,
    body: Readonly<Record<string, unknown>> = {},
  ): Promise<ProcessJobView> {
    const file = await this.client.uploadFile("people.csv", Buffer.from(csv));
    return this.client.createProcess({ process, file: file.id, ...body });
  }

  /** Waits for a state, and returns the job in it. */
  waitForState(jobId: string, ...states: readonly string[]): Promise<ProcessJobView> {
    return until(`the job is ${states.join(" or ")}`, async () => {
      const job = await this.client.getJob(jobId);
      if (job.kind !== "process") throw new Error("Expected a process.");
      return states.includes(job.state) && job;
    });
  }

  waitForEnd(jobId: string): Promise<ProcessJobView> {
    return this.waitForState(jobId, "succeeded", "failed", "stopped", "undone");
  }

  /** Waits until user code has been given the batch that begins with a record. */
  waitForBatch(jobId: string, firstRecord: number): Promise<true> {
    return until(`the batch of record ${firstRecord} is begun`, async () => {
      const { rowCount } = await this.scene.pool.query(
        "select from sluice.batch where job_id = $1 and first_record = $2 and runner_id is not null",
        [jobId, firstRecord],
      );
      return rowCount === 1;
    });
  }

  /** Asks the service, with the JSON of the answer. */
  async ask(
    path: string,
    init: RequestInit = {},
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const response = await fetch(this.service.url + path, init);
    // Every answer that is asked for here is an object.
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Posts a body as JSON. */
  post(path: string, body: unknown): ReturnType<DoorScene["ask"]> {
    const headers = { "content-type": "application/json" };
    return this.ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** How many rows the process has written. */
  async countNotes(): Promise<number> {
    const { rows } = await this.scene.pool.query<{ count: number }>(
      "select count(*)::int as count from note",
    );
    return rows[0]?.count ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]();
  }
}
