/**
 * Unfinished exports, in the folder `exports` of the folder of files: one folder a job, one file a segment. The result
 * is put together there too, so that it takes its final name by a rename within one file system.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, rmdir, type FileHandle } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SluiceError } from "../core/errors.ts";
import type { AssembledResult, ExportFiles, SegmentPiece } from "../core/export-ports.ts";
import { onDisk, syncFolder } from "./folder-writing.ts";
import { openSegmentWriter } from "./segment-writer.ts";

const FOLDER_NAME = "exports";
const JOB_ID = /^job_[0-9a-hjkmnp-tv-z]{26}$/;
const SEGMENT = /^\d+-[0-9a-f-]{36}$/;
const FILE_ID = /^file_[0-9a-hjkmnp-tv-z]{26}$/;
const COPY_BYTES = 4 * 1024 * 1024;

/** Keeps exports in the folder of files `dir`. Any number of threads and processes may work on it. */
export function createExportFolder(dir: string): ExportFiles {
  const folder = resolve(dir);
  const folderOf = (jobId: string): string => {
    if (!JOB_ID.test(jobId)) throw badName(jobId);
    return join(folder, FOLDER_NAME, jobId);
  };
  const pathOf = (jobId: string, segment: string): string => {
    if (!SEGMENT.test(segment)) throw badName(segment);
    return join(folderOf(jobId), segment);
  };
  return {
    openSegment: async (jobId, segment, compression) => {
      const path = pathOf(jobId, segment);
      await onDisk(path, () => mkdir(folderOf(jobId), { recursive: true, mode: 0o700 }));
      const handle = await onDisk(path, () => open(path, "wx", 0o600));
      return openSegmentWriter(handle, path, compression);
    },
    removeSegment: async (jobId, segment) => {
      const path = pathOf(jobId, segment);
      await onDisk(path, () => rm(path, { force: true }));
      // Where it was the last, the folder may have been made by who came after a stop.
      await rmdir(folderOf(jobId)).catch(() => undefined); // others are in it, or it is gone
    },
    assemble: (jobId, pieces, head = new Uint8Array(0)) =>
      assemble(folder, join(folderOf(jobId), `result-${randomUUID()}`), {
        folder: folderOf(jobId),
        pieces,
        head,
      }),
    removeJob: async (jobId, resultFile) => {
      if (resultFile !== null) {
        if (!FILE_ID.test(resultFile)) throw badName(resultFile);
        const path = join(folder, resultFile);
        await onDisk(path, () => rm(path, { force: true }));
      }
      const path = folderOf(jobId);
      await onDisk(path, () => rm(path, { recursive: true, force: true }));
    },
    listJobs: async () => {
      try {
        return (await readdir(join(folder, FOLDER_NAME))).filter((name) => JOB_ID.test(name));
      } catch {
        return []; // there never was an export
      }
    },
  };
}

function badName(name: string): SluiceError {
  return new SluiceError("internal", `Expected an id that Sluice has made, got "${name}".`);
}

async function assemble(
  folder: string,
  path: string,
  from: {
    readonly folder: string;
    readonly pieces: readonly SegmentPiece[];
    readonly head: Uint8Array;
  },
): Promise<AssembledResult> {
  await onDisk(path, () => mkdir(from.folder, { recursive: true, mode: 0o700 }));
  const handle = await onDisk(path, () => open(path, "wx", 0o600));
  const discard = async (): Promise<void> => {
    await onDisk(path, () => rm(path, { force: true }));
    await rmdir(from.folder).catch(() => undefined); // segments are in it, or it is gone
  };
  try {
    const hash = createHash("sha256");
    let bytes = from.head.length;
    await onDisk(path, () => handle.writeFile(from.head));
    hash.update(from.head);
    const buffers = [Buffer.allocUnsafe(COPY_BYTES), Buffer.allocUnsafe(COPY_BYTES)] as const;
    for (const piece of from.pieces) {
      await copyPiece(join(from.folder, piece.segment), piece, {
        to: handle,
        path,
        hash,
        buffers,
      });
      bytes += piece.bytes;
    }
    await onDisk(path, () => handle.sync());
    const sha256 = hash.digest("hex");
    return { bytes, sha256, discard, accept: (fileId) => accept(folder, path, fileId) };
  } catch (error) {
    await discard().catch(() => undefined); // the first error is the one to tell
    throw error;
  } finally {
    await handle.close();
  }
}

async function accept(folder: string, path: string, fileId: string): Promise<void> {
  if (!FILE_ID.test(fileId)) throw badName(fileId);
  const final = join(folder, fileId);
  await onDisk(final, () => rename(path, final));
  await onDisk(final, () => syncFolder(folder));
}

interface CopyTarget {
  readonly to: FileHandle;
  readonly path: string;
  readonly hash: ReturnType<typeof createHash>;
  /** One is filled while the other is written. */
  readonly buffers: readonly [Buffer, Buffer];
}

async function copyPiece(from: string, piece: SegmentPiece, target: CopyTarget): Promise<void> {
  const { to, path, hash, buffers } = target;
  const source = await openPiece(from);
  let writing: Promise<unknown> = Promise.resolve();
  try {
    let left = piece.bytes;
    let at = piece.from ?? 0;
    let turn = 0;
    while (left > 0) {
      const buffer = buffers[turn % 2 === 0 ? 0 : 1];
      turn += 1;
      const wanted = Math.min(left, buffer.length);
      const { bytesRead } = await onDisk(from, () => source.read(buffer, 0, wanted, at));
      if (bytesRead === 0) throw pieceGone(from);
      left -= bytesRead;
      at += bytesRead;
      const read = buffer.subarray(0, bytesRead);
      await writing;
      writing = onDisk(path, () => to.writeFile(read));
      writing.catch(() => undefined); // awaited in the next turn, or below
      hash.update(read);
    }
    await writing;
  } finally {
    await writing.catch(() => undefined);
    await source.close();
  }
}

async function openPiece(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") throw pieceGone(path);
    return onDisk(path, () => Promise.reject(error as Error));
  }
}

function pieceGone(path: string): SluiceError {
  return new SluiceError(
    "source_changed",
    `A piece of the export is gone or was shortened: ${path}. Stop the job and export again.`,
  );
}
