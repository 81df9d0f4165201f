/**
 * A database, a folder and services on them, for tests that break something. A fault can make every answer of a service
 * fail, so these tests look at the books themselves.
 */
import { join } from "node:path";
import { expect } from "vitest";
import type pg from "pg";
import { expectAllGood } from "./all-good.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";
import { sumsOf, type Sums } from "./flights.ts";
import {
  SMALL_PIECES,
  startServiceProcess,
  temporaryFolder,
  type ServiceProcess,
  type ServiceStart,
} from "./service.ts";
import { until } from "./until.ts";

/** A job as its row, its signal and the sum of its parts say. */
export interface StoredState {
  readonly state: string;
  readonly phase: string | null;
  readonly signal: string;
  readonly epoch: number;
  readonly rescues: number;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly read: number;
  readonly share: number;
}

/** What a scene's services are started with, beside the database and the folder. */
type SceneStart = Pick<ServiceStart, "settings" | "environment"> & {
  /** Another database than the scene's; undefined: the private PostgreSQL of the service's folder. */
  readonly databaseUrl?: string | undefined;
  /** Name of the service's folder in the scene; services with the same one follow each other. */
  readonly folder?: string;
};

/** A database and a folder of a test's own, and any number of services. */
export class FaultScene {
  readonly database: TestDatabase;
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #services: ServiceProcess[] = [];

  private constructor(database: TestDatabase, folder: Awaited<ReturnType<typeof temporaryFolder>>) {
    this.database = database;
    this.#folder = folder;
  }

  static async open(): Promise<FaultScene> {
    return new FaultScene(await openTestDatabase(), await temporaryFolder());
  }

  get pool(): pg.Pool {
    return this.database.pool;
  }

  /** Path of a name in the scene's folder. */
  path(...names: string[]): string {
    return join(this.#folder.path, ...names);
  }

  /** Starts a service with small chunks; one that a test does not end is ended with the scene. */
  async start(start: SceneStart = {}): Promise<ServiceProcess> {
    const { folder = "service", settings, environment } = start;
    const databaseUrl = "databaseUrl" in start ? start.databaseUrl : this.database.url;
    const service = await startServiceProcess({
      dir: this.path(folder),
      settings: { ...SMALL_PIECES, ...settings },
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...(environment === undefined ? {} : { environment }),
    });
    this.#services.push(service);
    return service;
  }

  /** The job as the database has it. */
  stored(jobId: string): Promise<StoredState> {
    return readStored(this.pool, jobId);
  }

  /** Waits until the stored job is as `isMet` says. */
  waitFor(jobId: string, what: string, isMet: (job: StoredState) => boolean): Promise<StoredState> {
    return until(`the job ${what}`, async () => {
      const job = await this.stored(jobId);
      return isMet(job) && job;
    });
  }

  /** Waits until a job has committed a share of its bytes. */
  waitForShare(jobId: string, share: number): Promise<StoredState> {
    return this.waitFor(jobId, `has read ${share}`, (job) => job.share >= share);
  }

  /** Waits for a state, and returns the job in it. */
  waitForState(jobId: string, state: string): Promise<StoredState> {
    return this.waitFor(jobId, `is ${state}`, (job) => job.state === state);
  }

  /** Waits until some chunk is in the middle of its transaction. The search for parts passes the gate without rows. */
  waitForOpenChunk(): Promise<true> {
    return until("a chunk is in its transaction", async () => {
      const { rowCount } = await this.pool.query(
        `select from pg_stat_activity where application_name = 'sluice runner' and datname = current_database()
          and xact_start is not null and query like '%chunk_gate%copy %'`,
      );
      return rowCount !== 0;
    });
  }

  /** Waits for the end of a job and proves that its table holds every record of the file once. */
  async expectImported(jobId: string, table: string, sums: Sums): Promise<void> {
    const end = await this.waitFor(jobId, "has ended", ({ state }) =>
      ["succeeded", "failed"].includes(state),
    );
    expect({ state: end.state, failure: end.failure }).toEqual({
      state: "succeeded",
      failure: null,
    });
    expect(await sumsOf(this.pool, table)).toEqual(sums);
    await expectAllGood(this.pool);
  }

  /** The committed chunks, as text that can be compared. */
  async ledger(jobId: string): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ entry: string }>(
      "select c::text as entry from sluice.chunk c where job_id = $1 order by part_no, from_byte",
      [jobId],
    );
    return rows.map((row) => row.entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of this.#services) {
      // A process that a test has stopped does not hear SIGTERM.
      if (service.isAlive()) process.kill(service.pid, "SIGCONT");
      await service[Symbol.asyncDispose]();
    }
    await this.database[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Reads a job from its rows. */
export async function readStored(pool: pg.Pool, jobId: string): Promise<StoredState> {
  const { rows } = await pool.query<StoredState>(
    `select j.state, j.phase, s.wish as signal, j.epoch, j.rescues, j.failure, p.read,
        case j.kind when 'import' then p.bytes / f.bytes
          else p.read::float8 / (j.plan #>> '{estimate,rows}')::float8 end as share
      from sluice.job j join sluice.job_signal s on s.job_id = j.id left join sluice.file f on f.id = j.file_id,
        lateral (select coalesce(sum(records_read), 0)::int as read,
          coalesce(sum(next_byte - first_byte), 0)::float8 as bytes
          from sluice.part where job_id = j.id and part_no > 0) p
      where j.id = $1`,
    [jobId],
  );
  const job = rows[0];
  if (job === undefined) throw new Error(`There is no job ${jobId}.`);
  return job;
}
