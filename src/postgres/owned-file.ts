/**
 * Files that belong to whom the folder belongs to. When root uses the folder of an ordinary user, that user must be
 * able to go on afterwards. No link is followed and no file that exists is handed over: the folder's owner could have
 * made it point at a file of root's.
 */
import { fchownSync, fstatSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";

/** User and group, as numbers. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Writes a new file that only its owner reads; fails with EEXIST when there is one. Defaults to the folder's owner. */
export async function createOwnedFile(
  path: string,
  text: string,
  owner: FileOwner | null = folderOwner(path),
): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    if (owner) await handle.chown(owner.uid, owner.gid);
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

/** Hands a file that was opened, and is new, to the folder's owner. */
export function handOver(file: number, path: string): void {
  const owner = folderOwner(path);
  if (owner && fstatSync(file).size === 0) fchownSync(file, owner.uid, owner.gid);
}

/** Whom the folder of `path` belongs to, when this process is root and may act for others; else null. */
function folderOwner(path: string): FileOwner | null {
  if (process.geteuid?.() !== 0) return null;
  const { uid, gid } = statSync(dirname(path));
  return { uid, gid };
}
