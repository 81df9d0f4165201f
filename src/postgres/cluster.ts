/**
 * The database cluster in `SLUICE_DIR/pg`: made once, all of it or nothing.
 *
 * A new cluster grows in a folder beside its place, with role and database, and is renamed when it is complete. What
 * a killed process left half-made has another name and is removed by the next one. The caller holds the lock of the
 * server, so nobody else is at work here.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdir, open, readFile, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { createOwnedFile } from "./owned-file.ts";
import type { ServerFolder } from "./server-folder.ts";
import { explainFailure } from "./server-log.ts";
import { programPath, type ServerBinaries } from "./server-binaries.ts";
import { giveTo, ownDataDir, runProgram, type ServerAccount } from "./server-account.ts";
import {
  availableMemoryMb,
  formatAccess,
  formatSettings,
  type ServerAddress,
} from "./server-settings.ts";

/** Role and database of Sluice. The role is no superuser: a query cannot read or run files of the machine. */
export const SLUICE_ROLE = "sluice";

const SETTINGS_FILE = "sluice.conf";

/** The initdb of a killed process may write for another second into what is being removed. */
const REMOVE_ALL = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 } as const;

/**
 * Makes the cluster when there is none. Errors: `database_start_failed` when the one that exists is of another major
 * version, or the folder holds something else, or initdb fails; `storage_full`, `storage_failed`.
 */
export async function ensureCluster(
  folder: ServerFolder,
  binaries: ServerBinaries,
  account: ServerAccount | null,
): Promise<void> {
  const { dir, dataDir } = folder;
  await removeDrafts(dir);
  const major = await findMajorVersion(dataDir);
  if (major === binaries.majorVersion) return;
  if (major !== null) throw otherVersion(folder, major, binaries.majorVersion);
  const draft = join(dir, `pg.draft-${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(draft, { mode: 0o700 });
    giveTo(account, draft);
    await initialize(folder, draft, binaries, account);
    await rename(draft, dataDir);
    await syncFolder(dir);
  } catch (error) {
    await rm(draft, REMOVE_ALL);
    throw error;
  }
}

async function removeDrafts(dir: string): Promise<void> {
  for (const name of await readdir(dir))
    if (name.startsWith("pg.draft-")) await rm(join(dir, name), REMOVE_ALL);
}

async function findMajorVersion(dataDir: string): Promise<number | null> {
  const file = join(dataDir, "PG_VERSION");
  if (existsSync(file)) return Number.parseInt(await readFile(file, "utf8"), 10);
  // An empty folder may be a place that somebody prepared: renaming replaces it.
  if (!existsSync(dataDir) || (await readdir(dataDir)).length === 0) return null;
  throw new SluiceError(
    "database_start_failed",
    `Expected ${dataDir} to hold a PostgreSQL database, but there is no PG_VERSION in it. ` +
      "Move it away, or set SLUICE_DIR to another folder.",
    { details: { dataDir } },
  );
}

function otherVersion({ dir, dataDir }: ServerFolder, found: number, expected: number) {
  return new SluiceError(
    "database_start_failed",
    `The database in ${dataDir} was made by PostgreSQL ${found}, and this Sluice brings PostgreSQL ${expected}. ` +
      `Set SLUICE_DIR to another folder to begin anew; to keep the data, run the Sluice that made ${dir}, ` +
      "save the data with pg_dump, and load it into the new one.",
    { details: { dataDir, found, expected } },
  );
}

async function initialize(
  folder: ServerFolder,
  draft: string,
  binaries: ServerBinaries,
  account: ServerAccount | null,
): Promise<void> {
  const data = ownDataDir(draft, account);
  const options = [`--pgdata=${data}`, "--username=postgres", "--auth=trust", "--encoding=UTF8"];
  const flags = ["--data-checksums", "--no-instructions", ...localeFlags(binaries.majorVersion)];
  const initdb = await runProgram(programPath(binaries.folder, "initdb"), {
    args: [...options, ...flags],
    cwd: draft,
    account,
  });
  if (initdb.code !== 0) throw initFailed(folder, initdb.startFailure ?? initdb.stderr);

  // Made before the role, so that a role never has a password that nobody knows.
  const password = randomBytes(24).toString("hex");
  await rm(folder.passwordFile, { force: true });
  await createOwnedFile(folder.passwordFile, password);
  const single = await runProgram(
    programPath(binaries.folder, "postgres"),
    { args: ["--single", "-D", data, "postgres"], cwd: draft, account },
    `create role ${SLUICE_ROLE} login createdb password '${password}'\n` +
      `grant pg_monitor, pg_signal_backend to ${SLUICE_ROLE}\n` +
      `create database ${SLUICE_ROLE} owner ${SLUICE_ROLE}\n`,
  );
  // A statement that fails does not change the exit code.
  if (single.code !== 0 || /\b(ERROR|FATAL|PANIC):/.test(single.stderr))
    throw initFailed(folder, single.startFailure ?? single.stderr);
  await appendFile(join(draft, "postgresql.conf"), `\ninclude '${SETTINGS_FILE}'\n`);
}

/**
 * Text compares by code point and knows the letters of Unicode, the same on every machine: PostgreSQL's own
 * implementation since 17, the C library's before.
 */
function localeFlags(majorVersion: number): readonly string[] {
  if (majorVersion < 17) return ["--locale=C.UTF-8"];
  return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
}

function initFailed(folder: ServerFolder, output: string): SluiceError {
  return explainFailure(folder, output, `The database in ${folder.dataDir} cannot be made`);
}

/** Writes the settings for the next start. */
export async function writeSettings(
  { dataDir }: ServerFolder,
  account: ServerAccount | null,
  address: ServerAddress,
): Promise<void> {
  const files = {
    [SETTINGS_FILE]: formatSettings(address, availableMemoryMb()),
    "pg_hba.conf": formatAccess(address),
  };
  for (const [name, text] of Object.entries(files))
    await replaceFile(join(dataDir, name), text, account);
}

/** Writes a file for the server in one step. */
async function replaceFile(
  path: string,
  text: string,
  account: ServerAccount | null,
): Promise<void> {
  const draft = `${path}.draft`;
  await rm(draft, { force: true });
  await createOwnedFile(draft, text, account);
  await rename(draft, path);
}

/** Makes a renaming in the folder durable. */
async function syncFolder(dir: string): Promise<void> {
  // Windows cannot open folders.
  if (process.platform === "win32") return;
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
