/**
 * The thread that copies one file of this machine: reads, digests and writes with calls that block, which is the least
 * work there is for it, and syncs at the end. See `local-copy.ts` for who starts it.
 */
import { createHash } from "node:crypto";
import {
  fdatasync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readSync,
  writeSync,
  type BigIntStats,
} from "node:fs";
import { promisify } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import type { CopyOrder, CopyOutcome } from "./local-copy.ts";

const PIECE_BYTES = 1024 * 1024;
/** So much is written before a thread of the pool has it synced, in bytes: little is left for the end. */
const SYNC_AHEAD_BYTES = 32 * 1024 * 1024;
const sync = promisify(fdatasync);

/** Whose call of the file system failed. */
let side: "source" | "copy" = "copy";

async function copy({
  sourcePath,
  path,
  maxBytes,
  copied,
  isStopped,
}: CopyOrder): Promise<CopyOutcome> {
  const target = openSync(path, "wx", 0o600);
  side = "source";
  const source = openSync(sourcePath, "r");
  const begun = fstatSync(source, { bigint: true });
  const hash = createHash("sha256");
  const piece = new Uint8Array(PIECE_BYTES);
  const syncs: Promise<void>[] = [];
  for (let bytes = 0, unsynced = 0; ;) {
    side = "source";
    const count = readSync(source, piece);
    side = "copy";
    if (count === 0) {
      // What is read while it is cut or written anew is neither the file of before nor that of after.
      if (isChanged(begun, fstatSync(source, { bigint: true }))) return { kind: "changed" };
      fdatasyncSync(target);
      // The kernel tells a failure once: what an earlier sync was told is not told again.
      await Promise.all(syncs);
      return { kind: "copied", bytes, sha256: hash.digest("hex") };
    }
    bytes += count;
    if (bytes > maxBytes) return { kind: "too_large" };
    if (Atomics.load(isStopped, 0) === 1) return { kind: "stopped" };
    hash.update(piece.subarray(0, count));
    for (let at = 0; at < count;) at += writeSync(target, piece, at, count - at);
    Atomics.store(copied, 0, BigInt(bytes));
    unsynced += count;
    if (unsynced < SYNC_AHEAD_BYTES) continue;
    unsynced = 0;
    syncs.push(syncAhead(target));
  }
}

function isChanged(before: BigIntStats, after: BigIntStats): boolean {
  return before.size !== after.size || before.mtimeNs !== after.mtimeNs;
}

/** A failure is told at the end, or not at all when something else fails before. */
function syncAhead(file: number): Promise<void> {
  const syncing = sync(file);
  syncing.catch(() => undefined);
  return syncing;
}

function failureOf(error: unknown): CopyOutcome {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  return { kind: "failed", side, code, message: String(error) };
}

const order = workerData as CopyOrder; // by `beginLocalCopy`
parentPort?.postMessage(await copy(order).catch(failureOf));
