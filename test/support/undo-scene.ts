/** Imports that have ended, one table each, and what undoing them does: a database with one runner, driven by hand. */
import type pg from "pg";
import { expect } from "vitest";
import { ENGINE_DEFAULTS } from "../../src/core/engine-settings.ts";
import { NO_FAILPOINTS } from "../../src/core/failpoint.ts";
import type { Job } from "../../src/core/job.ts";
import type { PartReader } from "../../src/core/ports.ts";
import type { RunnerStore, SupervisorStore } from "../../src/core/runner-ports.ts";
import type { JobStore } from "../../src/core/store-ports.ts";
import { createControl, type Control } from "../../src/engine/control.ts";
import { CONTROL_NAME, openPool } from "../../src/store/connect.ts";
import { createControlStore } from "../../src/store/control-store.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { openRunnerStore } from "../../src/store/runner-store.ts";
import { createSupervisorStore } from "../../src/store/supervisor-store.ts";
import { expectAllGood } from "./all-good.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";
import { aChunk, COPY_COLUMNS, insertJob, LOSING_DISPATCHER } from "./stored-job.ts";

/** Who undoes. */
export const PERSON = { by: "dana" };
/** From this number on rows of the tables are not of jobs. */
export const OF_OTHERS = 1_000_000;

interface Imported {
  readonly id: string;
  readonly table: string;
}

/** See the head of this file. Checks when it is disposed of that ledger, parts and tables agree. */
export class UndoScene {
  readonly database: TestDatabase;
  readonly controlPool: pg.Pool;
  readonly jobs: JobStore;
  readonly control: Control;
  readonly controlStore: ReturnType<typeof createControlStore>;
  readonly #supervision: SupervisorStore;
  readonly #runner: RunnerStore;
  readonly #runnerId: string;
  #tables = 0;

  private constructor(
    database: TestDatabase,
    supervision: SupervisorStore,
    runner: { readonly store: RunnerStore; readonly id: string },
  ) {
    this.database = database;
    this.controlPool = openPool(database.url, CONTROL_NAME, 4);
    this.jobs = createJobStore(database.pool, LOSING_DISPATCHER);
    this.controlStore = createControlStore(this.controlPool, database.pool, LOSING_DISPATCHER);
    this.control = createControl(this.jobs, this.controlStore, ENGINE_DEFAULTS, () => undefined);
    this.#supervision = supervision;
    this.#runner = runner.store;
    this.#runnerId = runner.id;
  }

  static async open(): Promise<UndoScene> {
    const database = await openTestDatabase();
    const supervision = createSupervisorStore(database.pool, "folder_test");
    const store = await openRunnerStore(database.url, NO_FAILPOINTS);
    const id = await supervision.insertRunner("worker_test", 1);
    return new UndoScene(database, supervision, { store, id });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await expectAllGood(this.database.pool);
    await this.#runner.close();
    await this.controlPool.end();
    await this.database[Symbol.asyncDispose]();
  }

  /** Imports 300 records in chunks of 100; into a new table, or with `append` beside 10 rows of others. */
  async imported(mode: "create" | "append" = "create", made = ""): Promise<Imported> {
    this.#tables += 1;
    const table = `t${this.#tables}`;
    if (mode === "append") {
      await this.query(
        made === "" ? `create table ${table} (n int, name text)` : made.replaceAll("$", table),
      );
      await this.query(
        `insert into ${table} (n, name) select ${OF_OTHERS} + i, 'old' from generate_series(1, 10) i`,
      );
    }
    const { id } = await insertJob(this.jobs, { records: 300, table, mode });
    const message = { jobId: id, partNo: 1, epoch: 1 };
    await this.#supervision.claim(this.#runnerId, message, 1000);
    const assignment = await this.#runner.openPart(message);
    if (assignment === null) throw new Error("the part cannot be opened");
    for (const from of [0, 100, 200])
      await this.#runner.commitChunk(assignment, "text", COPY_COLUMNS, aChunk(from, from + 100));
    expect(await this.#runner.publish(assignment, readAgain)).toBe("published");
    await this.#supervision.release(this.#runnerId, message);
    return { id, table };
  }

  async query(text: string): Promise<readonly Record<string, unknown>[]> {
    return (await this.database.pool.query<Record<string, unknown>>(text)).rows;
  }

  async countOf(table: string, condition = "true"): Promise<number> {
    const [row] = await this.query(
      `select count(*)::int as count from ${table} where ${condition}`,
    );
    return row?.["count"] as number;
  }

  async isThere(table: string): Promise<boolean> {
    return (await this.jobs.findRelationKind({ schema: "public", table })) !== null;
  }

  /** Undoes a job to the end. */
  async undo(id: string): Promise<Job> {
    const { outcome, job } = await this.control.act(id, "undo", PERSON);
    expect(outcome).toBe("reached");
    return job;
  }
}

/** Reads the part again, for rows that the table refuses. */
function readAgain(): Promise<PartReader> {
  const chunks = [aChunk(0, 300)];
  return Promise.resolve({
    format: "text",
    copyColumns: COPY_COLUMNS,
    next: () => Promise.resolve(chunks.pop() ?? null),
    close: () => Promise.resolve(),
  });
}
