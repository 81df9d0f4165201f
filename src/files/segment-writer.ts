/**
 * Appends to one segment. Bytes are written in order behind the back of the caller, who is asked to wait when too many
 * are in hand. What lies between two calls of `sync` is a unit that can be unpacked by itself: a member of gzip, a frame
 * of zstd; such units may follow each other in one file.
 */
import { once } from "node:events";
import type { FileHandle } from "node:fs/promises";
import type { Transform } from "node:stream";
import zlib from "node:zlib";
import type { Compression } from "../core/export-plan.ts";
import type { SegmentWriter } from "../core/export-ports.ts";
import { onDisk } from "./folder-writing.ts";

/** More bytes than this in hand are waited for. */
const MOST_IN_HAND = 4 * 1024 * 1024;

/** Of Node 22.15 and later; the types are those of the oldest Node that is supported. */
interface ZstdMaker {
  readonly createZstdCompress?: () => Transform;
}

/** Whether this Node can write a packing. */
export function canCompress(compression: Compression): boolean {
  return compression !== "zstd" || (zlib as ZstdMaker).createZstdCompress !== undefined;
}

function makePacker(compression: Compression): Transform | null {
  switch (compression) {
    case "none":
      return null;
    case "gzip":
      return zlib.createGzip();
    case "zstd":
      return (zlib as ZstdMaker).createZstdCompress?.() ?? null;
    default:
      return compression satisfies never;
  }
}

/** Writes to a file that was just made, and owns its handle. */
export function openSegmentWriter(
  handle: FileHandle,
  path: string,
  compression: Compression,
): SegmentWriter {
  let length = 0;
  let inHand = 0;
  let packer: Transform | null = null;
  let tail: Promise<void> = Promise.resolve();
  let closing: Promise<void> | null = null;

  const append = (bytes: Uint8Array): void => {
    length += bytes.length;
    inHand += bytes.length;
    const before = tail;
    tail = (async () => {
      await before;
      await onDisk(path, () => handle.writeFile(bytes));
      inHand -= bytes.length;
    })();
    tail.catch(() => undefined); // told by the next call that waits
  };

  const openUnit = (): Transform | null => {
    const made = makePacker(compression);
    made?.on("data", append);
    return made;
  };

  return {
    get bytes() {
      return length;
    },
    write: (block) => {
      if (block.length === 0) return undefined;
      if (compression === "none") {
        append(block);
        return inHand > MOST_IN_HAND ? tail : undefined;
      }
      packer ??= openUnit();
      if (packer === null || packer.write(block)) return undefined;
      return once(packer, "drain").then(() => (inHand > MOST_IN_HAND ? tail : undefined));
    },
    sync: async () => {
      if (packer !== null) {
        const unit = packer;
        packer = null;
        unit.end();
        await once(unit, "end");
      }
      const end = length;
      await tail;
      await onDisk(path, () => handle.datasync());
      return end;
    },
    close: () =>
      (closing ??= (async () => {
        packer?.destroy();
        await tail.catch(() => undefined);
        await handle.close();
      })()),
  };
}
