/**
 * The only file of the command line that reaches past the REST API, to what runs on this machine: a service in this
 * process, the claim that a running service holds on its folder, the private PostgreSQL, and queries for reading. Every
 * part is loaded when it is needed, so that commands that only ask a service start at once.
 */
import type { Config } from "../config/config.ts";
import type { ProcessCatalog } from "../core/process-ports.ts";
import type { LocalCopy } from "../files/local-copy.ts";
import type { Service, ServiceOptions } from "../server.ts";
import type { PageReceiver, QueryResult } from "../store/read-only-query.ts";
import type { LocalTokens } from "../store/local-tokens.ts";
import type { SchemaUpgrade } from "../store/upgrade-schema.ts";
import type { RunningWorker, WorkerOptions } from "../worker.ts";

/** Starts a service in this process, its lanes' threads while the rest is loaded. Errors: those of the service, such as `folder_in_use` and `port_in_use`. */
export async function startLocalService(
  config: Config,
  options: Pick<ServiceOptions, "log" | "mayTakeNextPort">,
): Promise<Service> {
  const { RunnerThreads } = await import("../runner-threads.ts");
  const threads = new RunnerThreads(config.lanes);
  const { startService } = await import("../server.ts");
  return startService(config, { ...options, threads });
}

/** Begins to copy a file into the folder of files of this configuration. See `beginLocalCopy`. Errors: `storage_*`. */
export async function beginCopy(
  config: Config,
  path: string,
  sourceError: (error: Error) => Error,
): Promise<LocalCopy> {
  const { beginLocalCopy } = await import("../files/local-copy.ts");
  const { makeFolder } = await import("../postgres/make-folder.ts");
  await makeFolder(config.files);
  return beginLocalCopy(path, config.files, { maxBytes: config.maxUploadBytes, sourceError });
}

/** Starts a worker in this process. Errors: those of `startWorker`. */
export async function startLocalWorker(
  config: Config,
  options: Pick<WorkerOptions, "log" | "signal">,
): Promise<RunningWorker> {
  const { startWorker } = await import("../worker.ts");
  return startWorker(config, options);
}

/** The live service of a folder; `url` is null until it listens. Null when there is none. */
export async function findFolderService(
  dir: string,
): Promise<{ readonly pid: number; readonly url: string | null } | null> {
  const { readFolderClaim } = await import("../postgres/folder-claim.ts");
  return readFolderClaim(dir);
}

/** The folder of processes of this configuration, as a service that is started here would see it. */
export async function openLocalCatalog(config: Config): Promise<ProcessCatalog> {
  const { createProcessCatalog } = await import("../kinds/process/process-catalog.ts");
  const { userCodeEnvironment } = await import("../config/user-code-environment.ts");
  return createProcessCatalog({ folder: config.processes, environment: userCodeEnvironment() });
}

/** Runs one statement for reading, a page of rows at a time. Errors: `invalid_request` when the server refuses it. */
export async function readDatabase(
  url: string,
  statement: string,
  receive: PageReceiver,
): Promise<void> {
  const { streamReadOnlyQuery } = await import("../store/read-only-query.ts");
  await streamReadOnlyQuery(url, statement, receive);
}

/** Runs one statement for reading that limits its rows. Errors: `invalid_request` when the server refuses it. */
export async function queryDatabase(url: string, statement: string): Promise<QueryResult> {
  const { runReadOnlyQuery } = await import("../store/read-only-query.ts");
  return runReadOnlyQuery(url, statement);
}

/** Applies the migrations that a database lacks. Errors: those of `upgradeSchema`. */
export async function migrateDatabase(url: string): Promise<SchemaUpgrade> {
  const { upgradeSchema } = await import("../store/upgrade-schema.ts");
  return upgradeSchema(url);
}

/** The SQL of the migrations that a database lacks; empty when it lacks none. Errors: those of `upgradeSchema`. */
export async function readMissingSql(url: string): Promise<string> {
  const { missingSql } = await import("../store/upgrade-schema.ts");
  return missingSql(url);
}

/** The tokens of a database. Errors: those of `openLocalTokens`. */
export async function openTokens(url: string): Promise<LocalTokens> {
  const { openLocalTokens } = await import("../store/local-tokens.ts");
  return openLocalTokens(url);
}
