/**
 * Which processes use the server, so that the last one to leave stops it. Each use is a small file that names its
 * process; a killed process leaves its file behind, which does not count. All calls are made under the lock of the
 * server.
 */
import { randomUUID } from "node:crypto";
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createOwnedFile } from "./owned-file.ts";
import { identifySelf, isAlive } from "./process-identity.ts";

const PREFIX = "pg.user-";

/** Writes down that this process uses the server of `dir`. A process may do so several times. Returns the use's file. */
export async function addUser(dir: string): Promise<string> {
  const file = join(dir, `${PREFIX}${process.pid}-${randomUUID()}`);
  await createOwnedFile(file, JSON.stringify(identifySelf()));
  return file;
}

/** Ends a use. */
export async function removeUser(file: string): Promise<void> {
  await rm(file, { force: true });
}

/** Whether any live process uses the server of `dir`. Removes the files of dead ones. */
export async function hasUsers(dir: string): Promise<boolean> {
  let hasAny = false;
  for (const name of await readdir(dir)) {
    if (!name.startsWith(PREFIX)) continue;
    const file = join(dir, name);
    if (isLiveUser(await readFile(file, "utf8"))) hasAny = true;
    else await rm(file, { force: true });
  }
  return hasAny;
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
