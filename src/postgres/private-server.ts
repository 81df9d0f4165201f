/**
 * The private PostgreSQL of a folder, for everybody who has no `DATABASE_URL`.
 *
 * There is one server per SLUICE_DIR and any number of Sluice processes that use it: the service, `sluice sql`,
 * `sluice url`. Starting means: make the database when there is none, start the server when it does not run, and write
 * down that this process uses it. Stopping means: strike that out, and stop the server when nobody else uses it.
 * Starting and stopping happen under one lock per folder, so that they never meet. The server is no child of anybody:
 * it survives the process that started it, however that ends, and the next start adopts it.
 */
import { readFile, realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { SluiceError } from "../core/errors.ts";
import { ensureCluster, SLUICE_ROLE, writeSettings } from "./cluster.ts";
import { tryHold, type Hold } from "./exclusive-file.ts";
import { makeFolder } from "./make-folder.ts";
import {
  findPostmaster,
  startPostmaster,
  stopPostmaster,
  type Postmaster,
  type PostmasterStart,
} from "./postmaster.ts";
import { findPid, readPidFile } from "./postmaster-file.ts";
import { chooseServerAccount, type ServerAccount } from "./server-account.ts";
import { serverFolder, type ServerFolder } from "./server-folder.ts";
import { locatePackage, platformName, prepareBinaries } from "./server-binaries.ts";
import { SOCKET_PORT, type ServerAddress } from "./server-settings.ts";
import { addUser, hasUsers, removeUser } from "./server-users.ts";
import { prepareSocketFolder, removeSocketFolder, restoreSocketFolder } from "./socket-folder.ts";
import { storageError } from "./storage-error.ts";

/** How to start the private server. */
export interface PrivateServerOptions {
  /** SLUICE_DIR. Made when it is missing. */
  readonly dir: string;
  /**
   * Folder with PostgreSQL's `bin`, 14 or newer. Defaults to the platform's package. Those before 16 walk to their
   * working folder, so as root they need a `dir` that every user can enter.
   */
  readonly binaries?: string;
  /**
   * Where to copy the binaries when they cannot be run in their place. Defaults to a folder under /var/cache for
   * root, else one in `dir`.
   */
  readonly copyFolder?: string;
  /**
   * How clients reach the server when this start starts it. Defaults to `loopback`, TCP on 127.0.0.1 with a
   * password, on Windows, and to `socket` elsewhere.
   */
  readonly transport?: ServerAddress["transport"];
}

/** A running private server, in use by this process. */
export interface PrivateServer {
  /** Connection URL, for psql, node-postgres and everything that follows libpq. Holds the password, if any. */
  readonly url: string;
  /** Such as `18.4`. */
  readonly version: string;
  /** Whether the server ran already: for another Sluice process, or left by one that was killed. */
  readonly wasAdopted: boolean;
  /** Whether the server's process lives. */
  isAlive(): boolean;
  /**
   * Starts the server again, at the same address, when it has ended; waits for one that is starting. Errors:
   * `database_start_failed`, also when it has been given another address meanwhile; `storage_full`, `storage_failed`.
   */
  revive(): Promise<void>;
  /**
   * Ends the use, and stops the server when no other live process uses it; `keepRunning` leaves it on. Waits until
   * the server is gone. Called again, it returns the first call's promise. Errors: `database_start_failed` when the
   * server does not stop, `storage_failed`.
   */
  stop(options?: { readonly keepRunning?: boolean }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Another process's start may replay, and its stop write, for as long as this. */
const LOCK_WAIT_MS = 400_000;
const LOCK_POLL_MS = 20;

/**
 * Starts the private server of a folder, or joins the one that runs. Any number of processes may call this at once.
 * The first start makes the database, within a few seconds. Errors: `database_not_found` when there are no binaries
 * for the platform; `database_start_failed`; `storage_full`, `storage_failed`.
 */
export async function startPrivateServer(options: PrivateServerOptions): Promise<PrivateServer> {
  const wanted = resolve(options.dir);
  try {
    await makeFolder(wanted);
    const folder = serverFolder(await realpath(wanted));
    return await underLock(folder, () => joinServer(folder, options));
  } catch (error) {
    throw storageError(error, wanted);
  }
}

async function joinServer(
  folder: ServerFolder,
  options: PrivateServerOptions,
): Promise<PrivateServer> {
  const start = await prepareStart(folder, options);
  const use = await addUser(folder.dir);
  try {
    await ensureCluster(folder, start.binaries, start.account);
    const running = await findPostmaster(folder, start.binaries);
    const postmaster = running ?? (await startPostmaster(start));
    const url = await formatUrl(folder, postmaster.address);
    return openHandle(start, use, { url, postmaster, wasAdopted: running !== null });
  } catch (error) {
    await removeUser(use);
    throw error;
  }
}

async function prepareStart(
  folder: ServerFolder,
  options: PrivateServerOptions,
): Promise<PostmasterStart> {
  const account = chooseServerAccount(folder.dataDir);
  const source = options.binaries ?? locatePackage(platformName());
  const copyFolders = options.copyFolder ? [options.copyFolder] : copyFoldersOf(folder, account);
  return {
    folder,
    account,
    binaries: await prepareBinaries(source, account, copyFolders),
    prepare: async () => {
      const address = await chooseAddress(folder, account, options.transport);
      await writeSettings(folder, account, address);
      return address;
    },
  };
}

/** Root's copies serve all its projects, in a place that others can read and only root can write. */
function copyFoldersOf({ dir }: ServerFolder, account: ServerAccount | null): readonly string[] {
  if (!account) return [join(dir, "postgresql")];
  return ["/var/cache/sluice", "/var/tmp/sluice-postgresql", "/tmp/sluice-postgresql"];
}

async function chooseAddress(
  { dir }: ServerFolder,
  account: ServerAccount | null,
  transport: ServerAddress["transport"] = process.platform === "win32" ? "loopback" : "socket",
): Promise<ServerAddress> {
  if (transport === "socket") return { transport, folder: prepareSocketFolder(dir, account) };
  return { transport, port: await findFreePort() };
}

/** A port that is free now. When somebody takes it before the server does, the start fails and can be repeated. */
function findFreePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function formatUrl(folder: ServerFolder, address: ServerAddress): Promise<string> {
  // Both name what PGPORT and PGSSLMODE in somebody's environment would change otherwise.
  if (address.transport === "socket") {
    const host = encodeURIComponent(address.folder);
    return `postgresql://${SLUICE_ROLE}@${host}:${SOCKET_PORT}/${SLUICE_ROLE}?sslmode=disable`;
  }
  const password = await readFile(folder.passwordFile, "utf8");
  return `postgresql://${SLUICE_ROLE}:${password}@127.0.0.1:${address.port}/${SLUICE_ROLE}?sslmode=disable`;
}

interface JoinedServer {
  readonly url: string;
  readonly postmaster: Postmaster;
  readonly wasAdopted: boolean;
}

function openHandle(
  start: PostmasterStart,
  use: string,
  { url, postmaster, wasAdopted }: JoinedServer,
): PrivateServer {
  let stopped: Promise<void> | undefined;
  const stop: PrivateServer["stop"] = ({ keepRunning = false } = {}) =>
    (stopped ??= underLock(start.folder, () => leaveServer(start, use, keepRunning)));
  return {
    url,
    version: postmaster.version,
    wasAdopted,
    isAlive: () => findPid(start.folder.dataDir) !== null,
    revive: () => underLock(start.folder, () => reviveServer(start, postmaster.address)),
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}

async function reviveServer(start: PostmasterStart, address: ServerAddress): Promise<void> {
  const { folder, binaries, account } = start;
  const prepare = async (): Promise<ServerAddress> => {
    if (address.transport === "socket") restoreSocketFolder(address.folder, account);
    await writeSettings(folder, account, address);
    return address;
  };
  const running = await findPostmaster(folder, binaries);
  const revived = running ?? (await startPostmaster({ ...start, prepare }));
  if (isDeepStrictEqual(revived.address, address)) return;
  throw new SluiceError(
    "database_start_failed",
    `The private PostgreSQL in ${folder.dataDir} runs at another address than before. Start this service again.`,
  );
}

async function leaveServer(
  start: PostmasterStart,
  use: string,
  keepRunning: boolean,
): Promise<void> {
  const { folder, binaries, account } = start;
  await removeUser(use);
  if (keepRunning || (await hasUsers(folder.dir))) return;
  const address = readPidFile(folder.dataDir)?.address;
  await stopPostmaster(folder, binaries, account);
  if (address) removeSocketFolder(address);
}

async function underLock<T>(folder: ServerFolder, work: () => Promise<T>): Promise<T> {
  try {
    const lock = await waitForLock(folder);
    try {
      return await work();
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw storageError(error, folder.dir);
  }
}

async function waitForLock({ dir, dataDir }: ServerFolder): Promise<Hold> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const attempt = await tryHold(join(dir, "pg.lock"), null);
    if (attempt.isHeld) return attempt.hold;
    if (performance.now() > deadline) {
      const { pid } = attempt.holder.process;
      throw new SluiceError(
        "database_start_failed",
        `Another Sluice process (pid ${pid}) has been starting or stopping the PostgreSQL in ${dataDir} ` +
          `for ${LOCK_WAIT_MS / 1000} s. Wait for it, or end that process.`,
        { details: { pid } },
      );
    }
    await delay(LOCK_POLL_MS);
  }
}
