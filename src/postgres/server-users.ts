/**
 * Which processes use the server, so that the last one to leave stops it. Each use is a small file that names its
 * process; a killed process leaves its file behind, which does not count. All calls are made under the lock of the
 * server.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { identifySelf, isAlive } from "./process-identity.ts";

/** Writes down that this process uses the server of `dir`. A process may do so several times. Returns the use's file. */
export async function addUser(dir: string): Promise<string> {
  const folder = usersFolder(dir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${process.pid}-${randomUUID()}`);
  await writeFile(file, JSON.stringify(identifySelf()), { mode: 0o600 });
  return file;
}

/** Ends a use. */
export async function removeUser(file: string): Promise<void> {
  await rm(file, { force: true });
}

/** Whether any live process uses the server of `dir`. Removes the files of dead ones. */
export async function hasUsers(dir: string): Promise<boolean> {
  const folder = usersFolder(dir);
  let hasAny = false;
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (isLiveUser(await readFile(file, "utf8"))) hasAny = true;
    else await rm(file, { force: true });
  }
  return hasAny;
}

function usersFolder(dir: string): string {
  return join(dir, "pg.users");
}

function isLiveUser(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return false;
    const { pid, startedAt } = value as Record<string, unknown>;
    if (typeof pid !== "number" || typeof startedAt !== "string") return false;
    return isAlive({ pid, startedAt });
  } catch {
    // A power failure tore it.
    return false;
  }
}
