/** Folders that Sluice makes for itself. */
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { storageError } from "./storage-error.ts";

/**
 * Makes the folder and those above it, for their owner alone; one that exists is left as it is. Node's own recursive
 * `mkdir` tries without end where a file system takes no folders, as /proc does, and hides the reason of the system.
 * Errors: `storage_full`, `storage_failed`.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await make(path);
  } catch (error) {
    throw storageError(error, path);
  }
}

/** Makes a folder with a file in `folder`, which exists, and removes both. Errors: `storage_full`, `storage_failed`. */
export async function checkWritable(folder: string): Promise<void> {
  let tried: string | null = null;
  try {
    tried = await mkdtemp(join(folder, ".sluice-check-"));
    await writeFile(join(tried, "file"), "x");
  } catch (error) {
    throw hasCode(error, "ENOENT") ? impossible(folder) : storageError(error, folder);
  } finally {
    if (tried !== null) await rm(tried, { recursive: true, force: true });
  }
}

async function make(path: string): Promise<void> {
  const code = await tryMake(path);
  if (code === null) return;
  const parent = dirname(path);
  if (code !== "ENOENT" || parent === path || (await isFolder(parent))) throw impossible(path);
  await make(parent);
  if ((await tryMake(path)) !== null) throw impossible(path);
}

/** Null when the folder is there afterwards; else the code, of those that are no error of the disk or of rights. */
async function tryMake(path: string): Promise<"ENOENT" | "EEXIST" | null> {
  try {
    await mkdir(path, { mode: 0o700 });
    return null;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return (await isFolder(path)) ? null : "EEXIST";
    if (hasCode(error, "ENOENT")) return "ENOENT";
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function impossible(path: string): SluiceError {
  return new SluiceError(
    "storage_failed",
    `No folder can be made at ${path}: there is a file in its place, or the file system takes no folders. ` +
      "Set SLUICE_DIR to another folder.",
    { details: { path } },
  );
}
