/** `testProcess`: shows that a process ends in the same state however often it is interrupted. */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadingOptions } from "../core/reading-options.ts";
import type { Process } from "../library/process.ts";
import { startPrivateServer } from "../postgres/private-server.ts";
import { openPool, SERVICE_NAME } from "../store/connect.ts";
import { createDatabase, dropDatabase, urlOfDatabase } from "../store/test-database.ts";
import { crashesAtEveryBatch, noCrashes, type CrashPoints } from "./crash-points.ts";
import { differencesOf, type EndState } from "./end-state.ts";
import { openEngineParts } from "./engine-parts.ts";
import { createJob, readEnd, runJob } from "./run-job.ts";
import { messageOf } from "../core/message-of.ts";

/** What `testProcess` is asked for. */
export interface ProcessTestOptions {
  /** The text of the file. */
  readonly csv: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly reading?: ReadingOptions;
  /** Records of a batch, so that a short file has several. Default: as the process says. */
  readonly batchSize?: number;
  /**
   * `every-batch`: the process runs twice, once undisturbed and once with a crash before and after the commit of every batch,
   * and the ends are compared. `none`: once, undisturbed. Default `every-batch`.
   */
  readonly crashAt?: "every-batch" | "none";
  /** SQL that is run first, such as `create table …`. */
  readonly setup?: string;
  /**
   * Columns that differ from run to run, and are left out of the comparison: `created_at`, or `teams.id` for one table. Numbers
   * from a sequence are such: PostgreSQL does not give back those of a transaction that was rolled back.
   */
  readonly ignoreColumns?: readonly string[];
  /** What the process changes outside the database. Keys of batches and records are the same in both runs. */
  readonly outside?: {
    /** Called before each run: makes it as if nothing had happened. */
    reset(): void | Promise<void>;
    /** Called after each run. What it returns is compared. */
    read(): unknown;
  };
  /**
   * A PostgreSQL server on which the role may create databases, each with a name of its own and dropped in the end. Default: a
   * private one in a temporary folder, which takes some seconds to start.
   */
  readonly databaseUrl?: string;
}

/** What came of a test. */
export interface ProcessTestResult {
  /** How often the process was interrupted. */
  readonly crashes: number;
  /** What the process has left: in both runs the same. */
  readonly end: EndState;
}

/**
 * Runs a process over a CSV, with the engine of the service and a PostgreSQL, and shows that the end is the same when it
 * crashes at every boundary of its batches: rows of all tables, the result, rejections, counters, and what is outside. A
 * crash cuts the connection to the database and throws away what the engine has in memory. User code runs in this process,
 * so that variables beside `run` outlive a crash here, which they do not in a service; so does a call that was not awaited.
 *
 * Rejects with an `Error` that lists the differences, or tells why the process failed.
 */
export async function testProcess(
  process: Process,
  options: ProcessTestOptions,
): Promise<ProcessTestResult> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-testing-"));
  // The server has an account of its own when it is started by root.
  await chmod(folder, 0o755);
  const server =
    options.databaseUrl === undefined ? await startPrivateServer({ dir: folder }) : null;
  try {
    const run = (crashes: CrashPoints): Promise<EndState> =>
      runOnce(process, options, crashes, {
        serverUrl: options.databaseUrl ?? server?.url ?? "",
        folder,
      });
    const end = await run(noCrashes());
    if (options.crashAt === "none") return { crashes: 0, end };
    const crashes = crashesAtEveryBatch();
    const crashed = await run(crashes).catch((error: unknown) => {
      const message = messageOf(error);
      throw new Error(`After ${crashes.count} crashes at batch boundaries: ${message}`, {
        cause: error,
      });
    });
    const differences = differencesOf(end, crashed);
    if (differences.length > 0)
      throw new Error(
        `With ${crashes.count} crashes at batch boundaries ${process.name} ends in another state:\n${differences.map((line) => `- ${line}`).join("\n")}`,
      );
    return { crashes: crashes.count, end };
  } finally {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOnce(
  process: Process,
  options: ProcessTestOptions,
  crashes: CrashPoints,
  ground: { readonly serverUrl: string; readonly folder: string },
): Promise<EndState> {
  const name = `sluice_testing_${randomBytes(8).toString("hex")}`;
  const pool = openPool(ground.serverUrl, SERVICE_NAME, 1);
  try {
    await createDatabase(pool, name);
    const { csv, params = {}, reading = {}, batchSize = process.batchSize } = options;
    const folder = globalThis.process.cwd();
    const tested = { ...process, batchSize };
    const engine = await openEngineParts({
      url: urlOfDatabase(ground.serverUrl, name),
      filesDir: join(ground.folder, name),
      setup: options.setup ?? "",
      process: tested,
      folder,
    });
    try {
      await options.outside?.reset();
      await createJob(engine, { process: tested, folder, csv, params, reading });
      await runJob(engine, crashes);
      const left = await readEnd(engine);
      const outside: unknown = await options.outside?.read();
      return { ...left, tables: compared(left.tables, options.ignoreColumns ?? []), outside };
    } finally {
      await engine.close();
    }
  } finally {
    await dropDatabase(pool, name);
    await pool.end();
  }
}

/** Tables without what is to be ignored, their rows in an order that does not depend on how they came in. */
function compared(tables: EndState["tables"], ignored: readonly string[]): EndState["tables"] {
  const entries = Object.entries(tables).map(([table, rows]) => {
    const short = table.replace(/^public\./, "");
    const isKept = ([column]: readonly [string, unknown]): boolean =>
      ![column, `${table}.${column}`, `${short}.${column}`].some((name) => ignored.includes(name));
    const kept = rows.map((row) => Object.fromEntries(Object.entries(row).filter(isKept)));
    const byText = kept.map((row) => [JSON.stringify(row), row] as const);
    return [table, byText.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)] as const;
  });
  return Object.fromEntries(entries);
}
