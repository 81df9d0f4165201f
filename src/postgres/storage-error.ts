/** What the file system refuses, in words for people. */
import { SluiceError } from "../core/errors.ts";

/**
 * The error to throw for a failed file operation under `path`: `storage_full` when there is no space,
 * `storage_failed` for any other refusal. What does not come from the file system is returned as it is.
 */
export function storageError(error: unknown, path: string): unknown {
  if (error instanceof SluiceError || !(error instanceof Error) || !("syscall" in error))
    return error;
  const code = "code" in error ? String(error.code) : "unknown";
  const details = { path, code };
  if (code === "ENOSPC" || code === "EDQUOT")
    return new SluiceError("storage_full", noSpace(path), { details, cause: error });
  if (code === "EROFS")
    return new SluiceError("storage_failed", readOnly(path), { details, cause: error });
  if (code === "EACCES" || code === "EPERM")
    return new SluiceError("storage_failed", noPermission(path), { details, cause: error });
  const message = `Expected to read and write ${path}, but the system answered ${code}. Check the disk and the path.`;
  return new SluiceError("storage_failed", message, { details, cause: error });
}

/** The sentence for a full disk. */
export function noSpace(path: string): string {
  return `There is no space left on the disk of ${path}. Free some, or set SLUICE_DIR to a folder on another disk.`;
}

function readOnly(path: string): string {
  return `The disk of ${path} is read-only. Make it writable, or set SLUICE_DIR to a folder on another disk.`;
}

/** The sentence for a folder that may not be written. */
export function noPermission(path: string): string {
  return `Sluice may not write ${path}. Give this user the permission, or set SLUICE_DIR to another folder.`;
}
